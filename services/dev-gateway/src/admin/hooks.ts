import type { AdminError } from '../errors/admin-error.ts';
import type { PlainRecord } from '../schema/field.ts';
import type { Tables } from '../store/tables.ts';
import { authorityHooks } from './authority-references.ts';
import { certificateHooks } from './certificate-snis.ts';
import { pluginHooks } from './plugin-protocols.ts';

/** What one kind of entity needs beyond its table; each step runs inside of the transaction of the request. */
export interface EntityHooks {
  /** Finds the identifier behind a key that is neither an identifier nor in a column of the entity. */
  readonly findId?: (tables: Tables, key: string) => Promise<string | undefined>;
  /** What is said when `findId` finds nothing and nothing is to be made. */
  readonly unknownKey?: () => AdminError;
  /** Completes what was sent to the path of one entity; `newKey` is the key of the path where it is to be put. */
  readonly readGiven?: (given: PlainRecord, newKey: string | undefined) => PlainRecord;
  /** Judges what the client sent, laid over what is stored, before its own table does. Throws an AdminError. */
  readonly judgeGiven?: (tables: Tables, merged: PlainRecord, given: PlainRecord) => Promise<void>;
  /** Judges a complete entity against others; `given` is what the client sent. Throws an AdminError. */
  readonly beforeWrite?: (tables: Tables, entity: PlainRecord, given: PlainRecord) => Promise<void>;
  /** Writes what belongs to the entity and lies elsewhere. */
  readonly afterWrite?: (tables: Tables, entity: PlainRecord, given: PlainRecord) => Promise<void>;
  /** Judges whether an entity may go. Throws an AdminError. */
  readonly beforeRemove?: (tables: Tables, entity: PlainRecord) => Promise<void>;
  /** Adds to stored entities what lies elsewhere, before they are answered. */
  readonly complete?: (tables: Tables, entities: readonly PlainRecord[]) => Promise<PlainRecord[]>;
}

const HOOKS: Readonly<Record<string, EntityHooks>> = {
  ca_certificates: authorityHooks,
  certificates: certificateHooks,
  plugins: pluginHooks,
};

export const hooksOf = (entity: string): EntityHooks => HOOKS[entity] ?? {};
