/** Moves events from the buffer into the store: in order, each once, for as long as it takes. */
import { setTimeout as delay } from 'node:timers/promises';
import type { BufferBatch, EventBuffer } from '../buffer/buffer.ts';
import type { Quarantine } from '../buffer/quarantine.ts';
import type { BufferedRecord } from '../buffer/stretch.ts';
import { decodeIntake } from '../event/wire.ts';
import type { Books } from './books.ts';
import { isEnvironmental, isInvalidated, StoreReplacedError } from './errors.ts';
import type { Numbered } from './insert.ts';
import type { EventStore } from './store.ts';

const MAX_BATCH_EVENTS = 4000;
const MAX_BATCH_BYTES = 8 * 1024 * 1024;
// Commits cost an fsync each: a short wait gathers what trickles in.
const LINGER_MS = 150;
const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 10_000;

export interface PumpEvents {
  /** A commit failed; `events` are waiting for the next attempt. */
  readonly onFailure: (error: Error, events: number) => void;
  readonly onQuarantined: (count: number, reason: string) => void;
  readonly onDamage: (path: string, bytes: number) => void;
}

export class Pump {
  readonly #buffer: EventBuffer;
  readonly #store: EventStore;
  readonly #books: Books;
  readonly #quarantine: Quarantine;
  readonly #events: PumpEvents;
  #lastError: Error | undefined;

  constructor(parts: {
    readonly buffer: EventBuffer;
    readonly store: EventStore;
    readonly books: Books;
    readonly quarantine: Quarantine;
    readonly events: PumpEvents;
  }) {
    this.#buffer = parts.buffer;
    this.#store = parts.store;
    this.#books = parts.books;
    this.#quarantine = parts.quarantine;
    this.#events = parts.events;
  }

  /** Why the last attempt failed; undefined while all is well. */
  get lastError(): Error | undefined {
    return this.#lastError;
  }

  /** Runs until the signal fires. @throws StoreReplacedError when only a restart helps */
  async run(signal: AbortSignal): Promise<void> {
    let retryMs = FIRST_RETRY_MS;
    while (!signal.aborted) {
      try {
        if (await this.step()) {
          retryMs = FIRST_RETRY_MS;
          this.#lastError = undefined;
          continue;
        }
        await this.#buffer.waitForRecords(signal);
        await pause(LINGER_MS, signal);
      } catch (error) {
        await this.#fail(error);
        await pause(retryMs, signal);
        retryMs = Math.min(retryMs * 2, LAST_RETRY_MS);
      }
    }
  }

  /** Stores what is in the buffer now, or gives up at the deadline: it stays in the buffer. */
  async drain(deadlineMs: number): Promise<void> {
    try {
      while (Date.now() < deadlineMs && (await this.step()));
    } catch (error) {
      this.#events.onFailure(asError(error), this.#buffer.heldEvents);
    }
  }

  /** One batch; false when there was nothing to do. */
  async step(): Promise<boolean> {
    const batch = await this.#buffer.peek(MAX_BATCH_EVENTS, MAX_BATCH_BYTES);
    if (batch === undefined) return false;
    for (const { path, from, end } of batch.damage) {
      await this.#quarantine.keepBytes(path, from, end);
      this.#events.onDamage(path, end - from);
    }
    const readable: Numbered[] = [];
    let unreadable = batch.missing;
    for (const record of batch.records) {
      const intake = await this.#decode(record);
      if (intake === undefined) unreadable += 1;
      else readable.push(intake);
    }
    await this.#commit(readable, batch, unreadable);
    if (batch.missing > 0) this.#events.onQuarantined(batch.missing, 'damaged on disk');
    await this.#buffer.release(batch);
    return true;
  }

  async #decode(record: BufferedRecord): Promise<Numbered | undefined> {
    try {
      return { sequence: record.sequence, intake: decodeIntake(record.payload) };
    } catch (error) {
      await this.#quarantine.keepRecord(record.sequence, record.payload, asError(error).message);
      this.#events.onQuarantined(1, asError(error).message);
      return undefined;
    }
  }

  /** Commits; where the data itself is refused, halves until the one record is found that is at fault. */
  async #commit(events: readonly Numbered[], batch: BufferBatch, quarantined: number): Promise<void> {
    try {
      await this.#commitOnce(events, batch.throughSequence, quarantined);
    } catch (error) {
      if (isEnvironmental(error) || events.length === 0) throw error;
      await this.#commitHalves(events, batch, quarantined, asError(error));
    }
  }

  async #commitHalves(
    events: readonly Numbered[],
    batch: BufferBatch,
    quarantined: number,
    error: Error,
  ): Promise<void> {
    const [first] = events;
    if (events.length === 1 && first !== undefined) {
      const payload =
        batch.records.find(({ sequence }) => sequence === first.sequence)?.payload ?? Buffer.alloc(0);
      await this.#quarantine.keepRecord(first.sequence, payload, error.message);
      await this.#commitOnce([], batch.throughSequence, quarantined + 1);
      this.#events.onQuarantined(1, error.message);
      return;
    }
    const middle = Math.ceil(events.length / 2);
    const left = events.slice(0, middle);
    const leftEnd = left.at(-1)?.sequence ?? batch.throughSequence;
    await this.#commit(left, { ...batch, throughSequence: leftEnd }, 0);
    await this.#commit(events.slice(middle), batch, quarantined);
  }

  async #commitOnce(
    events: readonly Numbered[],
    throughSequence: number,
    quarantined: number,
  ): Promise<void> {
    const accepted = this.#books.booking(
      events.map(({ intake }) => intake.event.source),
      quarantined,
    );
    await this.#store.commit({ events, throughSequence, quarantined, accepted });
    this.#books.keepBooked(accepted);
  }

  async #fail(error: unknown): Promise<void> {
    if (error instanceof StoreReplacedError) throw error;
    this.#lastError = asError(error);
    this.#events.onFailure(this.#lastError, this.#buffer.heldEvents);
    if (!isInvalidated(error)) return;
    try {
      await this.#store.reopen();
    } catch (reopenError) {
      if (reopenError instanceof StoreReplacedError) throw reopenError;
      this.#lastError = asError(reopenError);
    }
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => undefined);
}
