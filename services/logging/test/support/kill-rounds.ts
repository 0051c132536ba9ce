/** The sweep of kill -9: load, death at a random moment, restart, again; then every obligation is looked for. */
import { expect } from 'vitest';
import { Oracle } from './oracle.ts';
import { scratchDirectory } from './scratch.ts';
import { ServiceProcess } from './service-process.ts';

const PRODUCERS = 4;

/** Pseudo-random numbers from 0 to 1 that a seed repeats. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

export async function killRounds(options: {
  readonly rounds: number;
  readonly aliveMs: readonly [number, number];
  readonly seed: number;
}): Promise<void> {
  const random = randomFrom(options.seed);
  const [shortest, longest] = options.aliveMs;
  // Small segments: a death between two of them is as likely as one within.
  const service = await ServiceProcess.at(await scratchDirectory(), { LOGGING_SEGMENT_SIZE: '64KiB' });
  const oracle = new Oracle();
  const done = new AbortController();
  await service.start();
  const producers = Array.from({ length: PRODUCERS }, () => oracle.produce(service, done.signal));
  for (let round = 0; round < options.rounds; round += 1) {
    const before = oracle.owed;
    await service.eventually('new obligations', async () => expect(oracle.owed).toBeGreaterThan(before));
    // The moment of death is what is being tried out.
    await new Promise((resolve) => setTimeout(resolve, shortest + random() * (longest - shortest)));
    await service.end('SIGKILL');
    await service.start();
  }
  done.abort();
  await Promise.all(producers);
  expect(oracle.owed).toBeGreaterThan(options.rounds);
  await oracle.settle(service);
  await service.end('SIGTERM');
}
