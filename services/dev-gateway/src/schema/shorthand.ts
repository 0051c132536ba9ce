import type { FieldErrors, FieldSchema, PlainRecord } from './field.ts';
import { isPlainRecord, readPath } from './field.ts';
import { wrongField } from './validate.ts';

function writePath(
  record: PlainRecord,
  [head = '', ...rest]: readonly string[],
  value: unknown,
): PlainRecord {
  if (rest.length === 0) return { ...record, [head]: value };
  const nested = record[head];
  return { ...record, [head]: writePath(isPlainRecord(nested) ? nested : {}, rest, value) };
}

/**
 * Moves values given under old names to where they belong now.
 *
 * @returns the record without old names, and what is wrong with the values that came under them
 */
export function resolveShorthands(
  field: FieldSchema,
  given: PlainRecord,
): { record: PlainRecord; errors: FieldErrors } {
  const errors: FieldErrors = {};
  let record: PlainRecord = { ...given };
  for (const [name, shorthand] of Object.entries(field.shorthand_fields ?? {})) {
    const value = record[name];
    delete record[name];
    if (value === undefined) continue;
    const { type } = shorthand;
    const failure = wrongField(
      type === 'string' ? { type, len_min: shorthand.len_min ?? 1 } : { type },
      value,
    );
    const path = shorthand.translate_backwards;
    const current = readPath(given, path.join('.'));
    if (failure !== undefined) errors[name] = failure;
    else if (current === undefined || (current === null && value !== null))
      record = writePath(record, path, value);
    else if (value !== null && current !== value) {
      errors['@entity'] = [
        `both deprecated and new field are used but their values mismatch: ${name} = ${value} vs ${path.join('.')} = ${current}`,
      ];
    }
  }
  return { record, errors };
}

/** The record with its old names beside the new ones, as it is stored and shown. */
export function showShorthands(field: FieldSchema, record: PlainRecord): PlainRecord {
  const old = Object.entries(field.shorthand_fields ?? {}).map(([name, { translate_backwards: path }]) => [
    name,
    readPath(record, path.join('.')) ?? null,
  ]);
  return { ...record, ...Object.fromEntries(old) };
}

/** The record without its old names, so that a change under either name is seen as what it is. */
export function dropShorthands(field: FieldSchema, record: PlainRecord): PlainRecord {
  const old = new Set(Object.keys(field.shorthand_fields ?? {}));
  return Object.fromEntries(Object.entries(record).filter(([name]) => !old.has(name)));
}
