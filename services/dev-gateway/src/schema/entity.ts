import type { EntityCheck, FieldTable, PlainRecord, RecordSchema } from './field.ts';

/** One kind of entity: its table, and how the Admin API addresses it. */
export interface EntitySchema extends RecordSchema {
  /** Name of the entity, of its table in the database, and of its variable in a path of the Admin API. */
  readonly name: string;
  readonly fields: FieldTable;
  readonly entity_checks: readonly EntityCheck[];
  /** The field that may stand in a path instead of the identifier. */
  readonly endpointKey?: string;
  /** Collection in the Admin API where it is not the name: `/key-auths` for keyauth_credentials. */
  readonly collection?: string;
  /** What the collection is called below its parent: `/consumers/{c}/key-auth`. */
  readonly nestedAs?: string;
  /** The collection is only reachable below its parent. */
  readonly isNestedOnly?: boolean;
  /** The path of the parent below the entity, where there is none. */
  readonly hiddenParents?: readonly string[];
  /** Fields that are unique together; the name of the constraint in the database is `<entity>_<fields>_key`. */
  readonly uniqueTogether?: readonly (readonly string[])[];
  /** A reference whose parent takes the entity along when it goes, though the table does not show it. */
  readonly goesWith?: string;
  /** Rewrites shorthands of the input into the fields they stand for; runs before defaults are filled in. */
  readonly expand?: (input: PlainRecord, isNew: boolean) => PlainRecord;
  /** Derives fields of a complete, valid entity, such as a hash, from what the client gave. */
  readonly derive?: (entity: PlainRecord, given: PlainRecord) => PlainRecord;
}
