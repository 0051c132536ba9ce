import { runEntityChecks } from './entity-checks.ts';
import type { FieldError, FieldErrors, FieldSchema, PlainRecord, RecordSchema } from './field.ts';
import { isPlainRecord } from './field.ts';
import { isUuid, violatedConstraint } from './validators.ts';
import { isVaultReference } from './vault-reference.ts';

const REQUIRED = 'required field missing';

const listOf = (errors: readonly (FieldError | undefined)[]): FieldError | undefined => {
  const last = errors.findLastIndex((error) => error !== undefined);
  if (last === -1) return undefined;
  return errors.slice(0, last + 1).map((error) => error ?? null);
};

function wrongElements(field: FieldSchema, values: readonly unknown[]): FieldError | undefined {
  const { elements } = field;
  if (elements === undefined) return undefined;
  return listOf(values.map((value) => wrongField({ ...elements, required: true }, value)));
}

function wrongEntries(field: FieldSchema, map: PlainRecord): FieldError | undefined {
  // The first failure stands for the whole map, without its key.
  for (const [key, value] of Object.entries(map)) {
    const failure =
      (field.keys && wrongField({ ...field.keys, required: true }, key)) ??
      (field.values && wrongField({ ...field.values, required: true }, value));
    if (failure !== undefined) return failure;
  }
  return undefined;
}

function wrongReference(value: unknown): FieldError | undefined {
  const id = isPlainRecord(value) ? value.id : undefined;
  if (id === undefined) return { id: 'missing primary key' };
  if (id === null) return { id: 'required field missing' };
  if (typeof id !== 'string') return { id: 'expected a string' };
  return isUuid(id) ? undefined : { id: 'expected a valid UUID' };
}

function wrongType(field: FieldSchema, value: unknown): FieldError | undefined {
  switch (field.type) {
    case 'string':
      return typeof value === 'string' ? undefined : 'expected a string';
    case 'boolean':
      return typeof value === 'boolean' ? undefined : 'expected a boolean';
    case 'number':
      return typeof value === 'number' && Number.isFinite(value) ? undefined : 'expected a number';
    case 'integer':
      return Number.isInteger(value) ? undefined : 'expected an integer';
    case 'array':
    case 'set': {
      if (!Array.isArray(value)) return field.type === 'array' ? 'expected an array' : 'expected a set';
      return wrongElements(field, value);
    }
    case 'map':
      return isPlainRecord(value) ? wrongEntries(field, value) : 'expected a map';
    case 'record': {
      if (!isPlainRecord(value)) return 'expected a record';
      if (field.fields === undefined) return undefined;
      return recordErrors({ fields: field.fields, entity_checks: field.entity_checks ?? [] }, value);
    }
    case 'foreign':
      return wrongReference(value);
  }
}

/** The error of one value by its field's schema, in Kong's words; undefined when it is fine. */
export function wrongField(field: FieldSchema, value: unknown): FieldError | undefined {
  if (value === null || value === undefined) return field.required === true ? REQUIRED : undefined;
  if (field.eq === null) return field.err ?? 'value must be null';
  if (field.referenceable === true && isVaultReference(value)) return undefined;
  return wrongType(field, value) ?? (field.type === 'foreign' ? undefined : violatedConstraint(field, value));
}

/**
 * Judges an entity (defaults filled in) by its table.
 *
 * @returns errors by field, those of rules across fields under `@entity`; undefined when there is none
 */
export function recordErrors(schema: RecordSchema, entity: PlainRecord): FieldErrors | undefined {
  const errors: FieldErrors = {};
  for (const name of Object.keys(entity)) {
    if (schema.fields[name] === undefined) errors[name] = 'unknown field';
  }
  for (const [name, field] of Object.entries(schema.fields)) {
    if (field.auto === true && entity[name] === undefined) continue;
    const failure = wrongField(field, entity[name]);
    if (failure !== undefined) errors[name] = failure;
  }
  runEntityChecks(schema.entity_checks, schema.fields, entity, errors, wrongField);
  return Object.keys(errors).length === 0 ? undefined : errors;
}
