import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { execa } from 'execa';
import { makeGeneratedProject } from '../test/e2e/support/generated-project.ts';
import { criticalSeconds, PLATFORM } from '../test/support/generated-stack.ts';
import { median } from './median.ts';
import type { BenchRow } from './row.ts';

/** What is wanted against Compose; it depends on what the engine spares Compose from waiting. */
const GOALS = { oldEngine: 'at most 0.40', newEngine: 'at most 0.65' } as const;

/**
 * A generated stack of 13 services with known boot times and health checks every 10 s: `apictl up` beside `docker compose up -d
 * --wait` on the file that apictl rendered, in runs that alternate; then the same with nothing to do, `status` and `down`.
 */
export async function benchBringUp(runs: number): Promise<BenchRow[]> {
  const project = await makeGeneratedProject('bench', PLATFORM);
  try {
    const ours = stopwatches();
    const peers = stopwatches();
    const apictl = async (words: readonly string[], times: number[]) => {
      const startedMs = performance.now();
      const { exitCode, stderr } = await project.apictl(...words);
      if (exitCode !== 0) throw new Error(`apictl ${words.join(' ')} ended with ${exitCode}: ${stderr}`);
      times.push(performance.now() - startedMs);
    };
    // The same file under a name of its own, so that neither finds the other's containers.
    const compose = async (words: readonly string[], times: number[]) => {
      const startedMs = performance.now();
      const file = join(project.root, '.apictl', 'compose.yaml');
      // Jobs that end with 0 make "--wait" end with 1: what counts is how long it takes.
      await execa('docker', ['compose', '-p', `${project.name}-peer`, '-f', file, ...words], {
        reject: false,
      });
      times.push(performance.now() - startedMs);
    };
    for (let run = 0; run < runs; run += 1) {
      await apictl(['up'], ours.up);
      await apictl(['up'], ours.again);
      await apictl(['status'], ours.status);
      await apictl(['down'], ours.down);
      await compose(['up', '-d', '--wait'], peers.up);
      await compose(['up', '-d', '--wait'], peers.again);
      await compose(['ps'], peers.status);
      await compose(['down'], peers.down);
    }
    return rows(ours, peers, await engineVersion(), runs);
  } finally {
    await execa('docker', ['compose', '-p', `${project.name}-peer`, 'down', '--volumes'], { reject: false });
    await project.destroy();
  }
}

interface Stopwatches {
  readonly up: number[];
  readonly again: number[];
  readonly status: number[];
  readonly down: number[];
}

const stopwatches = (): Stopwatches => ({ up: [], again: [], status: [], down: [] });

function rows(ours: Stopwatches, peers: Stopwatches, engine: string, runs: number): BenchRow[] {
  const note = `medians of ${runs} alternating runs, Engine ${engine}`;
  const row = (what: string, words: string, key: keyof Stopwatches, goal: string): BenchRow => ({
    what,
    ours: seconds(median(ours[key])),
    peer: `${seconds(median(peers[key]))} (docker compose ${words})`,
    ratio: median(ours[key]) / median(peers[key]),
    goal,
    note,
  });
  const critical = criticalSeconds(PLATFORM);
  const isOld = Number(engine.split('.')[0]) < 25;
  return [
    {
      what: 'up of 13 services, against the critical path',
      ours: seconds(median(ours.up)),
      peer: `${critical.toFixed(1)} s (longest chain of boot times)`,
      ratio: median(ours.up) / 1_000 / critical,
      goal: 'at most 1.10',
      note,
    },
    row('up of 13 services', 'up -d --wait', 'up', isOld ? GOALS.oldEngine : GOALS.newEngine),
    row('up with nothing to do', 'up -d --wait', 'again', 'at most 0.10 and 0.6 s'),
    row('status', 'ps', 'status', ''),
    row('down', 'down', 'down', 'at most 1.00'),
  ];
}

const engineVersion = async (): Promise<string> =>
  (await execa('docker', ['version', '--format', '{{.Server.Version}}'])).stdout;

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(2)} s`;
