import { performance } from 'node:perf_hooks';
import { makeProject } from '../test/e2e/support/project.ts';
import type { BenchRow } from './row.ts';

/** The real stack of the embedded flavour: from nothing but its images, with nothing to do, and stopped. */
export async function benchRealStack(): Promise<BenchRow[]> {
  const project = await makeProject('bench-stack');
  try {
    const cold = await up(project);
    const again = await up(project);
    await project.apictl('down');
    const warm = await up(project);
    return [
      { what: 'up of the real stack, nothing there but the images', ...cold, goal: '' },
      { what: 'up of the real stack, nothing to do', ...again, goal: 'at most 3 s' },
      { what: 'up of the real stack, stopped, its data there', ...warm, goal: 'at most 30 s' },
    ];
  } finally {
    await project.destroy();
  }
}

async function up(project: Awaited<ReturnType<typeof makeProject>>) {
  const startedMs = performance.now();
  const { exitCode, stdout, stderr } = await project.apictl('up', '--json');
  if (exitCode !== 0) throw new Error(`apictl up ended with ${exitCode}: ${stderr}`);
  const seconds = ((performance.now() - startedMs) / 1_000).toFixed(2);
  const { criticalPath } = JSON.parse(stdout) as { criticalPath: readonly string[] };
  const note = criticalPath.length === 0 ? {} : { note: `critical path: ${criticalPath.join(' -> ')}` };
  return { ours: `${seconds} s`, peer: 'none', ratio: null, ...note };
}
