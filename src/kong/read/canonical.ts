import { KINDS, type Kind } from '../model/kinds.ts';
import { Sealed } from '../model/sealed.ts';
import { comparable, type Fields, isFields, revealed, type Value } from '../model/value.ts';
import type { EntitySchema, FieldSchema, Schemas } from './entity-schema.ts';
import { FIXED_SCHEMAS } from './entity-schema.ts';

/**
 * One form for what the file says and what Kong says, so that only real differences differ: defaults filled in from Kong's own
 * schemas, old names of fields translated to the new ones, lists whose order means nothing sorted, secrets sealed.
 */
export function canonicalEntity(kind: Kind, fields: Fields, schemas: Schemas): Fields {
  const { secrets } = KINDS[kind];
  const schema = schemaOf(kind, fields, schemas);
  const canonical = canonicalRecord(schema.fields, [], fields);
  for (const field of ['id', 'created_at', 'updated_at']) delete canonical[field];
  for (const field of secrets) {
    const value = canonical[field];
    if (typeof value === 'string') canonical[field] = new Sealed(value);
  }
  return kind === 'upstream' ? upstreamAsKongKeepsIt(canonical) : canonical;
}

/** What Kong said, without the old names that it shows beside the new ones: sent back, they would be said twice. */
export function withoutOldNames(kind: Kind, fields: Fields, schemas: Schemas): Fields {
  const strip = (known: FieldSchema['fields'], given: Fields): Fields =>
    Object.fromEntries(
      Object.entries(given).map(([name, value]) => {
        const schema = byName(known ?? NO_FIELDS).get(name);
        if (schema?.type !== 'record' || !isFields(value)) return [name, value];
        const old = new Set(
          Object.values(schema.shorthand_fields ?? []).flatMap((field) => Object.keys(field)),
        );
        const kept = Object.fromEntries(Object.entries(value).filter(([below]) => !old.has(below)));
        return [name, strip(schema.fields, kept)];
      }),
    );
  return strip(schemaOf(kind, fields, schemas).fields, fields);
}

/** Every entity of a kind has the same schema, and there are many. */
function remembered<Key extends object, Made>(make: (key: Key) => Made): (key: Key) => Made {
  const made = new WeakMap<Key, Made>();
  return (key) => {
    if (!made.has(key)) made.set(key, make(key));
    return made.get(key) as Made;
  };
}

const byName = remembered(
  // Kong writes an empty list as an empty map.
  (fields: NonNullable<FieldSchema['fields']>) =>
    new Map(Object.values(fields).flatMap((field) => Object.entries(field))),
);

const wholeSchemas = remembered((_schemas: Schemas) => new Map<string, EntitySchema>());

/** The fields that a plugin or a vault of one name has of its own, inside the frame of all of them. */
const OWN_FIELDS = ['config', 'protocols'];

function schemaOf(kind: Kind, fields: Fields, schemas: Schemas): EntitySchema {
  const frame = FIXED_SCHEMAS[kind] ?? schemas.kinds[kind] ?? { fields: [] };
  if (kind !== 'plugin' && kind !== 'vault') return frame;
  const name = String(fields.name);
  const own = (kind === 'plugin' ? schemas.plugins : schemas.vaults)[name]?.fields;
  if (own === undefined) return frame;
  const known = wholeSchemas(schemas);
  const isOwn = (field: object) => OWN_FIELDS.some((owned) => owned in field);
  const schema = known.get(`${kind} ${name}`) ?? {
    fields: [...frame.fields.filter((field) => !isOwn(field)), ...own.filter(isOwn)],
  };
  known.set(`${kind} ${name}`, schema);
  return schema;
}

const HASHES_NEVER: ReadonlySet<unknown> = new Set(['least-connections', 'latency']);

/** What `hash_on` says decides, except for an algorithm that never hashes. */
function upstreamAsKongKeepsIt(fields: Record<string, Value>): Fields {
  const hashOn = revealed(fields.hash_on ?? null) ?? 'none';
  const algorithm = revealed(fields.algorithm ?? null);
  if (HASHES_NEVER.has(algorithm)) return { ...fields, hash_on: 'none' };
  const settled = hashOn === 'none' ? 'round-robin' : 'consistent-hashing';
  // One that Kong does not know stays, for Kong to refuse.
  const isKnown = algorithm === 'round-robin' || algorithm === 'consistent-hashing';
  return isKnown && algorithm !== settled ? { ...fields, algorithm: settled } : fields;
}

const NO_FIELDS: NonNullable<FieldSchema['fields']> = [];

function canonicalRecord(
  fields: FieldSchema['fields'],
  shorthands: FieldSchema['shorthand_fields'],
  given: Fields,
): Record<string, Value> {
  const translated = withoutShorthands(shorthands ?? [], given);
  const known = byName(fields ?? NO_FIELDS);
  const canonical: Record<string, Value> = {};
  for (const [name, schema] of known) canonical[name] = canonicalValue(schema, translated[name]);
  // What the schema does not know is kept: Kong will say what is wrong with it.
  for (const [name, value] of Object.entries(translated)) {
    if (!known.has(name)) canonical[name] = loose(value);
  }
  return canonical;
}

/** Old names become the new ones they stand for; Kong shows both, and the new one is the truth. */
function withoutShorthands(shorthands: readonly Readonly<Record<string, unknown>>[], given: Fields): Fields {
  const result: Record<string, Value> = { ...given };
  for (const [name, shorthand] of Object.values(shorthands).flatMap((entry) => Object.entries(entry))) {
    if (!(name in given)) continue;
    const { translate_backwards, deprecation } = shorthand as {
      translate_backwards?: readonly string[];
      deprecation?: { replaced_with?: readonly { path: readonly string[] }[] };
    };
    const path = translate_backwards ?? deprecation?.replaced_with?.[0]?.path;
    if (path === undefined) continue;
    const value = given[name];
    delete result[name];
    if (value != null && valueAt(given, path) == null) place(result, path, value);
  }
  return result;
}

const valueAt = (fields: Fields, path: readonly string[]): Value | undefined =>
  path.reduce<Value | undefined>((node, key) => (isFields(node) ? node[key] : undefined), fields);

function place(target: Record<string, Value>, path: readonly string[], value: Value): void {
  const [key, ...rest] = path;
  if (key === undefined) return;
  if (rest.length === 0) {
    target[key] = value;
    return;
  }
  const below = target[key];
  const copy: Record<string, Value> = isFields(below) ? { ...below } : {};
  place(copy, rest, value);
  target[key] = copy;
}

/** Most fields of most entities are not given. */
const canonicalDefault = remembered((schema: FieldSchema) => {
  const value = withDefault(schema);
  return value === null ? null : canonicalGiven(schema, value);
});

function canonicalValue(schema: FieldSchema, given: Value | undefined): Value {
  if (given === undefined || (given === null && schema.required === true)) return canonicalDefault(schema);
  return given === null ? null : canonicalGiven(schema, given);
}

function canonicalGiven(schema: FieldSchema, value: Exclude<Value, null>): Value {
  if (value instanceof Sealed) return sealedAs(schema, value);
  switch (schema.type) {
    case 'record':
      return isFields(value) ? canonicalRecord(schema.fields, schema.shorthand_fields, value) : value;
    case 'array':
    case 'set':
      return canonicalList(schema, value);
    case 'map':
      return canonicalMap(schema, value);
    case 'foreign':
      return typeof value === 'string' ? { id: value } : value;
    default:
      return schema.encrypted === true && typeof value === 'string' ? new Sealed(value) : loose(value);
  }
}

function withDefault(schema: FieldSchema): Value {
  if (schema.default !== undefined) return schema.default as Value;
  // A required record exists even where nothing of it was given: its fields have defaults of their own.
  return schema.type === 'record' && schema.required === true ? {} : null;
}

/** Kong shows an empty list now and then as an empty map, and none at all where a list is empty. */
function canonicalList(schema: FieldSchema, value: Value): Value {
  const items = Array.isArray(value)
    ? value
    : isFields(value) && Object.keys(value).length === 0
      ? []
      : undefined;
  if (items === undefined) return loose(value);
  if (items.length === 0) return null;
  const elements = schema.elements ?? { type: 'string' };
  const canonical = items.map((item: Value) => canonicalValue(elements, item));
  return schema.type === 'set' || elements.type !== 'record' ? inOrder(canonical) : canonical;
}

function canonicalMap(schema: FieldSchema, value: Value): Value {
  if (Array.isArray(value) && value.length === 0) return null;
  if (!isFields(value)) return loose(value);
  const entries = Object.entries(value);
  if (entries.length === 0) return null;
  const { values } = schema;
  return Object.fromEntries(
    entries.map(([key, below]) => [key, values === undefined ? loose(below) : canonicalValue(values, below)]),
  );
}

const sealedAs = (schema: FieldSchema, value: Sealed): Sealed =>
  schema.type === 'integer' || schema.type === 'number'
    ? value.as('number')
    : schema.type === 'boolean'
      ? value.as('boolean')
      : value;

const inOrder = (items: readonly Value[]): Value =>
  items
    .map((item) => ({ item, key: comparable(item) }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ item }) => item);

/** A value without a schema: only lists of plain values lose their order. */
function loose(value: Value): Value {
  if (Array.isArray(value)) {
    if (value.length === 0) return null;
    return value.some(isFields) ? value.map(loose) : inOrder(value);
  }
  if (isFields(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, below]) => [key, loose(below)]));
  }
  return value;
}
