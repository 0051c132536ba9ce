/** The store: one writer, several readers, one transaction per batch. */
import { join } from 'node:path';
import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import type { FilePosition } from '../event/model.ts';
import { Booked } from './books.ts';
import { Committer, type Portion } from './committer.ts';
import {
  countDeadLetters,
  type DeadLetter,
  type Destination,
  deleteDeadLetters,
  insertDeadLetters,
} from './dead-letters.ts';
import { type Engine, type EngineOptions, FILE, openEngine } from './engine.ts';
import { QueryTimeoutError, StoreReplacedError } from './errors.ts';
import { Insertion, type Numbered, ROWS_PER_PART } from './insert.ts';
import {
  type Ledger,
  readAccepted,
  readLedger,
  readPositions,
  writeAccepted,
  writeLedger,
  writePositions,
} from './ledger.ts';
import { Mutex } from './mutex.ts';
import type { Row, Store, StoreState, StoreStretch } from './port.ts';
import { readRecords } from './read-records.ts';
import { RecentIds } from './recent-ids.ts';
import { forgetRuns, indexLate, indexRun } from './request-index.ts';
import {
  NOTHING_SENT,
  readSink,
  type Settlement,
  SHIPPED,
  type SinkLedger,
  settledSink,
  writeSink,
} from './sink-ledger.ts';
import { CREATE_TABLES } from './tables.ts';

const EMPTY: Ledger = { storedSequence: 0, stored: 0, duplicates: 0, quarantined: 0, expired: 0 };

const INTERRUPT_EVERY_MS = 50;

/** The one further destination there is. */
const SINK: Destination = 'elasticsearch';

export class EventStore implements Store {
  readonly #options: EngineOptions;
  readonly #writing = new Mutex();
  readonly #reading = new Mutex(3);
  readonly #readers = new Set<DuckDBConnection>();
  #isClosed = false;
  #engine: Engine;
  #writer: DuckDBConnection;
  #ledger: Ledger;
  #deadLetters: ReadonlyMap<Destination, number>;
  #sink: SinkLedger = NOTHING_SENT;
  readonly #booked: Booked;
  readonly #recent: RecentIds;
  readonly #committer: Committer;

  private constructor(
    options: EngineOptions,
    engine: Engine,
    writer: DuckDBConnection,
    ledger: Ledger,
    deadLetters: ReadonlyMap<Destination, number>,
    booked: ReadonlyMap<string, number>,
    newestUs: number,
  ) {
    this.#options = options;
    this.#engine = engine;
    this.#writer = writer;
    this.#ledger = ledger;
    this.#deadLetters = deadLetters;
    this.#booked = new Booked(booked);
    this.#recent = new RecentIds(newestUs);
    this.#committer = new Committer((portion) => this.#commit(portion));
  }

  /** @throws StoreLockedError, StoreTooNewError */
  static async open(
    options: EngineOptions,
  ): Promise<{ readonly store: EventStore; readonly state: StoreState }> {
    const engine = await openEngine(options);
    try {
      const writer = await engine.connect();
      for (const statement of CREATE_TABLES) await writer.run(statement);
      const ledger = await readLedger(writer, join(options.dataDir, FILE));
      const state: StoreState = {
        ledger,
        accepted: await readAccepted(writer),
        positions: await readPositions(writer),
        setAside: engine.setAside,
      };
      const letters = await countDeadLetters(writer);
      const newest = await newestTimeUs(writer);
      const store = new EventStore(options, engine, writer, ledger ?? EMPTY, letters, state.accepted, newest);
      store.#sink = await readSink(writer, SINK);
      return { store, state };
    } catch (error) {
      engine.close();
      throw error;
    }
  }

  get ledger(): Ledger {
    return this.#ledger;
  }

  deadLetters(destination: Destination): number {
    return this.#deadLetters.get(destination) ?? 0;
  }

  get sink(): SinkLedger {
    return this.#sink;
  }

  async take(stretch: StoreStretch): Promise<readonly string[]> {
    return this.#committer.take(stretch, this.#ledger.storedSequence);
  }

  /** Stores records, the files' positions and the books in one transaction; all of it or nothing. */
  async #commit(portion: Portion): Promise<readonly DeadLetter[]> {
    return this.#writing.run(async () => {
      // A commit may have succeeded although its answer was lost: the books know.
      if (portion.throughSequence <= this.#ledger.storedSequence) return [];
      const { records, throughSequence, quarantined } = portion;
      const found: DeadLetter[] = [];
      const sources: string[] = [];
      const positions = new Map<string, FilePosition>();
      let stored = 0;
      let accepted: ReadonlyMap<string, number> = new Map();
      let ledger = this.#ledger;
      let insertion: Insertion | undefined;
      await this.#transaction(async () => {
        insertion = await Insertion.during(this.#writer, this.#recent, async (into) => {
          for (let from = 0; from < records.length; from += ROWS_PER_PART) {
            const { events, refused } = readRecords(records.slice(from, from + ROWS_PER_PART));
            found.push(...refused);
            stored += await into.add(events);
            for (const { entry } of events) {
              sources.push(entry.event.source);
              if (entry.position !== undefined) positions.set(entry.position.key, entry.position);
            }
          }
        });
        const refused = [...portion.refused, ...found];
        ledger = {
          ...ledger,
          storedSequence: throughSequence,
          stored: ledger.stored + stored,
          duplicates: ledger.duplicates + sources.length - stored,
          quarantined: ledger.quarantined + quarantined,
        };
        accepted = this.#booked.with(sources, quarantined + refused.length);
        await insertDeadLetters(this.#writer, refused);
        await writePositions(this.#writer, positions.values(), Date.now() * 1000);
        await writeAccepted(this.#writer, accepted);
        await writeLedger(this.#writer, ledger);
      });
      insertion?.committed();
      this.#booked.keep(accepted);
      this.#ledger = ledger;
      this.#addDeadLetters('store', portion.refused.length + found.length);
      return found;
    });
  }

  async settleSink(settled: Settlement, refused: readonly DeadLetter[]): Promise<void> {
    await this.#writing.run(async () => {
      const sink = settledSink(this.#sink, settled);
      await this.#transaction(async () => {
        await insertDeadLetters(this.#writer, refused);
        await writeSink(this.#writer, SINK, sink);
      });
      this.#sink = sink;
      this.#addDeadLetters(SINK, refused.length);
    });
  }

  async takeBack(offered: readonly Numbered[]): Promise<number> {
    return this.#writing.run(async () => {
      let ledger = this.#ledger;
      let insertion: Insertion | undefined;
      let events: readonly Numbered[] = [];
      await this.#transaction(async () => {
        const waiting = await this.#deleteLetters('store', offered);
        events = offered.filter(({ sequence }) => waiting.has(sequence));
        let stored = 0;
        insertion = await Insertion.during(this.#writer, this.#recent, async (into) => {
          stored = await into.add(events);
        });
        ledger = {
          ...ledger,
          stored: ledger.stored + stored,
          duplicates: ledger.duplicates + events.length - stored,
        };
        await indexLate(
          this.#writer,
          events.map(({ sequence }) => sequence),
        );
        await writeLedger(this.#writer, ledger);
      });
      insertion?.committed();
      this.#ledger = ledger;
      this.#addDeadLetters('store', -events.length);
      return events.length;
    });
  }

  async settleDeadLetters(letters: readonly { readonly sequence: number }[]): Promise<void> {
    await this.#writing.run(async () => {
      let sink = this.#sink;
      let taken = 0;
      await this.#transaction(async () => {
        taken = (await this.#deleteLetters(SINK, letters)).size;
        sink = { ...sink, delivered: sink.delivered + taken };
        await writeSink(this.#writer, SINK, sink);
      });
      this.#sink = sink;
      this.#addDeadLetters(SINK, -taken);
    });
  }

  async expire(condition: string, isShipping: boolean): Promise<number> {
    return this.#writing.run(async () => {
      let removed = 0;
      let ledger = this.#ledger;
      let sink = this.#sink;
      await this.#transaction(async () => {
        if (isShipping) {
          const unsent = await this.#writer.runAndReadAll(
            `SELECT count(*) AS unsent FROM events WHERE ${condition} AND seq > ${sink.throughSequence} AND ${SHIPPED}`,
          );
          sink = { ...sink, expired: sink.expired + Number(unsent.getRowObjectsJS()[0]?.unsent) };
          await writeSink(this.#writer, SINK, sink);
        }
        const result = await this.#writer.run(`DELETE FROM events WHERE ${condition}`);
        removed = result.rowsChanged;
        if (removed > 0) await forgetRuns(this.#writer);
        ledger = { ...ledger, expired: ledger.expired + removed };
        await writeLedger(this.#writer, ledger);
      });
      this.#ledger = ledger;
      this.#sink = sink;
      return removed;
    });
  }

  async indexRequests(): Promise<void> {
    let isMore = true;
    while (isMore) {
      // One run at a time, so that what waits in the buffer gets its turn between them.
      await this.#writing.run(() =>
        this.#transaction(async () => {
          isMore = await indexRun(this.#writer, this.#ledger.storedSequence);
        }),
      );
    }
  }

  async forgetPositions(liveKeys: ReadonlySet<string>, olderThanUs: number): Promise<void> {
    await this.#writing.run(async () => {
      for (const { key } of await readPositions(this.#writer)) {
        if (liveKeys.has(key)) continue;
        await this.#writer.run('DELETE FROM positions WHERE key = $1 AND updated < $2::BIGINT', [
          key,
          BigInt(olderThanUs),
        ]);
      }
    });
  }

  async checkpoint(): Promise<void> {
    await this.#writing.run(async () => {
      await this.#writer.run('CHECKPOINT store');
    });
  }

  async query(sql: string, values: readonly DuckDBValue[], timeoutMs: number): Promise<Row[]> {
    const calledMs = performance.now();
    return this.#reading.run(async () => {
      // Whoever waited that long for the others is gone: nobody else shall wait for its answer.
      const restMs = timeoutMs - (performance.now() - calledMs);
      if (restMs <= 0) throw new QueryTimeoutError(timeoutMs);
      if (this.#isClosed) throw new Error('the store is closed');
      const connection = await this.#engine.connect();
      this.#readers.add(connection);
      let isLate = false;
      const timer = setTimeout(() => {
        isLate = true;
        connection.interrupt();
      }, restMs);
      try {
        return (await connection.runAndReadAll(sql, [...values])).getRowObjectsJS() as Row[];
      } catch (error) {
        throw isLate ? new QueryTimeoutError(timeoutMs) : error;
      } finally {
        clearTimeout(timer);
        this.#readers.delete(connection);
        connection.closeSync();
      }
    });
  }

  async usedBytes(): Promise<number> {
    const [row] = await this.query(
      "SELECT (used_blocks * block_size)::BIGINT AS used FROM pragma_database_size() WHERE database_name = 'store'",
      [],
      10_000,
    );
    return Number(row?.used ?? 0);
  }

  async reopen(): Promise<void> {
    await this.#writing.run(async () => {
      await this.#closeEngine();
      this.#engine = await openEngine(this.#options);
      if (this.#engine.setAside !== undefined) throw new StoreReplacedError(this.#engine.setAside);
      this.#writer = await this.#engine.connect();
      this.#ledger = (await readLedger(this.#writer, FILE)) ?? EMPTY;
      this.#deadLetters = await countDeadLetters(this.#writer);
      this.#sink = await readSink(this.#writer, SINK);
    });
  }

  async close(): Promise<void> {
    await this.#writing.run(async () => {
      this.#isClosed = true;
      await this.#writer.run('CHECKPOINT store').catch(() => undefined);
      await this.#closeEngine();
    });
  }

  /** Breaks off what is being read and lets nothing be read meanwhile: the engine crashes where it is closed below a query. */
  async #closeEngine(): Promise<void> {
    const interrupt = (): void => {
      for (const connection of this.#readers) connection.interrupt();
    };
    // A query that has not quite begun does not hear of it the first time.
    const again = setInterval(interrupt, INTERRUPT_EVERY_MS);
    interrupt();
    try {
      await this.#reading.runAlone(async () => {
        this.#writer.closeSync();
        this.#engine.close();
      });
    } finally {
      clearInterval(again);
    }
  }

  async #deleteLetters(
    destination: Destination,
    letters: readonly { readonly sequence: number }[],
  ): Promise<ReadonlySet<number>> {
    const sequences = letters.map(({ sequence }) => sequence);
    return deleteDeadLetters(this.#writer, destination, sequences);
  }

  #addDeadLetters(destination: Destination, count: number): void {
    if (count === 0) return;
    const letters = new Map(this.#deadLetters);
    letters.set(destination, (letters.get(destination) ?? 0) + count);
    this.#deadLetters = letters;
  }

  async #transaction(work: () => Promise<void>): Promise<void> {
    await this.#writer.run('BEGIN TRANSACTION');
    try {
      await work();
      await this.#writer.run('COMMIT');
    } catch (error) {
      await this.#writer.run('ROLLBACK').catch(() => undefined);
      this.#ledger = (await readLedger(this.#writer, FILE).catch(() => undefined)) ?? this.#ledger;
      throw error;
    }
  }
}

async function newestTimeUs(connection: DuckDBConnection): Promise<number> {
  const reader = await connection.runAndReadAll('SELECT max(ts) AS newest FROM events');
  const newest = reader.getRowObjectsJS()[0]?.newest;
  return newest === null || newest === undefined ? Number.NEGATIVE_INFINITY : Number(newest);
}
