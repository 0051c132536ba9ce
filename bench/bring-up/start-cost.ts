import { performance } from 'node:perf_hooks';
import { execa } from 'execa';
import { dockerEngine } from '../../src/adapters/engine/docker-engine.ts';
import { platformImage } from '../../test/e2e/support/generated-project.ts';
import { median } from '../median.ts';

const STARTS = 7;

/** Milliseconds that the selected engine takes to start one created container while nothing else happens: the median of some. */
export async function startCost(): Promise<number> {
  const engine = dockerEngine(process.env);
  const image = await platformImage();
  // The first call connects.
  await engine.facts();
  const times: number[] = [];
  for (let turn = 0; turn < STARTS; turn += 1) {
    const { stdout: id } = await execa('docker', ['create', '--init', image, 'sleep', '60']);
    try {
      const begunMs = performance.now();
      await engine.start(id);
      times.push(performance.now() - begunMs);
    } finally {
      await execa('docker', ['rm', '--force', id]);
    }
  }
  return median(times);
}
