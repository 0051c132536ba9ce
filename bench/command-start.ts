import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { median } from './median.ts';
import type { BenchRow } from './row.ts';

const PROGRAM = fileURLToPath(new URL('../bin/apictl.js', import.meta.url));
const GOAL = 1.3;

/** What is timed beside `node -e 0`, which is what the machine needs to start Node.js at all. */
const COMMANDS = [['--version'], ['--help'], ['up', '--help']] as const;

/**
 * Times how long the command needs to show its help, in runs that alternate with `node -e 0`, so that other work on the
 * machine falls on all of them alike. Needs the built program and nothing else. @throws Error where a run fails.
 */
export function commandStart(rounds = 41): BenchRow[] {
  const bare: number[] = [];
  const times = COMMANDS.map((): number[] => []);
  for (let round = 0; round < rounds; round += 1) {
    bare.push(timed(['-e', '0']));
    for (const [at, words] of COMMANDS.entries()) times[at]?.push(timed([PROGRAM, ...words]));
  }
  return COMMANDS.map((words, at) => {
    const ours = median(times[at] ?? []);
    return {
      what: `apictl ${words.join(' ')}`,
      ours: `${ours.toFixed(1)} ms`,
      peer: `${median(bare).toFixed(1)} ms (node -e 0)`,
      ratio: ours / median(bare),
      goal: `at most ${GOAL.toFixed(2)}`,
      note: `medians of ${rounds} alternating runs`,
    };
  });
}

/** Milliseconds from the start of the process to its end. */
function timed(argv: readonly string[]): number {
  const started = performance.now();
  const { status, error } = spawnSync(process.execPath, argv, { stdio: ['ignore', 'ignore', 'ignore'] });
  const ms = performance.now() - started;
  if (error !== undefined || status !== 0)
    throw new Error(`node ${argv.join(' ')} ended with ${status}`, { cause: error });
  return ms;
}
