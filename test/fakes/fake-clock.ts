import type { Clock } from '../../src/core/ports/clock.ts';

/** A clock whose sleeps take no time and move it; it gives other work a turn between them. */
export function fakeClock(startMs = 0): Clock & { advance(ms: number): void } {
  let nowMs = startMs;
  return {
    now: () => nowMs,
    advance: (ms) => {
      nowMs += ms;
    },
    sleep: async (ms, signal) => {
      await new Promise((resolve) => setImmediate(resolve));
      if (!signal?.aborted) nowMs += ms;
    },
  };
}
