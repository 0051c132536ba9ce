/** The tables as maps, with the rules that PostgreSQL keeps for the other storage. */
import {
  primaryKeyViolation,
  stillReferenced,
  uniqueViolation,
  unknownParent,
} from '../errors/admin-error.ts';
import type { EntitySchema } from '../schema/entity.ts';
import { isPlainRecord, type PlainRecord } from '../schema/field.ts';
import { ENTITIES } from '../schema/registry.ts';
import type { Condition, Page, PageRequest, Tables, TagFilter, TagPage, TagRequest } from './tables.ts';

interface Row {
  readonly entity: PlainRecord;
  /** Grows with each new row, over all tables. */
  readonly position: number;
  /** Milliseconds since the epoch; undefined lives for ever. */
  readonly expiresAt: number | undefined;
}

export type RowsByEntity = ReadonlyMap<string, ReadonlyMap<string, Row>>;

const idOf = (reference: unknown): string | null =>
  isPlainRecord(reference) && typeof reference.id === 'string' ? reference.id : null;

/** What a rule or a condition compares: of a reference its identifier, and null for what is not given. */
const comparable = (schema: EntitySchema, entity: PlainRecord, field: string): unknown =>
  schema.fields[field]?.type === 'foreign' ? idOf(entity[field]) : (entity[field] ?? null);

const tagsOf = ({ tags }: PlainRecord): readonly string[] => (Array.isArray(tags) ? tags : []);

const hasTags = (entity: PlainRecord, { tags, isAnyEnough }: TagFilter): boolean => {
  const own = tagsOf(entity);
  return isAnyEnough ? tags.some((tag) => own.includes(tag)) : tags.every((tag) => own.includes(tag));
};

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const isAlive = ({ expiresAt }: Row): boolean => expiresAt === undefined || expiresAt > Date.now();

const shown = (schema: EntitySchema, { entity, expiresAt }: Row): PlainRecord => {
  if (schema.fields.ttl === undefined) return entity;
  const ttl = expiresAt === undefined ? null : Math.ceil((expiresAt - Date.now()) / 1000);
  return { ...entity, ttl };
};

/** As it comes back from a database: JSON, without what is kept elsewhere. */
const stored = (schema: EntitySchema, entity: PlainRecord): PlainRecord =>
  JSON.parse(
    JSON.stringify(
      Object.fromEntries(Object.entries(entity).filter(([name]) => schema.fields[name]?.transient !== true)),
    ),
  );

/** The sets of fields that are unique together, in the order in which PostgreSQL looks at them. */
const uniqueSets = (schema: EntitySchema): readonly (readonly string[])[] => [
  ...Object.entries(schema.fields).flatMap(([name, field]) => (field.unique === true ? [[name]] : [])),
  ...(schema.uniqueTogether ?? []),
];

export class MemoryTables implements Tables {
  #rows: RowsByEntity;
  readonly #copied = new Map<string, Map<string, Row>>();

  constructor(rows: RowsByEntity) {
    this.#rows = rows;
  }

  /** All rows, with the changes made here. */
  get rows(): RowsByEntity {
    return this.#rows;
  }

  async findOne(schema: EntitySchema, conditions: readonly Condition[]): Promise<PlainRecord | undefined> {
    const row = this.#living(schema).find(({ entity }) => this.#meets(schema, entity, conditions));
    return row && shown(schema, row);
  }

  async findPage(schema: EntitySchema, request: PageRequest): Promise<Page> {
    const { conditions, tagFilter, size, after, isNewestFirst } = request;
    const isBehind = ({ entity, position }: Row): boolean =>
      after === undefined || (isNewestFirst ? position < Number(after) : String(entity.id) > after);
    const rows = this.#living(schema)
      .filter((row) => isBehind(row) && this.#meets(schema, row.entity, conditions))
      .filter(({ entity }) => tagFilter === undefined || hasTags(entity, tagFilter))
      .sort((a, b) =>
        isNewestFirst ? b.position - a.position : byText(String(a.entity.id), String(b.entity.id)),
      );
    const page = rows.slice(0, size);
    const last = rows.length > size ? page.at(-1) : undefined;
    return {
      entities: page.map((row) => shown(schema, row)),
      next: last && String(isNewestFirst ? last.position : last.entity.id),
    };
  }

  async findAll(schema: EntitySchema): Promise<readonly PlainRecord[]> {
    return this.#living(schema)
      .sort((a, b) => a.position - b.position)
      .map((row) => shown(schema, row));
  }

  async findTags({ tag, size, after }: TagRequest): Promise<TagPage> {
    const entries = ENTITIES.flatMap((schema) =>
      this.#living(schema).flatMap(({ entity }) =>
        tagsOf(entity).map((own) => ({ entity_name: schema.name, entity_id: String(entity.id), tag: own })),
      ),
    )
      .filter((entry) => tag === undefined || entry.tag === tag)
      .sort((a, b) => byText(a.entity_id, b.entity_id) || byText(a.tag, b.tag))
      .filter(
        (entry) =>
          after === undefined || (byText(entry.entity_id, after.id) || byText(entry.tag, after.tag)) > 0,
      );
    return { entries: entries.slice(0, size), isMore: entries.length > size };
  }

  async insert(schema: EntitySchema, entity: PlainRecord): Promise<PlainRecord> {
    if (this.#rowOf(schema, String(entity.id)) !== undefined) throw primaryKeyViolation({ id: entity.id });
    return this.#put(schema, entity);
  }

  async replace(schema: EntitySchema, entity: PlainRecord): Promise<PlainRecord> {
    return this.#put(schema, entity);
  }

  async remove(schema: EntitySchema, id: string): Promise<boolean> {
    if (this.#rowOf(schema, id) === undefined) return false;
    this.#writable(schema).delete(id);
    for (const child of ENTITIES) {
      for (const [field, { reference, on_delete: rule }] of Object.entries(child.fields)) {
        if (reference !== schema.name) continue;
        const children = this.#living(child).filter(({ entity }) => idOf(entity[field]) === id);
        if (children.length === 0) continue;
        if (rule !== 'cascade' && child.goesWith !== field) throw stillReferenced(schema.name, child.name);
        for (const { entity } of children) await this.remove(child, String(entity.id));
      }
    }
    return true;
  }

  #put(schema: EntitySchema, entity: PlainRecord): PlainRecord {
    const id = String(entity.id);
    const others = this.#living(schema).filter((row) => row.entity.id !== id);
    for (const fields of uniqueSets(schema)) {
      const value = fields.map((name) => comparable(schema, entity, name));
      if (fields.length === 1 && value[0] === null) continue;
      const isTaken = others.some((row) =>
        fields.every((name, index) => comparable(schema, row.entity, name) === value[index]),
      );
      if (isTaken)
        throw uniqueViolation(Object.fromEntries(fields.map((name) => [name, entity[name] ?? null])));
    }
    for (const [name, { reference }] of Object.entries(schema.fields)) {
      const parent = idOf(entity[name]);
      if (reference === undefined || parent === null) continue;
      if (!this.#rows.get(reference)?.has(parent)) throw unknownParent(name, entity[name], reference);
    }
    const { ttl } = entity;
    const row: Row = {
      entity: stored(schema, entity),
      position: this.#rowOf(schema, id)?.position ?? this.#nextPosition(),
      expiresAt: typeof ttl === 'number' && ttl > 0 ? Date.now() + ttl * 1000 : undefined,
    };
    this.#writable(schema).set(id, row);
    return shown(schema, row);
  }

  #nextPosition(): number {
    let last = 0;
    for (const table of this.#rows.values())
      for (const { position } of table.values()) last = Math.max(last, position);
    return last + 1;
  }

  #rowOf(schema: EntitySchema, id: string): Row | undefined {
    const row = this.#rows.get(schema.name)?.get(id);
    return row && isAlive(row) ? row : undefined;
  }

  #living(schema: EntitySchema): Row[] {
    return [...(this.#rows.get(schema.name)?.values() ?? [])].filter(isAlive);
  }

  #meets(schema: EntitySchema, entity: PlainRecord, conditions: readonly Condition[]): boolean {
    return conditions.every(({ field, value }) => {
      const isIdentifier = schema.fields[field]?.uuid === true || schema.fields[field]?.type === 'foreign';
      return comparable(schema, entity, field) === (isIdentifier ? value.toLowerCase() : value);
    });
  }

  /** The table's own copy, made at the first change: readers of before go on with what they have. */
  #writable(schema: EntitySchema): Map<string, Row> {
    const known = this.#copied.get(schema.name);
    if (known !== undefined) return known;
    const copy = new Map([...(this.#rows.get(schema.name) ?? [])].filter(([, row]) => isAlive(row)));
    this.#copied.set(schema.name, copy);
    this.#rows = new Map([...this.#rows, [schema.name, copy]]);
    return copy;
  }
}
