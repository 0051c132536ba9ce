import { afterEach, expect, it } from 'vitest';
import { systemClock } from '../../../src/adapters/clock.ts';

const warnings: Error[] = [];
const note = (warning: Error) => void warnings.push(warning);

afterEach(() => {
  process.off('warning', note);
  warnings.length = 0;
});

it('ends all pauses with their signal, and lets many wait for one without a warning of a leak', async () => {
  process.on('warning', note);
  const stop = new AbortController();
  const pauses = Array.from({ length: 20 }, () => systemClock.sleep(60_000, stop.signal));
  stop.abort();
  await Promise.all(pauses);
  // A warning comes a turn later.
  await new Promise((resolve) => setImmediate(resolve));
  expect(warnings).toEqual([]);
});

it('does not pause at all once the signal has come', async () => {
  await systemClock.sleep(60_000, AbortSignal.abort());
});
