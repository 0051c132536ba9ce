/** The windows of rate limits, in seconds; months and years are calendar ones whose nominal length only tells the reset. */
export const RATE_WINDOWS = {
  second: 1,
  minute: 60,
  hour: 3_600,
  day: 86_400,
  month: 2_592_000,
  year: 31_536_000,
} as const;

export type RateWindow = keyof typeof RATE_WINDOWS;

/** When the window that holds `nowMs` began, in milliseconds. Windows are fixed and start on the clock, in UTC. */
export const windowStartMs = (window: RateWindow, nowMs: number): number => {
  if (window === 'month' || window === 'year') {
    const date = new Date(nowMs);
    return Date.UTC(date.getUTCFullYear(), window === 'month' ? date.getUTCMonth() : 0);
  }
  const lengthMs = RATE_WINDOWS[window] * 1000;
  return nowMs - (nowMs % lengthMs);
};

interface Counter {
  startMs: number;
  count: number;
}

/** A sweep of what has expired is due when there are this many counters. */
const SWEEP_SIZE = 10_000;

/** Counts per key and window. A counter of a past window counts as none. */
export class RateCounters {
  readonly #counters = new Map<string, Counter>();
  #nextSweepSize = SWEEP_SIZE;

  count(key: string, window: RateWindow, nowMs: number): number {
    const counter = this.#counters.get(`${window}:${key}`);
    return counter && counter.startMs === windowStartMs(window, nowMs) ? counter.count : 0;
  }

  increment(key: string, window: RateWindow, nowMs: number): void {
    const full = `${window}:${key}`;
    const startMs = windowStartMs(window, nowMs);
    const counter = this.#counters.get(full);
    if (counter && counter.startMs === startMs) {
      counter.count += 1;
      return;
    }
    this.#counters.set(full, { startMs, count: 1 });
    if (this.#counters.size > this.#nextSweepSize) this.#sweep(nowMs);
  }

  get size(): number {
    return this.#counters.size;
  }

  #sweep(nowMs: number): void {
    for (const [key, counter] of this.#counters) {
      const window = key.slice(0, key.indexOf(':')) as RateWindow;
      if (counter.startMs !== windowStartMs(window, nowMs)) this.#counters.delete(key);
    }
    // When nearly all are alive a sweep frees nothing; the next waits until the map has doubled.
    this.#nextSweepSize = Math.max(SWEEP_SIZE, this.#counters.size * 2);
  }
}
