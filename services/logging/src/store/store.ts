/** The store: one writer, several readers, one transaction per batch. */
import { join } from 'node:path';
import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import type { FilePosition } from '../event/model.ts';
import { Booked } from './books.ts';
import { Committer, type StoreBatch } from './committer.ts';
import {
  countDeadLetters,
  type DeadLetter,
  type Destination,
  deleteDeadLetters,
  insertDeadLetters,
} from './dead-letters.ts';
import { type Engine, type EngineOptions, FILE, openEngine } from './engine.ts';
import { QueryTimeoutError, StoreReplacedError } from './errors.ts';
import { insertEvents, type Numbered, withoutDuplicates } from './insert.ts';
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
import { NOTHING_SENT, readSink, SHIPPED, type SinkLedger, writeSink } from './sink-ledger.ts';
import { CREATE_TABLES } from './tables.ts';

const EMPTY: Ledger = { storedSequence: 0, stored: 0, duplicates: 0, quarantined: 0, expired: 0 };

/** The one further destination there is. */
const SINK: Destination = 'elasticsearch';

export class EventStore implements Store {
  readonly #options: EngineOptions;
  readonly #writing = new Mutex();
  readonly #reading = new Mutex(3);
  #engine: Engine;
  #writer: DuckDBConnection;
  #ledger: Ledger;
  #deadLetters: ReadonlyMap<Destination, number>;
  #sink: SinkLedger = NOTHING_SENT;
  readonly #committer: Committer;

  private constructor(
    options: EngineOptions,
    engine: Engine,
    writer: DuckDBConnection,
    ledger: Ledger,
    deadLetters: ReadonlyMap<Destination, number>,
    booked: ReadonlyMap<string, number>,
  ) {
    this.#options = options;
    this.#engine = engine;
    this.#writer = writer;
    this.#ledger = ledger;
    this.#deadLetters = deadLetters;
    this.#committer = new Committer(new Booked(booked), (batch) => this.#commit(batch));
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
      const store = new EventStore(options, engine, writer, ledger ?? EMPTY, letters, state.accepted);
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

  /** Stores a batch, the files' positions and the books in one transaction; all of it or nothing. */
  async #commit(batch: StoreBatch): Promise<void> {
    await this.#writing.run(async () => {
      // A commit may have succeeded although its answer was lost: the books know.
      if (batch.throughSequence <= this.#ledger.storedSequence) return;
      const connection = this.#writer;
      const fresh = await withoutDuplicates(connection, batch.events);
      const ledger: Ledger = {
        ...this.#ledger,
        storedSequence: batch.throughSequence,
        stored: this.#ledger.stored + fresh.length,
        duplicates: this.#ledger.duplicates + batch.events.length - fresh.length,
        quarantined: this.#ledger.quarantined + batch.quarantined,
      };
      await this.#transaction(async () => {
        await insertEvents(connection, fresh);
        await insertDeadLetters(connection, batch.refused);
        await writePositions(connection, latestPositions(batch.events), Date.now() * 1000);
        await writeAccepted(connection, batch.accepted);
        await writeLedger(connection, ledger);
      });
      this.#ledger = ledger;
      this.#addDeadLetters('store', batch.refused.length);
    });
  }

  async settleSink(sink: SinkLedger, refused: readonly DeadLetter[]): Promise<void> {
    await this.#writing.run(async () => {
      await this.#transaction(async () => {
        await insertDeadLetters(this.#writer, refused);
        await writeSink(this.#writer, SINK, sink);
      });
      this.#sink = sink;
      this.#addDeadLetters(SINK, refused.length);
    });
  }

  async takeBack(events: readonly Numbered[]): Promise<void> {
    await this.#writing.run(async () => {
      const fresh = await withoutDuplicates(this.#writer, events);
      const ledger: Ledger = {
        ...this.#ledger,
        stored: this.#ledger.stored + fresh.length,
        duplicates: this.#ledger.duplicates + events.length - fresh.length,
      };
      await this.#transaction(async () => {
        await insertEvents(this.#writer, fresh);
        await this.#deleteLetters('store', events);
        await writeLedger(this.#writer, ledger);
      });
      this.#ledger = ledger;
      this.#addDeadLetters('store', -events.length);
    });
  }

  async settleDeadLetters(letters: readonly { readonly sequence: number }[]): Promise<void> {
    await this.#writing.run(async () => {
      const sink = { ...this.#sink, delivered: this.#sink.delivered + letters.length };
      await this.#transaction(async () => {
        await this.#deleteLetters(SINK, letters);
        await writeSink(this.#writer, SINK, sink);
      });
      this.#sink = sink;
      this.#addDeadLetters(SINK, -letters.length);
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
        ledger = { ...ledger, expired: ledger.expired + removed };
        await writeLedger(this.#writer, ledger);
      });
      this.#ledger = ledger;
      this.#sink = sink;
      return removed;
    });
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
    return this.#reading.run(async () => {
      const connection = await this.#engine.connect();
      let isLate = false;
      const timer = setTimeout(() => {
        isLate = true;
        connection.interrupt();
      }, timeoutMs);
      try {
        return (await connection.runAndReadAll(sql, [...values])).getRowObjectsJS() as Row[];
      } catch (error) {
        throw isLate ? new QueryTimeoutError(timeoutMs) : error;
      } finally {
        clearTimeout(timer);
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
      this.#writer.closeSync();
      this.#engine.close();
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
      await this.#writer.run('CHECKPOINT store').catch(() => undefined);
      this.#writer.closeSync();
      this.#engine.close();
    });
  }

  async #deleteLetters(
    destination: Destination,
    letters: readonly { readonly sequence: number }[],
  ): Promise<void> {
    const sequences = letters.map(({ sequence }) => sequence);
    await deleteDeadLetters(this.#writer, destination, sequences);
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

/** The furthest position of each file in a batch. */
function latestPositions(events: readonly Numbered[]): Iterable<FilePosition> {
  const latest = new Map<string, FilePosition>();
  for (const { intake } of events)
    if (intake.position !== undefined) latest.set(intake.position.key, intake.position);
  return latest.values();
}
