import type { PlainRecord } from '../schema/field.ts';
import type { Tables } from '../store/tables.ts';
import { certificateHooks } from './certificate-snis.ts';
import { pluginHooks } from './plugin-protocols.ts';

/** What one kind of entity needs beyond its table; each step runs inside of the transaction of the request. */
export interface EntityHooks {
  /** Finds the identifier behind a key that is neither an identifier nor in a column of the entity. */
  readonly findId?: (tables: Tables, key: string) => Promise<string | undefined>;
  /** Judges what the client sent, laid over what is stored, before its own table does. Throws an AdminError. */
  readonly judgeGiven?: (tables: Tables, merged: PlainRecord, given: PlainRecord) => Promise<void>;
  /** Judges a complete entity against others; `given` is what the client sent. Throws an AdminError. */
  readonly beforeWrite?: (tables: Tables, entity: PlainRecord, given: PlainRecord) => Promise<void>;
  /** Writes what belongs to the entity and lies elsewhere. */
  readonly afterWrite?: (tables: Tables, entity: PlainRecord, given: PlainRecord) => Promise<void>;
  /** Adds to stored entities what lies elsewhere, before they are answered. */
  readonly complete?: (tables: Tables, entities: readonly PlainRecord[]) => Promise<PlainRecord[]>;
}

const HOOKS: Readonly<Record<string, EntityHooks>> = {
  certificates: certificateHooks,
  plugins: pluginHooks,
};

export const hooksOf = (entity: string): EntityHooks => HOOKS[entity] ?? {};
