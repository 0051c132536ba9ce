import { AdminError, missingEntity, notFound } from '../errors/admin-error.ts';
import type { EntitySchema } from '../schema/entity.ts';
import type { PlainRecord } from '../schema/field.ts';
import { isPlainRecord } from '../schema/field.ts';
import { prepareChange, prepareNew } from '../schema/prepare.ts';
import { isUuid } from '../schema/validators.ts';
import type { ConfigurationStore } from '../store/configuration-store.ts';
import type { Queryable } from '../store/database.ts';
import {
  type Condition,
  findOne,
  findPage,
  insert,
  remove,
  replace,
  type TagFilter,
} from '../store/entity-store.ts';
import { hooksOf } from './hooks.ts';
import { resolveParents } from './parents.ts';

/** The entity above in the path: `/services/{services}/routes` works on the routes of one service. */
export interface Scope {
  readonly parent: EntitySchema;
  /** The field of the child that refers to the parent. */
  readonly field: string;
  /** What stood in the path for the parent. */
  readonly key: string;
}

export interface ListRequest {
  readonly size: number;
  readonly after: string | undefined;
  readonly tagFilter: TagFilter | undefined;
  readonly filters: readonly Condition[];
  readonly isNewestFirst: boolean;
}

export interface ListAnswer {
  readonly entities: readonly PlainRecord[];
  readonly next: string | undefined;
}

const referenceId = (reference: unknown): string | undefined =>
  isPlainRecord(reference) && typeof reference.id === 'string' ? reference.id : undefined;

/** What clients may do with one kind of entity. Every method throws an AdminError when it cannot be done. */
export class EntityOperations {
  readonly #schema: EntitySchema;
  readonly #store: ConfigurationStore;

  constructor(schema: EntitySchema, store: ConfigurationStore) {
    this.#schema = schema;
    this.#store = store;
  }

  list(request: ListRequest, scope?: Scope): Promise<ListAnswer> {
    return this.#store.read(async (connection) => {
      const parent = scope && (await this.#requireParent(connection, scope));
      const conditions = scope && parent ? [{ field: scope.field, value: String(parent.id) }] : [];
      const { filters, ...rest } = request;
      const page = await findPage(connection, this.#schema, {
        ...rest,
        conditions: [...conditions, ...filters],
      });
      return { entities: await this.#complete(connection, page.entities), next: page.next };
    });
  }

  get(key: string, scope?: Scope): Promise<PlainRecord> {
    return this.#store.read(async (connection) => {
      const found = await this.#find(connection, key, scope);
      if (found === undefined) throw notFound();
      return this.#completeOne(connection, found);
    });
  }

  create(input: PlainRecord, scope?: Scope): Promise<PlainRecord> {
    return this.#store.write(this.#schema, false, async (connection) => {
      const given = await this.#given(connection, input, scope);
      return this.#write(connection, given, insert);
    });
  }

  /** Puts an entity in the place that the key names, whether one is there or not. */
  async put(key: string, input: PlainRecord, scope?: Scope): Promise<PlainRecord> {
    const attempt = () =>
      this.#store.write(this.#schema, false, async (connection) => {
        const given = await this.#given(connection, input, scope);
        const existing = await this.#find(connection, key, undefined, true);
        if (existing !== undefined && scope !== undefined && !this.#isWithin(existing, given, scope))
          throw notFound();
        const named =
          isUuid(key) || this.#schema.endpointKey === undefined ? {} : { [this.#schema.endpointKey]: key };
        const id = isUuid(key) ? key.toLowerCase() : existing?.id;
        return this.#write(connection, { ...given, ...named, ...(id === undefined ? {} : { id }) }, replace);
      });
    try {
      return await attempt();
    } catch (error) {
      // Two clients that put the same new name at once: the later one finds what the earlier one made.
      const isRace = error instanceof AdminError && error.status === 409 && !isUuid(key);
      if (
        isRace &&
        isPlainRecord(error.body.fields) &&
        error.body.fields[this.#schema.endpointKey ?? ''] === key
      ) {
        return attempt();
      }
      throw error;
    }
  }

  patch(key: string, input: PlainRecord, scope?: Scope): Promise<PlainRecord> {
    return this.#store.write(this.#schema, false, async (connection) => {
      const stored = await this.#find(connection, key, scope, true);
      if (stored === undefined) throw scope === undefined ? missingEntity(this.#keyFields(key)) : notFound();
      const given = await resolveParents(connection, this.#schema, input);
      const hooks = hooksOf(this.#schema.name);
      await hooks.judgeGiven?.(connection, { ...stored, ...given }, given);
      const entity = prepareChange(this.#schema, stored, given, Date.now());
      await hooks.beforeWrite?.(connection, entity, given);
      const written = await replace(connection, this.#schema, entity);
      await hooks.afterWrite?.(connection, written, given);
      return this.#completeOne(connection, written);
    });
  }

  /** Deletes; what is not there counts as deleted, unless it was looked for below a parent. */
  delete(key: string, scope?: Scope): Promise<void> {
    return this.#store.write(this.#schema, true, async (connection) => {
      const found = await this.#find(connection, key, scope);
      if (found !== undefined) await remove(connection, this.#schema, String(found.id));
      else if (scope !== undefined) throw notFound();
    });
  }

  /** The entity behind a key of a path, without what lies elsewhere; undefined when there is none. */
  find(connection: Queryable, key: string): Promise<PlainRecord | undefined> {
    return this.#find(connection, key);
  }

  async #write(connection: Queryable, given: PlainRecord, write: typeof insert): Promise<PlainRecord> {
    const hooks = hooksOf(this.#schema.name);
    await hooks.judgeGiven?.(connection, given, given);
    const entity = prepareNew(this.#schema, given, Date.now());
    await hooks.beforeWrite?.(connection, entity, given);
    const written = await write(connection, this.#schema, entity);
    await hooks.afterWrite?.(connection, written, given);
    return this.#completeOne(connection, written);
  }

  async #given(connection: Queryable, input: PlainRecord, scope: Scope | undefined): Promise<PlainRecord> {
    const parent = scope && (await this.#requireParent(connection, scope));
    const given = await resolveParents(connection, this.#schema, input);
    return scope && parent ? { ...given, [scope.field]: { id: parent.id } } : given;
  }

  async #requireParent(connection: Queryable, scope: Scope): Promise<PlainRecord> {
    const parent = await new EntityOperations(scope.parent, this.#store).find(connection, scope.key);
    if (parent === undefined) throw notFound();
    return parent;
  }

  #isWithin(entity: PlainRecord, given: PlainRecord, scope: Scope): boolean {
    return referenceId(entity[scope.field]) === referenceId(given[scope.field]);
  }

  async #find(
    connection: Queryable,
    key: string,
    scope?: Scope,
    isLocked = false,
  ): Promise<PlainRecord | undefined> {
    const parent = scope && (await this.#requireParent(connection, scope));
    const conditions = await this.#conditions(
      connection,
      key,
      parent && scope ? { parent, scope } : undefined,
    );
    return conditions === undefined ? undefined : findOne(connection, this.#schema, conditions, isLocked);
  }

  async #conditions(
    connection: Queryable,
    key: string,
    within: { parent: PlainRecord; scope: Scope } | undefined,
  ): Promise<Condition[] | undefined> {
    const parts =
      within === undefined ? [] : [{ field: within.scope.field, value: String(within.parent.id) }];
    if (isUuid(key)) return [{ field: 'id', value: key }, ...parts];
    if (this.#schema.endpointKey !== undefined)
      return [{ field: this.#schema.endpointKey, value: key }, ...parts];
    const id = await hooksOf(this.#schema.name).findId?.(connection, key);
    return id === undefined ? undefined : [{ field: 'id', value: id }, ...parts];
  }

  #keyFields(key: string): PlainRecord {
    return isUuid(key) || this.#schema.endpointKey === undefined
      ? { id: key }
      : { [this.#schema.endpointKey]: key };
  }

  async #complete(connection: Queryable, entities: readonly PlainRecord[]): Promise<readonly PlainRecord[]> {
    return hooksOf(this.#schema.name).complete?.(connection, entities) ?? entities;
  }

  async #completeOne(connection: Queryable, entity: PlainRecord): Promise<PlainRecord> {
    const [complete] = await this.#complete(connection, [entity]);
    return complete ?? entity;
  }
}
