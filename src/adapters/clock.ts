import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../core/ports/clock.ts';

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: async (ms, signal) => {
    // One signal ends every pause, and more than ten listeners of it are no leak.
    if (signal !== undefined) setMaxListeners(0, signal);
    // An aborted sleep ends early; the caller looks at its signal.
    await delay(ms, undefined, signal === undefined ? {} : { signal }).catch(() => {});
  },
};
