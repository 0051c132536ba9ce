/** The store as the rest of the service sees it, wherever it runs. */
import type { DuckDBValue } from '@duckdb/node-api';
import type { BufferedRecord } from '../buffer/stretch.ts';
import type { FilePosition } from '../event/model.ts';
import type { DeadLetter, Destination } from './dead-letters.ts';
import type { EngineOptions } from './engine.ts';
import type { Numbered } from './insert.ts';
import type { Ledger } from './ledger.ts';
import type { Settlement, SinkLedger } from './sink-ledger.ts';

export type Row = Record<string, unknown>;

/** One step of the buffer towards the store, as it lies on disk. */
export interface StoreStretch {
  readonly records: readonly BufferedRecord[];
  /** The store is complete up to here once this stretch is in it. */
  readonly throughSequence: number;
  /** Numbers of this stretch that no readable record carries. */
  readonly missing: number;
}

export interface Store {
  readonly ledger: Ledger;
  /** How far Elasticsearch has got. */
  readonly sink: SinkLedger;
  /** Records that this destination refused and that wait for another try. */
  readonly deadLetters: (destination: Destination) => number;
  /**
   * Stores a stretch, the files' positions and the books in one transaction.
   * @returns why records were refused, one reason for each; they are kept as dead letters
   */
  readonly take: (stretch: StoreStretch) => Promise<readonly string[]>;
  /** Books what Elasticsearch answered: how far it has got, and what it refused for good. */
  readonly settleSink: (settled: Settlement, refused: readonly DeadLetter[]) => Promise<void>;
  /** Stores events that it refused before; they are no dead letters any more. @returns how many of them still were */
  readonly takeBack: (events: readonly Numbered[]) => Promise<number>;
  /** Elasticsearch has taken these after all. */
  readonly settleDeadLetters: (letters: readonly { readonly sequence: number }[]) => Promise<void>;
  /**
   * Removes events and says how many.
   * @param condition SQL over the columns of `events`; made by this service only
   * @param isShipping true where what Elasticsearch has not got yet is to be counted
   */
  readonly expire: (condition: string, isShipping: boolean) => Promise<number>;
  /** Sorts what was stored since the last time into the index of requests. */
  readonly indexRequests: () => Promise<void>;
  /** Drops the positions of files that are gone. */
  readonly forgetPositions: (liveKeys: ReadonlySet<string>, olderThanUs: number) => Promise<void>;
  /** Folds the engine's own log into its file, which is also what frees the space of deleted rows. */
  readonly checkpoint: () => Promise<void>;
  /**
   * Runs one reading statement. @throws QueryTimeoutError
   * @param values bound to $1, $2, ...
   */
  readonly query: (sql: string, values: readonly DuckDBValue[], timeoutMs: number) => Promise<Row[]>;
  /** Bytes that the store's data takes, without the free space inside its file. */
  readonly usedBytes: () => Promise<number>;
  /** After a failure that the engine does not recover from by itself. @throws what opening throws */
  readonly reopen: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** What an opened store tells about itself. */
export interface StoreState {
  readonly ledger: Ledger | undefined;
  readonly accepted: ReadonlyMap<string, number>;
  readonly positions: readonly FilePosition[];
  /** Where an unreadable earlier store was put, if there was one. */
  readonly setAside: string | undefined;
}

/** @throws StoreLockedError, StoreTooNewError */
export type OpenStore = (
  options: EngineOptions,
) => Promise<{ readonly store: Store; readonly state: StoreState }>;
