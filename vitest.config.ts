import { defineConfig } from 'vitest/config';
import { PATIENCE } from './test/support/patience.ts';

/** Two files at once even on two processors: what most tests do is wait. */
const FILES_AT_ONCE = 2;

/** What every project has: vitest itself would wait a second for `expect.poll`. */
const WAITING = { expect: { poll: PATIENCE } };

/**
 * Projects, by what a test needs: `unit` and `contract` run anywhere with Node.js, `browser` drives the logging service's
 * page in Chromium, `e2e` needs a Docker Engine; `faults` holds the long sweeps and soaks, which only `make test-faults`
 * runs, and `engine-faults` those that stop the machine's own engine, so that nothing else may run beside them.
 */
export default defineConfig({
  test: {
    maxWorkers: FILES_AT_ONCE,
    projects: [
      {
        test: {
          ...WAITING,
          name: 'unit',
          include: ['test/unit/**/*.test.ts', 'services/*/test/unit/**/*.test.ts'],
          // Some start programs, which takes its time on a machine that is busy with the other tests.
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          ...WAITING,
          name: 'contract',
          include: ['test/contract/**/*.test.ts', 'services/*/test/contract/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          ...WAITING,
          name: 'browser',
          include: ['services/*/test/browser/**/*.test.ts'],
          // One after the other in one process: a browser and a service want the machine for themselves.
          fileParallelism: false,
          isolate: false,
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          ...WAITING,
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts', 'services/*/test/e2e/**/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 900_000,
        },
      },
      {
        test: {
          ...WAITING,
          name: 'faults',
          include: ['test/faults/**/*.test.ts', 'services/*/test/faults/**/*.test.ts'],
          exclude: ['test/faults/engine/**'],
          testTimeout: 1_800_000,
          hookTimeout: 900_000,
        },
      },
      {
        test: {
          ...WAITING,
          name: 'engine-faults',
          include: ['test/faults/engine/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 1_800_000,
          hookTimeout: 900_000,
        },
      },
    ],
  },
});
