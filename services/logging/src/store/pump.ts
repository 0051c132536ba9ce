/** Moves events from the buffer into the store: in order, each once, for as long as it takes. */
import { setTimeout as delay } from 'node:timers/promises';
import type { BufferBatch, EventBuffer } from '../buffer/buffer.ts';
import type { Quarantine } from '../buffer/quarantine.ts';
import type { BufferedRecord } from '../buffer/stretch.ts';
import { decodeIntake } from '../event/wire.ts';
import type { Books } from './books.ts';
import type { DeadLetter } from './dead-letters.ts';
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
  /** The store refuses this record; it waits as a dead letter. */
  readonly onRefused: (reason: string) => void;
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
    const refused: DeadLetter[] = [];
    for (const record of batch.records) {
      const decoded = decode(record);
      if (decoded instanceof Error) refused.push(letterOf(record, decoded));
      else readable.push(decoded);
    }
    await this.#commit(readable, batch, { quarantined: batch.missing, refused });
    for (const { reason } of refused) this.#events.onRefused(reason);
    if (batch.missing > 0) this.#events.onQuarantined(batch.missing, 'damaged on disk');
    await this.#buffer.release(batch);
    return true;
  }

  /** Commits; where the data itself is refused, halves until the one record is found that is at fault. */
  async #commit(events: readonly Numbered[], batch: BufferBatch, aside: Aside): Promise<void> {
    try {
      await this.#commitOnce(events, batch.throughSequence, aside);
    } catch (error) {
      if (isEnvironmental(error) || events.length === 0) throw error;
      await this.#commitHalves(events, batch, aside, asError(error));
    }
  }

  async #commitHalves(
    events: readonly Numbered[],
    batch: BufferBatch,
    aside: Aside,
    error: Error,
  ): Promise<void> {
    const [first] = events;
    if (events.length === 1 && first !== undefined) {
      const record = batch.records.find(({ sequence }) => sequence === first.sequence);
      const letters = record === undefined ? [] : [letterOf(record, error)];
      await this.#commitOnce([], batch.throughSequence, {
        ...aside,
        refused: [...aside.refused, ...letters],
      });
      this.#events.onRefused(error.message);
      return;
    }
    const middle = Math.ceil(events.length / 2);
    const left = events.slice(0, middle);
    const leftEnd = left.at(-1)?.sequence ?? batch.throughSequence;
    await this.#commit(left, { ...batch, throughSequence: leftEnd }, NOTHING_ASIDE);
    await this.#commit(events.slice(middle), batch, aside);
  }

  async #commitOnce(events: readonly Numbered[], throughSequence: number, aside: Aside): Promise<void> {
    const accepted = this.#books.booking(
      events.map(({ intake }) => intake.event.source),
      aside.quarantined + aside.refused.length,
    );
    await this.#store.commit({ events, throughSequence, ...aside, accepted });
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

/** What of a batch does not become an event. */
interface Aside {
  readonly quarantined: number;
  readonly refused: readonly DeadLetter[];
}

const NOTHING_ASIDE: Aside = { quarantined: 0, refused: [] };

function decode({ sequence, payload }: BufferedRecord): Numbered | Error {
  try {
    return { sequence, intake: decodeIntake(payload) };
  } catch (error) {
    return asError(error);
  }
}

function letterOf({ sequence, payload }: BufferedRecord, error: Error): DeadLetter {
  const reason = error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
  return {
    sequence,
    destination: 'store',
    reason,
    atUs: Date.now() * 1000,
    payload: payload.toString('utf8'),
  };
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => undefined);
}
