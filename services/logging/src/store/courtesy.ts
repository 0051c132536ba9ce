/**
 * Senders go first: they wait for an answer, the store does not. While somebody is waiting most of the time, the store takes its
 * turns with pauses between them; what is taken meanwhile is durable in the buffer. When that is half full, it no longer steps back.
 */
import { type EventLoopUtilization, performance } from 'node:perf_hooks';

/** Share of the time from which on somebody counts as waiting, or the thread of the senders as working, without a break. */
const BUSY = 0.5;
/** Pauses are this many times as long as the turn before where senders wait for the disk, which the store uses too. */
const FACTOR_FOR_DISK = 4;
/** Where they wait for the processors as well, each turn takes from them what they are waiting for. */
const FACTOR_FOR_PROCESSORS = 16;
const LONGEST_PAUSE_MS = 2000;
const HALF_FULL = 0.5;

/** Shares of the time since the store's last turn. */
export interface Load {
  /** Somebody waited for the disk. */
  readonly waiting: number;
  /** The thread that serves the senders had something to do. */
  readonly working: number;
}

/** @param full share of the buffer in use */
export function pauseAfterTurn(turnMs: number, { waiting, working }: Load, full: number): number {
  if (waiting < BUSY || full >= HALF_FULL) return 0;
  const factor = working < BUSY ? FACTOR_FOR_DISK : FACTOR_FOR_PROCESSORS;
  return Math.min(turnMs * factor, LONGEST_PAUSE_MS);
}

export class Courtesy {
  readonly #buffer: { readonly waitedMs: number };
  readonly #full: () => number;
  #waitedMs = 0;
  #atMs = performance.now();
  #loop: EventLoopUtilization = performance.eventLoopUtilization();

  /** To be made in the thread that serves the senders. @param full share of the buffer in use */
  constructor(buffer: { readonly waitedMs: number }, full: () => number) {
    this.#buffer = buffer;
    this.#full = full;
  }

  /** How long to wait after a turn of the store. */
  pauseMs(turnMs: number): number {
    return pauseAfterTurn(turnMs, this.#loadSinceLastTurn(), this.#full());
  }

  #loadSinceLastTurn(): Load {
    const [nowMs, loop, { waitedMs }] = [performance.now(), performance.eventLoopUtilization(), this.#buffer];
    const waiting = (waitedMs - this.#waitedMs) / Math.max(1, nowMs - this.#atMs);
    const working = performance.eventLoopUtilization(loop, this.#loop).utilization;
    this.#waitedMs = waitedMs;
    this.#atMs = nowMs;
    this.#loop = loop;
    return { waiting, working };
  }
}
