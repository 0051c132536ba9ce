import {
  AdminError,
  invalidPrimaryKey,
  invalidUnique,
  missingEntity,
  notFound,
} from '../errors/admin-error.ts';
import type { EntitySchema } from '../schema/entity.ts';
import type { PlainRecord } from '../schema/field.ts';
import { isPlainRecord } from '../schema/field.ts';
import { prepareChange, prepareNew } from '../schema/prepare.ts';
import { wrongField } from '../schema/validate.ts';
import { isUuid } from '../schema/validators.ts';
import type { ConfigurationStore } from '../store/configuration-store.ts';
import type { Condition, Tables, TagFilter } from '../store/tables.ts';
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

/** What clients may do with one kind of entity. Every method throws an AdminError when it cannot be done. */
export class EntityOperations {
  readonly #schema: EntitySchema;
  readonly #store: ConfigurationStore;

  constructor(schema: EntitySchema, store: ConfigurationStore) {
    this.#schema = schema;
    this.#store = store;
  }

  list(request: ListRequest, scope?: Scope): Promise<ListAnswer> {
    return this.#store.read(async (tables) => {
      const parent = scope && (await this.#requireParent(tables, scope));
      const conditions = scope && parent ? [{ field: scope.field, value: String(parent.id) }] : [];
      const { filters, ...rest } = request;
      const page = await tables.findPage(this.#schema, {
        ...rest,
        conditions: [...conditions, ...filters],
      });
      return { entities: await this.#complete(tables, page.entities), next: page.next };
    });
  }

  get(key: string, scope?: Scope): Promise<PlainRecord> {
    return this.#store.read(async (tables) => {
      const found = await this.#find(tables, key, scope);
      if (found === undefined) throw notFound();
      return this.#completeOne(tables, found);
    });
  }

  create(input: PlainRecord, scope?: Scope): Promise<PlainRecord> {
    return this.#store.write(this.#schema, false, async (tables) => {
      const given = await this.#given(tables, input, scope);
      return this.#write(tables, given, 'insert');
    });
  }

  /** Puts an entity in the place that the key names, whether one is there or not. */
  async put(key: string, input: PlainRecord, scope?: Scope): Promise<PlainRecord> {
    const attempt = () =>
      this.#store.write(this.#schema, false, async (tables) => {
        const sent = hooksOf(this.#schema.name).readGiven?.(input, key) ?? input;
        const given = await this.#given(tables, sent, scope);
        const existing = await this.#find(tables, key, undefined, true, true);
        const named =
          isUuid(key) || this.#schema.endpointKey === undefined ? {} : { [this.#schema.endpointKey]: key };
        const id = isUuid(key) ? key.toLowerCase() : existing?.id;
        return this.#write(tables, { ...given, ...named, ...(id === undefined ? {} : { id }) }, 'replace');
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

  /**
   * Lays changes over a stored entity.
   *
   * @param read makes the changes out of the request; what a form means depends on what is stored
   */
  patch(key: string, read: (stored: PlainRecord) => PlainRecord, scope?: Scope): Promise<PlainRecord> {
    return this.#store.write(this.#schema, false, async (tables) => {
      const stored = await this.#find(tables, key, scope, true);
      const isNameNeeded = this.#schema.name === 'plugins' && read({}).name === undefined;
      if (stored === undefined) {
        throw scope === undefined && !isNameNeeded ? missingEntity(this.#keyFields(key)) : notFound();
      }
      const hooks = hooksOf(this.#schema.name);
      const sent = read(stored);
      const given = await resolveParents(tables, this.#schema, hooks.readGiven?.(sent, undefined) ?? sent);
      await hooks.judgeGiven?.(tables, { ...stored, ...given }, given);
      const entity = prepareChange(this.#schema, stored, given, Date.now());
      await hooks.beforeWrite?.(tables, entity, given);
      const written = await tables.replace(this.#schema, entity);
      await hooks.afterWrite?.(tables, written, given);
      return this.#completeOne(tables, written);
    });
  }

  /** Deletes; what is not there counts as deleted, unless it was looked for below a parent. */
  delete(key: string, scope?: Scope): Promise<void> {
    return this.#store.write(this.#schema, true, async (tables) => {
      const found = await this.#find(tables, key, scope);
      if (found !== undefined) {
        await hooksOf(this.#schema.name).beforeRemove?.(tables, found);
        await tables.remove(this.#schema, String(found.id));
      } else if (scope !== undefined) throw notFound();
    });
  }

  /** The entity behind a key of a path, without what lies elsewhere; undefined when there is none. */
  find(tables: Tables, key: string): Promise<PlainRecord | undefined> {
    return this.#find(tables, key);
  }

  async #write(tables: Tables, given: PlainRecord, how: 'insert' | 'replace'): Promise<PlainRecord> {
    const hooks = hooksOf(this.#schema.name);
    await hooks.judgeGiven?.(tables, given, given);
    const entity = prepareNew(this.#schema, given, Date.now());
    await hooks.beforeWrite?.(tables, entity, given);
    const written = await tables[how](this.#schema, entity);
    await hooks.afterWrite?.(tables, written, given);
    return this.#completeOne(tables, written);
  }

  async #given(tables: Tables, input: PlainRecord, scope: Scope | undefined): Promise<PlainRecord> {
    const parent = scope && (await this.#requireParent(tables, scope));
    const given = await resolveParents(tables, this.#schema, input);
    return scope && parent ? { ...given, [scope.field]: { id: parent.id } } : given;
  }

  async #requireParent(tables: Tables, scope: Scope): Promise<PlainRecord> {
    const parent = await new EntityOperations(scope.parent, this.#store).find(tables, scope.key);
    if (parent === undefined) throw notFound();
    return parent;
  }

  async #find(
    tables: Tables,
    key: string,
    scope?: Scope,
    isLocked = false,
    isNewAllowed = false,
  ): Promise<PlainRecord | undefined> {
    const parent = scope && (await this.#requireParent(tables, scope));
    const conditions = await this.#conditions(tables, key, parent && scope ? { parent, scope } : undefined);
    if (conditions !== undefined) return tables.findOne(this.#schema, conditions, isLocked);
    const unknown = isNewAllowed ? undefined : hooksOf(this.#schema.name).unknownKey?.();
    if (unknown !== undefined) throw unknown;
    return undefined;
  }

  async #conditions(
    tables: Tables,
    key: string,
    within: { parent: PlainRecord; scope: Scope } | undefined,
  ): Promise<Condition[] | undefined> {
    const parts =
      within === undefined ? [] : [{ field: within.scope.field, value: String(within.parent.id) }];
    if (isUuid(key)) return [{ field: 'id', value: key }, ...parts];
    const { endpointKey } = this.#schema;
    if (endpointKey !== undefined) {
      const field = this.#schema.fields[endpointKey];
      const failure = field && wrongField(field, key);
      if (typeof failure === 'string') throw invalidUnique(endpointKey, failure);
      return [{ field: endpointKey, value: key }, ...parts];
    }
    const { findId } = hooksOf(this.#schema.name);
    if (findId === undefined) throw invalidPrimaryKey({ id: 'expected a valid UUID' });
    const id = await findId(tables, key);
    return id === undefined ? undefined : [{ field: 'id', value: id }, ...parts];
  }

  #keyFields(key: string): PlainRecord {
    return isUuid(key) || this.#schema.endpointKey === undefined
      ? { id: key }
      : { [this.#schema.endpointKey]: key };
  }

  async #complete(tables: Tables, entities: readonly PlainRecord[]): Promise<readonly PlainRecord[]> {
    return hooksOf(this.#schema.name).complete?.(tables, entities) ?? entities;
  }

  async #completeOne(tables: Tables, entity: PlainRecord): Promise<PlainRecord> {
    const [complete] = await this.#complete(tables, [entity]);
    return complete ?? entity;
  }
}
