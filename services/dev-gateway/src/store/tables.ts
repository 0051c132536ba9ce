/** The ports to whatever keeps the entities. `SqlStorage` keeps them in PostgreSQL, `MemoryStorage` in this process. */
import type { EntitySchema } from '../schema/entity.ts';
import type { PlainRecord } from '../schema/field.ts';

/** A field and the value it must have: a foreign field by the parent's identifier, any other as it stands. */
export interface Condition {
  readonly field: string;
  readonly value: string;
}

export interface TagFilter {
  readonly tags: readonly string[];
  readonly isAnyEnough: boolean;
}

export interface PageRequest {
  readonly conditions: readonly Condition[];
  readonly tagFilter: TagFilter | undefined;
  readonly size: number;
  /** The identifier, or with the newest first the position, after which the page starts. */
  readonly after: string | undefined;
  readonly isNewestFirst: boolean;
}

export interface Page {
  readonly entities: readonly PlainRecord[];
  /** Where the next page starts; undefined at the end. */
  readonly next: string | undefined;
}

export interface TagEntry {
  readonly entity_name: string;
  readonly entity_id: string;
  readonly tag: string;
}

export interface TagRequest {
  /** Undefined asks for all tags. */
  readonly tag: string | undefined;
  readonly size: number;
  readonly after: { readonly id: string; readonly tag: string } | undefined;
}

export interface TagPage {
  readonly entries: readonly TagEntry[];
  readonly isMore: boolean;
}

/** The tables of all kinds of entities, as one transaction sees them. What has expired is not there. */
export interface Tables {
  /** The first entity that meets all conditions; `isLocked` holds it against other writers until the transaction ends. */
  findOne(
    schema: EntitySchema,
    conditions: readonly Condition[],
    isLocked?: boolean,
  ): Promise<PlainRecord | undefined>;
  /** One page of a collection, in order of identifiers or the newest first. */
  findPage(schema: EntitySchema, request: PageRequest): Promise<Page>;
  /** Everything there is, in order of creation. */
  findAll(schema: EntitySchema): Promise<readonly PlainRecord[]>;
  /** One page of the tags of all entities, in order of identifiers and then of tags. */
  findTags(request: TagRequest): Promise<TagPage>;
  /**
   * Adds a complete entity.
   *
   * @throws AdminError (unique, primary or foreign key violation)
   */
  insert(schema: EntitySchema, entity: PlainRecord): Promise<PlainRecord>;
  /** Adds a complete entity or puts it in the place of the one with its identifier. Throws as `insert` does. */
  replace(schema: EntitySchema, entity: PlainRecord): Promise<PlainRecord>;
  /**
   * Deletes by identifier, with everything that cannot live without it.
   *
   * @throws AdminError when others refer to it
   */
  remove(schema: EntitySchema, id: string): Promise<boolean>;
}

export interface ChangeHandlers {
  /** Another process has changed entities of these kinds. */
  onChange(entities: readonly string[]): void;
  /** Changes may have been missed. */
  onReconnect(): void;
}

export interface Storage {
  /** For `GET /`: what Kong calls the database. */
  readonly description: Readonly<Record<string, unknown>>;
  read<Result>(work: (tables: Tables) => Promise<Result>): Promise<Result>;
  /** Reads as of one moment. */
  readTogether<Result>(work: (tables: Tables) => Promise<Result>): Promise<Result>;
  /**
   * Runs a change in one transaction, all of it or nothing, and tells other processes.
   *
   * @param entities the kinds that may change
   */
  write<Result>(entities: readonly string[], work: (tables: Tables) => Promise<Result>): Promise<Result>;
  /** Follows the changes of other processes until the returned function is called. */
  follow(handlers: ChangeHandlers): Promise<() => Promise<void>>;
  /** Whether the storage answers now, found out within a short time. */
  isReachable(): Promise<boolean>;
}
