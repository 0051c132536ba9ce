import { performance } from 'node:perf_hooks';
import { execa } from 'execa';
import { dockerEngine } from '../../src/adapters/engine/docker-engine.ts';
import { platformImage } from '../../test/e2e/support/generated-project.ts';
import { median } from '../median.ts';

const STARTS = 7;

/**
 * Milliseconds that the selected engine takes to start one created container while nothing else happens, the median of some: in a
 * network of the user's, as every service of a stack is, which takes longer than the engine's own bridge.
 */
export async function startCost(): Promise<number> {
  const engine = dockerEngine(process.env);
  const image = await platformImage();
  // The first call connects.
  await engine.facts();
  const times: number[] = [];
  const { stdout: network } = await execa('docker', ['network', 'create', `bench-${process.pid}`]);
  try {
    for (let turn = 0; turn < STARTS; turn += 1) {
      const { stdout: id } = await execa('docker', [
        'create',
        '--init',
        '--network',
        network,
        image,
        'sleep',
        '60',
      ]);
      try {
        const begunMs = performance.now();
        await engine.start(id);
        times.push(performance.now() - begunMs);
      } finally {
        await execa('docker', ['rm', '--force', id]);
      }
    }
  } finally {
    await execa('docker', ['network', 'rm', network]);
  }
  return median(times);
}
