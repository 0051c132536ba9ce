import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { execa } from 'execa';
import { makeGeneratedProject } from '../../test/e2e/support/generated-project.ts';
import { PLATFORM } from '../../test/support/generated-stack.ts';

/** Milliseconds of each run. */
export interface Stopwatches {
  readonly up: number[];
  readonly again: number[];
  readonly status: number[];
  readonly down: number[];
}

export interface PairedRuns {
  readonly ours: Stopwatches;
  readonly peers: Stopwatches;
}

/**
 * `apictl` beside `docker compose` on the same file, in runs that alternate, on the selected engine: up, up again, status, down.
 * @param startInterval of the health checks, where the engine knows it
 */
export async function pairedRuns(runs: number, startInterval?: string): Promise<PairedRuns> {
  const project = await makeGeneratedProject('bench', PLATFORM, startInterval);
  const ours = stopwatches();
  const peers = stopwatches();
  const apictl = async (words: readonly string[], times: number[]) => {
    const startedMs = performance.now();
    const { exitCode, stderr } = await project.apictl(...words);
    if (exitCode !== 0) throw new Error(`apictl ${words.join(' ')} ended with ${exitCode}: ${stderr}`);
    times.push(performance.now() - startedMs);
  };
  // The same file under a name of its own, so that neither finds the other's containers.
  const file = join(project.root, '.apictl', 'compose.yaml');
  const peer = ['compose', '-p', `${project.name}-peer`, '-f', file];
  const compose = async (words: readonly string[], times: number[]) => {
    const startedMs = performance.now();
    // Jobs that end with 0 make "--wait" end with 1: what counts is how long it takes.
    await execa('docker', [...peer, ...words], { reject: false });
    times.push(performance.now() - startedMs);
  };
  try {
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
    return { ours, peers };
  } finally {
    await execa('docker', [...peer, 'down', '--volumes'], { reject: false });
    await project.destroy();
  }
}

const stopwatches = (): Stopwatches => ({ up: [], again: [], status: [], down: [] });
