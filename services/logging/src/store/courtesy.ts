/**
 * Senders go first: they wait for an answer, the store does not. While somebody is waiting most of the time, the store takes its
 * turns with pauses between them; what is taken meanwhile is durable in the buffer. When that is half full, it no longer steps back.
 */

/** Share of the time in which somebody waits for the disk, from which on senders count as held up. */
const BUSY = 0.5;
/** Pauses are this many times as long as the turn before. */
const PAUSE_FACTOR = 4;
const LONGEST_PAUSE_MS = 2000;
const HALF_FULL = 0.5;

/** @param busy share of the time since the last turn in which somebody waited @param full share of the buffer in use */
export function pauseAfterTurn(turnMs: number, busy: number, full: number): number {
  if (busy < BUSY || full >= HALF_FULL) return 0;
  return Math.min(turnMs * PAUSE_FACTOR, LONGEST_PAUSE_MS);
}

export class Courtesy {
  readonly #buffer: { readonly waitedMs: number };
  readonly #full: () => number;
  #waitedMs = 0;
  #atMs = performance.now();

  /** @param full share of the buffer in use */
  constructor(buffer: { readonly waitedMs: number }, full: () => number) {
    this.#buffer = buffer;
    this.#full = full;
  }

  /** How long to wait after a turn of the store. */
  pauseMs(turnMs: number): number {
    const nowMs = performance.now();
    const { waitedMs } = this.#buffer;
    const busy = (waitedMs - this.#waitedMs) / Math.max(1, nowMs - this.#atMs);
    this.#waitedMs = waitedMs;
    this.#atMs = nowMs;
    return pauseAfterTurn(turnMs, busy, this.#full());
  }
}
