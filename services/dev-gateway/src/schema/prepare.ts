import { randomBytes, randomUUID } from 'node:crypto';
import { invalidOption, schemaViolation } from '../errors/admin-error.ts';
import { mergeOver, withDefaults } from './defaults.ts';
import type { EntitySchema } from './entity.ts';
import type { FieldErrors, FieldSchema, FieldTable, PlainRecord, RecordSchema } from './field.ts';
import { isPlainRecord } from './field.ts';
import { subschemasOf } from './registry.ts';
import { dropShorthands, resolveShorthands, showShorthands } from './shorthand.ts';
import { decidingValue } from './subschema.ts';
import { recordErrors } from './validate.ts';

const PASSWORD_CHARACTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** 32 letters and digits, as Kong makes up keys. */
function randomText(): string {
  const most = 256 - (256 % PASSWORD_CHARACTERS.length);
  let text = '';
  while (text.length < 32) {
    for (const byte of randomBytes(32)) {
      if (byte < most && text.length < 32)
        text += PASSWORD_CHARACTERS.charAt(byte % PASSWORD_CHARACTERS.length);
    }
  }
  return text;
}

/** The tables of one entity, complete with those that depend on one of its fields. */
export interface ResolvedSchema extends RecordSchema {
  readonly entity: EntitySchema;
}

/**
 * The tables that judge this entity.
 *
 * @throws AdminError (schema violation) when the field that decides is missing or no table is for its value
 */
export function resolveSchema(entity: EntitySchema, input: PlainRecord): ResolvedSchema {
  const { fields, entity_checks: checks } = entity;
  const subschemas = subschemasOf(entity.name);
  if (subschemas === undefined) return { entity, fields, entity_checks: checks };
  const given =
    input[subschemas.key] ?? (input[subschemas.key] === null ? null : fields[subschemas.key]?.default);
  if (given === undefined || given === null)
    throw schemaViolation({ [subschemas.key]: 'required field missing' });
  const value = decidingValue(subschemas, given);
  const found = subschemas.find(value);
  if (found === undefined) throw schemaViolation({ [subschemas.key]: subschemas.unknown(value) });
  return {
    entity,
    fields: { ...fields, ...found.fields },
    entity_checks: [...checks, ...found.entity_checks],
  };
}

const nowOf = (field: FieldSchema, nowMs: number): number =>
  field.type === 'number' ? nowMs / 1000 : Math.floor(nowMs / 1000);

function withAutoFields(fields: FieldTable, entity: PlainRecord, nowMs: number): PlainRecord {
  const output = { ...entity };
  for (const [name, field] of Object.entries(fields)) {
    if (field.auto !== true) continue;
    if (name === 'updated_at') output[name] = nowOf(field, nowMs);
    else if (output[name] !== undefined && output[name] !== null) continue;
    else if (field.uuid === true) output[name] = randomUUID();
    else if (field.timestamp === true) output[name] = nowOf(field, nowMs);
    else output[name] = randomText();
  }
  return output;
}

const shorthandsOf = (fields: FieldTable): readonly [string, FieldSchema][] =>
  Object.entries(fields).filter(([, field]) => field.shorthand_fields !== undefined);

function expandInput(
  schema: ResolvedSchema,
  input: PlainRecord,
  isNew: boolean,
): { expanded: PlainRecord; errors: FieldErrors } {
  const expanded: PlainRecord = schema.entity.expand?.(input, isNew) ?? { ...input };
  const errors: FieldErrors = {};
  for (const [name, field] of shorthandsOf(schema.fields)) {
    const given = expanded[name];
    if (!isPlainRecord(given)) continue;
    const resolved = resolveShorthands(field, given);
    expanded[name] = resolved.record;
    if (Object.keys(resolved.errors).length > 0) errors[name] = resolved.errors;
  }
  return { expanded, errors };
}

function judge(
  schema: ResolvedSchema,
  entity: PlainRecord,
  shorthandErrors: FieldErrors,
  isUpdate: boolean,
): void {
  const errors: FieldErrors = { ...shorthandErrors, ...recordErrors(schema, entity) };
  const { ttl, ...others } = errors;
  if (ttl !== undefined && schema.fields.ttl !== undefined && Object.keys(others).length === 0) {
    throw invalidOption('ttl', 'must be an integer between 0 and 100000000');
  }
  if (Object.keys(errors).length === 0) return;
  const ofEntity = errors['@entity'];
  if (isUpdate && Array.isArray(ofEntity)) {
    errors['@entity'] = ofEntity.map((text) =>
      String(text).startsWith('at least one of') ? `when updating, ${text}` : text,
    );
  }
  throw schemaViolation(errors);
}

const finish = (schema: ResolvedSchema, entity: PlainRecord): PlainRecord => {
  const output = { ...entity };
  for (const [name, field] of shorthandsOf(schema.fields)) {
    const record = output[name];
    if (isPlainRecord(record)) output[name] = showShorthands(field, record);
  }
  return output;
};

/**
 * Makes a complete entity out of what a client sent: shorthands resolved, defaults filled in, validated, identifier and
 * timestamps set.
 *
 * @throws AdminError (schema violation)
 */
export function prepareNew(entity: EntitySchema, input: PlainRecord, nowMs: number): PlainRecord {
  const schema = resolveSchema(entity, input);
  const { expanded, errors } = expandInput(schema, input, true);
  const filled = withDefaults(schema.fields, expanded);
  judge(schema, filled, errors, false);
  const complete = withAutoFields(schema.fields, filled, nowMs);
  return finish(schema, entity.derive?.(complete, expanded) ?? complete);
}

/**
 * Lays a client's changes over a stored entity. An identifier among them must be one, and changes nothing.
 *
 * @throws AdminError (schema violation)
 */
export function prepareChange(
  entity: EntitySchema,
  stored: PlainRecord,
  input: PlainRecord,
  nowMs: number,
): PlainRecord {
  const schema = resolveSchema(entity, { ...stored, ...input });
  const { expanded, errors } = expandInput(schema, input, false);
  const base = { ...stored };
  for (const [name, field] of shorthandsOf(schema.fields)) {
    const record = base[name];
    if (isPlainRecord(record)) base[name] = dropShorthands(field, record);
  }
  const merged = withDefaults(schema.fields, mergeOver(schema.fields, base, expanded));
  judge(schema, merged, errors, true);
  const complete = withAutoFields(schema.fields, { ...merged, id: stored.id }, nowMs);
  return finish(schema, entity.derive?.(complete, expanded) ?? complete);
}

/** Judges without writing, for `POST /schemas/{entity}/validate`. */
export function validateOnly(entity: EntitySchema, input: PlainRecord, nowMs: number): void {
  prepareNew(entity, input, nowMs);
}
