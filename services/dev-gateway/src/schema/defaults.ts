import type { FieldSchema, FieldTable, PlainRecord } from './field.ts';
import { isPlainRecord } from './field.ts';

function filledValue(field: FieldSchema, given: unknown): unknown {
  let value = given;
  if (value === undefined) {
    if (field.default !== undefined) value = structuredClone(field.default);
    else if (field.type === 'record' && field.required === true) value = {};
    else return field.required === true ? undefined : null;
  }
  if (field.type === 'record' && field.fields !== undefined && isPlainRecord(value)) {
    return withDefaults(field.fields, value);
  }
  if (field.type !== 'array' && field.type !== 'set') return value;
  // An empty JSON object and an empty list are the same thing to Kong.
  if (isPlainRecord(value) && Object.keys(value).length === 0) return [];
  return Array.isArray(value) ? filledList(field, value) : value;
}

function filledList(field: FieldSchema, values: readonly unknown[]): unknown[] {
  const { elements } = field;
  if (elements?.type === 'record')
    return values.map((value) => filledValue({ ...elements, required: true }, value));
  return field.type === 'set' ? [...new Set(values)] : [...values];
}

/**
 * The input with every field of the table: what was not given gets its default, or null when nothing is required.
 * A required field without a default stays absent, and a field that the table does not know stays as it is, so that
 * validation can speak of both.
 */
export function withDefaults(fields: FieldTable, input: PlainRecord): PlainRecord {
  const output: PlainRecord = { ...input };
  for (const [name, field] of Object.entries(fields)) {
    if (field.auto === true && field.default === undefined) continue;
    const value = filledValue(field, input[name]);
    if (value === undefined) delete output[name];
    else output[name] = value;
  }
  return output;
}

/** The stored entity with the given fields laid over it; records are merged field by field, lists are replaced. */
export function mergeOver(fields: FieldTable, stored: PlainRecord, given: PlainRecord): PlainRecord {
  const output: PlainRecord = { ...stored, ...given };
  for (const [name, field] of Object.entries(fields)) {
    const [before, after] = [stored[name], given[name]];
    if (
      field.type === 'record' &&
      field.fields !== undefined &&
      isPlainRecord(before) &&
      isPlainRecord(after)
    ) {
      output[name] = mergeOver(field.fields, before, after);
    }
  }
  return output;
}
