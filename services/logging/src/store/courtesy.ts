/**
 * Senders go first: they wait for an answer, the store does not. While the doors take most of a processor, the store takes its
 * turns with pauses between them; what is taken meanwhile is durable in the buffer. When that is half full, it no longer steps back.
 */
import { performance } from 'node:perf_hooks';

/** Share of the event loop's time from which on the doors count as busy. */
const BUSY = 0.5;
/** Pauses are this many times as long as the turn before. */
const PAUSE_FACTOR = 4;
const LONGEST_PAUSE_MS = 2000;
const HALF_FULL = 0.5;

/** @param busy share of the event loop's time since the last turn @param full share of the buffer in use */
export function pauseAfterTurn(turnMs: number, busy: number, full: number): number {
  if (busy < BUSY || full >= HALF_FULL) return 0;
  return Math.min(turnMs * PAUSE_FACTOR, LONGEST_PAUSE_MS);
}

export class Courtesy {
  readonly #full: () => number;
  #last = performance.eventLoopUtilization();

  /** @param full share of the buffer in use */
  constructor(full: () => number) {
    this.#full = full;
  }

  /** How long to wait after a turn of the store. */
  pauseMs(turnMs: number): number {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, this.#last);
    this.#last = now;
    return pauseAfterTurn(turnMs, utilization, this.#full());
  }
}
