import type { Reporter, Write } from './reporter.ts';

/** For programs: one JSON document a line. */
export const jsonReporter = (write: Write, nowMs: () => number): Reporter => ({
  emit: ({ type, ...facts }) => {
    write(`${JSON.stringify({ time: new Date(nowMs()).toISOString(), event: type, ...facts })}\n`);
  },
  close: () => {},
});
