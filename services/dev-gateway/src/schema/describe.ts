import type { FieldSchema, FieldTable, RecordSchema } from './field.ts';

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Not a field of Kong's tables: how long an entity may live is said beside it. */
const LIFETIME = 'ttl';

/** A list of tables with one key each: how a schema shows fields whose order matters. */
const listed = (fields: FieldTable): Json =>
  Object.entries(fields)
    .filter(([name]) => name !== LIFETIME)
    .map(([name, field]) => ({ [name]: shown(field) }));

function shown(value: unknown, key = ''): Json {
  if (
    value === null ||
    typeof value === 'boolean' ||
    typeof value === 'number' ||
    typeof value === 'string'
  ) {
    return value;
  }
  if (Array.isArray(value)) return value.map((item) => shown(item));
  if (typeof value !== 'object') return null;
  const entries = Object.entries(value).filter(
    ([, part]) => part !== undefined && typeof part !== 'function',
  );
  if (key === 'fields' || key === 'shorthand_fields') {
    return entries.map(([name, part]) => ({ [name]: shown(part) }));
  }
  return Object.fromEntries(entries.map(([name, part]) => [name, shown(part, name)]));
}

/** A table as `GET /schemas/...` shows it: everything but the functions. */
export const describeSchema = (schema: RecordSchema): Json => ({
  fields: listed(schema.fields),
  entity_checks: schema.entity_checks.map((check) => shown(check)),
});

/** One field as a schema shows it. */
export const describeField = (field: FieldSchema): Json => shown(field);
