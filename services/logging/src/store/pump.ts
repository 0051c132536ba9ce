/** Moves events from the buffer into the store: in order, each once, for as long as it takes. */
import { setTimeout as delay } from 'node:timers/promises';
import type { EventBuffer } from '../buffer/buffer.ts';
import type { Quarantine } from '../buffer/quarantine.ts';
import type { Courtesy } from './courtesy.ts';
import { isFatal, isInvalidated } from './errors.ts';
import type { Store } from './port.ts';

// Larger batches store hardly faster and hold several times their size in memory.
const MAX_BATCH_EVENTS = 2000;
const MAX_BATCH_BYTES = 2 * 1024 * 1024;
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
  readonly #store: Store;
  readonly #quarantine: Quarantine;
  readonly #courtesy: Courtesy;
  readonly #events: PumpEvents;
  #lastError: Error | undefined;

  constructor(parts: {
    readonly buffer: EventBuffer;
    readonly store: Store;
    readonly quarantine: Quarantine;
    readonly courtesy: Courtesy;
    readonly events: PumpEvents;
  }) {
    this.#buffer = parts.buffer;
    this.#store = parts.store;
    this.#quarantine = parts.quarantine;
    this.#courtesy = parts.courtesy;
    this.#events = parts.events;
  }

  /** Why the last attempt failed; undefined while all is well. */
  get lastError(): Error | undefined {
    return this.#lastError;
  }

  /** Runs until the signal fires. @throws StoreReplacedError, StoreCrashedError when only a restart helps */
  async run(signal: AbortSignal): Promise<void> {
    let retryMs = FIRST_RETRY_MS;
    while (!signal.aborted) {
      try {
        const startedMs = performance.now();
        if (await this.step()) {
          retryMs = FIRST_RETRY_MS;
          this.#lastError = undefined;
          await pause(this.#courtesy.pauseMs(performance.now() - startedMs), signal);
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
    const { records, throughSequence, missing } = batch;
    for (const reason of await this.#store.take({ records, throughSequence, missing })) {
      this.#events.onRefused(reason);
    }
    if (batch.missing > 0) this.#events.onQuarantined(batch.missing, 'damaged on disk');
    await this.#buffer.release(batch);
    return true;
  }

  async #fail(error: unknown): Promise<void> {
    if (isFatal(error)) throw error;
    this.#lastError = asError(error);
    this.#events.onFailure(this.#lastError, this.#buffer.heldEvents);
    if (!isInvalidated(error)) return;
    try {
      await this.#store.reopen();
    } catch (reopenError) {
      if (isFatal(reopenError)) throw reopenError;
      this.#lastError = asError(reopenError);
    }
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms === 0) return;
  await delay(ms, undefined, { signal }).catch(() => undefined);
}
