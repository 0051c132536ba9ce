/** Puts events into the table, each once. */
import {
  BIGINT,
  DOUBLE,
  type DuckDBAppender,
  type DuckDBConnection,
  DuckDBDataChunk,
  INTEGER,
  VARCHAR,
} from '@duckdb/node-api';
import { idToInteger, integerToId } from '../event/identity.ts';
import type { Entry, LogEvent } from '../event/model.ts';
import type { RecentIds } from './recent-ids.ts';
import { EVENT_COLUMNS } from './tables.ts';

/** An event with its number in the buffer. */
export interface Numbered {
  readonly sequence: number;
  readonly entry: Entry;
}

const ENGINE_TYPES = { BIGINT, INTEGER, DOUBLE, VARCHAR } as const;
const COLUMN_TYPES = EVENT_COLUMNS.map(({ type }) => ENGINE_TYPES[type]);

/** What is inserted at once. Few rows at a time stay few in memory: more would live long enough to be moved around. */
export const ROWS_PER_PART = 512;

async function storedIds(connection: DuckDBConnection, events: readonly LogEvent[]): Promise<Set<string>> {
  let [fromUs, untilUs] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { timestampUs } of events) {
    fromUs = Math.min(fromUs, timestampUs);
    untilUs = Math.max(untilUs, timestampUs);
  }
  // The same event has the same time, so blocks of other times need not be looked at. The numbers are our own: no quoting.
  const ids = events.map(({ id }) => idToInteger(id)).join(',');
  const reader = await connection.runAndReadAll(
    `SELECT id FROM events WHERE ts BETWEEN ${fromUs} AND ${untilUs} AND id IN (${ids})`,
  );
  return new Set((reader.getColumns()[0] as bigint[] | undefined)?.map(integerToId));
}

/** One transaction's way into the table. */
export class Insertion {
  readonly #connection: DuckDBConnection;
  readonly #appender: DuckDBAppender;
  readonly #recent: RecentIds;
  /** What this transaction adds and a sender may deliver again. */
  readonly #added = new Map<string, number>();

  private constructor(connection: DuckDBConnection, appender: DuckDBAppender, recent: RecentIds) {
    this.#connection = connection;
    this.#appender = appender;
    this.#recent = recent;
  }

  /** Inside the caller's transaction: appends what `work` adds. */
  static async during(
    connection: DuckDBConnection,
    recent: RecentIds,
    work: (insertion: Insertion) => Promise<void>,
  ): Promise<Insertion> {
    const appender = await connection.createAppender('events', 'main', 'store');
    try {
      const insertion = new Insertion(connection, appender, recent);
      await work(insertion);
      appender.flushSync();
      return insertion;
    } finally {
      appender.closeSync();
    }
  }

  /** Leaves out what the store or this transaction has already. @returns how many were new */
  async add(part: readonly Numbered[]): Promise<number> {
    const fresh = await this.#withoutDuplicates(part);
    if (fresh.length === 0) return 0;
    const chunk = DuckDBDataChunk.create(COLUMN_TYPES, fresh.length);
    chunk.setColumns(
      EVENT_COLUMNS.map(({ value }) => fresh.map(({ entry, sequence }) => value(entry.event, sequence))),
    );
    this.#appender.appendDataChunk(chunk);
    return fresh.length;
  }

  /** The transaction is on disk. */
  committed(): void {
    for (const [id, timestampUs] of this.#added) this.#recent.add(id, timestampUs);
  }

  async #withoutDuplicates(part: readonly Numbered[]): Promise<readonly Numbered[]> {
    const doubtful: LogEvent[] = [];
    for (const { entry } of part) {
      const { event, redeliverable } = entry;
      if (redeliverable && !this.#recent.isNew(event.id, event.timestampUs)) doubtful.push(event);
    }
    const stored = doubtful.length === 0 ? undefined : await storedIds(this.#connection, doubtful);
    return part.filter(({ entry: { event, redeliverable } }) => {
      if (!redeliverable) return true;
      if (this.#added.has(event.id) || stored?.has(event.id) === true) return false;
      this.#added.set(event.id, event.timestampUs);
      return true;
    });
  }
}
