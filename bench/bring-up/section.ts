import { execa } from 'execa';
import { messageOf } from '../../src/core/errors.ts';
import { criticalPathOf, PLATFORM } from '../../test/support/generated-stack.ts';
import { median } from '../median.ts';
import type { BenchRow } from '../row.ts';
import { type PairedRuns, pairedRuns, type Stopwatches } from './paired-runs.ts';
import { onSecondEngine } from './second-engine.ts';
import { startCost } from './start-cost.ts';

const NEW_ENGINE = '28';

/** What is wanted beside Compose: it depends on what the engine spares Compose from waiting. */
const GOALS = {
  oldEngine: 'at most 0.40',
  newEngine: 'at most 0.65',
  startInterval: 'at most 0.90',
} as const;

/**
 * A generated stack of 13 services with known boot times and health checks every 10 s: `apictl up` beside `docker compose up -d
 * --wait` on the file that apictl rendered, in runs that alternate; then the same with nothing to do, `status` and `down`. On
 * the machine's engine, and on a newer one beside it, there also with `start_interval: 1s`.
 */
export async function benchBringUp(runs: number): Promise<BenchRow[]> {
  const machine = await onSelectedEngine(runs);
  if (await isNewEngine()) return machine;
  try {
    return [...machine, ...(await onSecondEngine(NEW_ENGINE, () => onSelectedEngine(runs)))];
  } catch (thrown) {
    const [reason = ''] = messageOf(thrown).split('\n');
    const what = `up of 13 services on Engine ${NEW_ENGINE}`;
    return [...machine, { what, ours: 'not run', peer: '', ratio: null, goal: '', note: reason }];
  }
}

async function onSelectedEngine(runs: number): Promise<BenchRow[]> {
  const isNew = await isNewEngine();
  const engine = `Engine ${await engineVersion()}, Compose ${await composeVersion()}`;
  const note = `medians of ${runs} alternating runs, ${engine}`;
  const startMs = await startCost();
  const paired = await pairedRuns(runs);
  const row = pairedRow(paired, note);
  const rows = [
    ...beforeTheClock(median(paired.ours.up), startMs, note),
    row('up of 13 services', 'up -d --wait', 'up', isNew ? GOALS.newEngine : GOALS.oldEngine),
    row('up with nothing to do', 'up -d --wait', 'again', 'at most 0.10 and 0.6 s'),
    row('status', 'ps', 'status', ''),
    row('down', 'down', 'down', 'at most 1.00'),
  ];
  if (!isNew) return rows;
  const asked = pairedRow(await pairedRuns(runs, '1s'), note);
  return [...rows, asked('up, start_interval 1s', 'up -d --wait', 'up', GOALS.startInterval)];
}

/** Against what no tool can beat: the boot times one after the other, and with the time in which the engine starts the containers. */
function beforeTheClock(upMs: number, startMs: number, note: string): BenchRow[] {
  const path = criticalPathOf(PLATFORM);
  const boots = path.reduce((sum, service) => sum + service.seconds, 0);
  const starts = (path.length * startMs) / 1_000;
  const against = (what: string, peer: string, floor: number, goal: string): BenchRow => ({
    what,
    ours: seconds(upMs),
    peer: `${floor.toFixed(1)} s (${peer})`,
    ratio: upMs / 1_000 / floor,
    goal,
    note,
  });
  const hops = `${path.length} starts of ${seconds(startMs)}`;
  return [
    against(
      'up of 13 services, against the critical path',
      'longest chain of boot times',
      boots,
      'at most 1.10',
    ),
    against('up of 13 services, against the engine itself', `that chain and ${hops}`, boots + starts, ''),
  ];
}

const pairedRow =
  ({ ours, peers }: PairedRuns, note: string) =>
  (what: string, words: string, key: keyof Stopwatches, goal: string): BenchRow => ({
    what,
    ours: seconds(median(ours[key])),
    peer: `${seconds(median(peers[key]))} (docker compose ${words})`,
    ratio: median(ours[key]) / median(peers[key]),
    goal,
    note,
  });

const said = async (words: readonly string[]): Promise<string> => (await execa('docker', words)).stdout;
const engineVersion = () => said(['version', '--format', '{{.Server.Version}}']);
const composeVersion = () => said(['compose', 'version', '--short']);
/** From 25 on the engine knows `start_interval`. */
const isNewEngine = async (): Promise<boolean> => Number((await engineVersion()).split('.')[0]) >= 25;

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(2)} s`;
