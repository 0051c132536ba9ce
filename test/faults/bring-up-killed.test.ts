import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type GeneratedProject, makeGeneratedProject } from '../e2e/support/generated-project.ts';
import type { Running } from '../e2e/support/project.ts';
import type { GeneratedService } from '../support/generated-stack.ts';

const STACK: readonly GeneratedService[] = [
  { name: 'database', seconds: 0.3 },
  { name: 'migrations', seconds: 0.1, dependsOn: ['database'], isJob: true },
  { name: 'gateway', seconds: 0.2, dependsOn: ['migrations'] },
];

let project: GeneratedProject;
beforeAll(async () => {
  project = await makeGeneratedProject('killed', STACK);
});
afterAll(async () => {
  await project.destroy();
});

/** The lines of events that a run tells; each is a place where it can be killed. */
const eventsOf = (stderr: string): string[] =>
  stderr.split('\n').filter((line) => line.startsWith('{"time"'));

/** Kills the run as soon as it has told so many events. */
async function killAfter(running: Running, count: number): Promise<void> {
  let told = '';
  running.stderr.on('data', (chunk: Buffer) => {
    told += chunk.toString('utf8');
    if (eventsOf(told).length >= count) running.kill('SIGKILL');
  });
  await running;
}

async function secrets(): Promise<Record<string, string>> {
  const folder = join(project.root, 'secrets', 'values');
  const names = (await readdir(folder).catch(() => [])).filter((name) => !name.startsWith('.'));
  const values = names.map(async (name) => [name, await readFile(join(folder, name), 'utf8')] as const);
  return Object.fromEntries(await Promise.all(values));
}

async function fromNothing(): Promise<void> {
  const { exitCode, stderr } = await project.apictl('down', '--volumes', '--yes');
  expect([exitCode, stderr]).toEqual([0, expect.anything()]);
  await rm(join(project.root, 'secrets'), { recursive: true, force: true });
}

describe('a run that is killed', () => {
  it('at any step leaves what the next run brings to the same end, with the same secrets', async () => {
    const whole = await project.apictl('up', '--json');
    expect(whole.exitCode).toBe(0);
    const steps = eventsOf(whole.stderr).length;
    expect(steps).toBeGreaterThan(10);
    const names = STACK.map(({ name }) => `${project.name}-${name}-1`).sort();
    for (let step = 1; step <= steps; step += 1) {
      await fromNothing();
      await killAfter(project.begin(['up', '--json']), step);
      const kept = await secrets();
      const { exitCode, stderr } = await project.apictl('up', '--json');
      expect([step, exitCode, exitCode === 0 ? '' : stderr]).toEqual([step, 0, '']);
      const found = await project.containers();
      expect([step, found.map(({ name }) => name).sort()]).toEqual([step, names]);
      expect([step, await secrets()]).toEqual([step, expect.objectContaining(kept)]);
    }
  });
});
