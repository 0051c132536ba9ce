import type { EntitySchema } from '../schema/entity.ts';
import type { PlainRecord } from '../schema/field.ts';
import { isPlainRecord } from '../schema/field.ts';

/** How an entity lies in its table: whole as JSON, and beside it the columns that rules and filters look at. */
export interface Row {
  readonly columns: readonly string[];
  readonly values: readonly unknown[];
}

export const quoted = (column: string): string => `"${column}"`;

const idOf = (reference: unknown): string | null =>
  isPlainRecord(reference) && typeof reference.id === 'string' ? reference.id : null;

/** The fields that are unique together where one of them may be null. */
const scopeFields = ({ fields, uniqueTogether }: EntitySchema): readonly string[] | undefined =>
  uniqueTogether?.find((names) =>
    names.some((name) => fields[name]?.type === 'foreign' && fields[name]?.required !== true),
  );

/** One text for what a plugin is attached to: SQL holds two nulls for different, Kong holds them for equal. */
const scopeOf = (entity: PlainRecord, names: readonly string[]): string =>
  names.map((name) => (isPlainRecord(entity[name]) ? idOf(entity[name]) : entity[name]) ?? '').join(':');

function ruleColumns(schema: EntitySchema, entity: PlainRecord): [string, unknown][] {
  const columns: [string, unknown][] = [];
  for (const [name, field] of Object.entries(schema.fields)) {
    if (field.type === 'foreign') columns.push([`${name}_id`, idOf(entity[name])]);
    else if (field.unique === true) columns.push([name, entity[name]]);
  }
  const scope = scopeFields(schema);
  if (scope !== undefined) columns.push(['scope', scopeOf(entity, scope)]);
  else {
    const together = (schema.uniqueTogether ?? [])
      .flat()
      .filter((name) => schema.fields[name]?.type === 'string');
    for (const name of new Set(together)) columns.push([name, entity[name]]);
  }
  if (schema.fields.ttl !== undefined) columns.push(['expires_at', expiryOf(entity)]);
  return columns;
}

function expiryOf(entity: PlainRecord): Date | null {
  return typeof entity.ttl === 'number' && entity.ttl > 0 ? new Date(Date.now() + entity.ttl * 1000) : null;
}

/** Splits an entity into columns; fields that are kept elsewhere are left out. */
export function toRow(schema: EntitySchema, entity: PlainRecord): Row {
  const kept = Object.entries(entity).filter(([name]) => schema.fields[name]?.transient !== true);
  const body = JSON.stringify(Object.fromEntries(kept));
  const columns: [string, unknown][] = [
    ['id', entity.id],
    ['tags', entity.tags ?? null],
    ['body', body],
    ...ruleColumns(schema, entity),
  ];
  return { columns: columns.map(([name]) => name), values: columns.map(([, value]) => value) };
}

export interface StoredRow {
  readonly body: PlainRecord;
  readonly position: string | number;
  /** Seconds that are left to live; only of entities that can expire. */
  readonly seconds_left?: string | number | null;
}

/** The columns to read an entity back from. */
export const selection = (schema: EntitySchema): string =>
  schema.fields.ttl === undefined
    ? 'body, position'
    : 'body, position, ceil(extract(epoch from expires_at - now())) as seconds_left';

/** A condition that hides what has expired. */
export const living = (schema: EntitySchema): string =>
  schema.fields.ttl === undefined ? 'true' : '(expires_at is null or expires_at > now())';

export function fromRow(schema: EntitySchema, row: StoredRow): PlainRecord {
  if (schema.fields.ttl === undefined) return row.body;
  const seconds = row.seconds_left;
  if (seconds === null || seconds === undefined) return { ...row.body, ttl: null };
  // A transaction's now() is the moment it began, a little before the end of life was computed: nothing lives longer than it was given.
  const given = typeof row.body.ttl === 'number' ? row.body.ttl : Number.POSITIVE_INFINITY;
  return { ...row.body, ttl: Math.min(Number(seconds), given) };
}
