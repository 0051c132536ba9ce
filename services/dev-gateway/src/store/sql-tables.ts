import { stillReferenced } from '../errors/admin-error.ts';
import type { EntitySchema } from '../schema/entity.ts';
import type { PlainRecord } from '../schema/field.ts';
import { ENTITIES } from '../schema/registry.ts';
import type { Queryable } from './database.ts';
import { SCHEMA } from './migrations.ts';
import { fromRow, living, quoted, type StoredRow, selection, toRow } from './row.ts';
import type { Condition, Page, PageRequest, Tables } from './tables.ts';
import { findTags } from './tags.ts';
import { referencingEntity, writeViolation } from './violations.ts';

const table = (schema: EntitySchema): string => `${SCHEMA}.${schema.name}`;

function where(schema: EntitySchema, conditions: readonly Condition[], values: unknown[]): string {
  const parts = conditions.map(({ field, value }) => {
    values.push(value);
    const column = schema.fields[field]?.type === 'foreign' ? `${field}_id` : field;
    return `${quoted(column)} = $${values.length}`;
  });
  return [living(schema), ...parts].join(' and ');
}

/** The first entity that meets all conditions; `isLocked` holds it against other writers until the transaction ends. */
async function findOne(
  connection: Queryable,
  schema: EntitySchema,
  conditions: readonly Condition[],
  isLocked = false,
): Promise<PlainRecord | undefined> {
  const values: unknown[] = [];
  const condition = where(schema, conditions, values);
  const { rows } = await connection.query<StoredRow>(
    `select ${selection(schema)} from ${table(schema)} where ${condition} limit 1${isLocked ? ' for update' : ''}`,
    values,
  );
  return rows[0] === undefined ? undefined : fromRow(schema, rows[0]);
}

async function write(
  connection: Queryable,
  schema: EntitySchema,
  entity: PlainRecord,
  onConflict: (columns: readonly string[]) => string,
): Promise<PlainRecord> {
  const { columns, values } = toRow(schema, entity);
  const names = columns.map(quoted).join(', ');
  const places = columns.map((_, index) => `$${index + 1}`).join(', ');
  try {
    if (schema.fields.ttl !== undefined) {
      await connection.query(`delete from ${table(schema)} where expires_at <= now()`);
    }
    const { rows } = await connection.query<StoredRow>(
      `insert into ${table(schema)} (${names}) values (${places})${onConflict(columns)} returning ${selection(schema)}`,
      values,
    );
    const [row] = rows;
    if (row === undefined) throw new Error(`writing into ${schema.name} answered no row`);
    return fromRow(schema, row);
  } catch (error) {
    throw writeViolation(schema, entity, error) ?? error;
  }
}

/**
 * Adds a complete entity.
 *
 * @throws AdminError (unique, primary or foreign key violation)
 */
const insert = (connection: Queryable, schema: EntitySchema, entity: PlainRecord): Promise<PlainRecord> =>
  write(connection, schema, entity, () => '');

/** Adds a complete entity or puts it in the place of the one with its identifier. Throws as `insert` does. */
const replace = (connection: Queryable, schema: EntitySchema, entity: PlainRecord): Promise<PlainRecord> =>
  write(connection, schema, entity, (columns) => {
    const changes = columns
      .filter((name) => name !== 'id')
      .map((name) => `${quoted(name)} = excluded.${quoted(name)}`);
    return ` on conflict (id) do update set ${changes.join(', ')}`;
  });

/**
 * Deletes by identifier, with everything that cannot live without it.
 *
 * @throws AdminError when others refer to it
 */
async function remove(connection: Queryable, schema: EntitySchema, id: string): Promise<boolean> {
  try {
    const { rowCount } = await connection.query(`delete from ${table(schema)} where id = $1`, [id]);
    return rowCount > 0;
  } catch (error) {
    const child = referencingEntity(error);
    throw child === undefined ? error : stillReferenced(schema.name, child);
  }
}

/** One page of a collection, in order of identifiers or the newest first. */
async function findPage(connection: Queryable, schema: EntitySchema, request: PageRequest): Promise<Page> {
  const values: unknown[] = [];
  const parts = [where(schema, request.conditions, values)];
  if (request.tagFilter !== undefined) {
    values.push(request.tagFilter.tags);
    parts.push(`tags ${request.tagFilter.isAnyEnough ? '&&' : '@>'} $${values.length}::text[]`);
  }
  if (request.after !== undefined) {
    values.push(request.after);
    parts.push(request.isNewestFirst ? `position < $${values.length}` : `id > $${values.length}`);
  }
  values.push(request.size + 1);
  const order = request.isNewestFirst ? 'position desc' : 'id';
  const { rows } = await connection.query<StoredRow>(
    `select ${selection(schema)} from ${table(schema)} where ${parts.join(' and ')}
     order by ${order} limit $${values.length}`,
    values,
  );
  const shown = rows.slice(0, request.size);
  const last = rows.length > request.size ? shown.at(-1) : undefined;
  const cursor = last && String(request.isNewestFirst ? last.position : last.body.id);
  return { entities: shown.map((row) => fromRow(schema, row)), next: cursor };
}

/** Everything there is, in order of creation. */
async function findAll(connection: Queryable, schema: EntitySchema): Promise<PlainRecord[]> {
  const { rows } = await connection.query<StoredRow>(
    `select ${selection(schema)} from ${table(schema)} where ${living(schema)} order by position`,
  );
  return rows.map((row) => fromRow(schema, row));
}

/** The tables in PostgreSQL, through one connection. */
export const sqlTables = (connection: Queryable): Tables => ({
  findOne: (...request) => findOne(connection, ...request),
  findPage: (...request) => findPage(connection, ...request),
  findAll: (schema) => findAll(connection, schema),
  findTags: (request) => findTags(connection, ENTITIES, request),
  insert: (schema, entity) => insert(connection, schema, entity),
  replace: (schema, entity) => replace(connection, schema, entity),
  remove: (schema, id) => remove(connection, schema, id),
});
