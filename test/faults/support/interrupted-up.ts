import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { GeneratedProject } from '../../e2e/support/generated-project.ts';
import type { Running } from '../../e2e/support/project.ts';
import type { GeneratedService } from '../../support/generated-stack.ts';

/** The smallest stack with every kind of step: a service, a job that waits for it, and a service behind that. */
export const SMALL_STACK: readonly GeneratedService[] = [
  { name: 'database', seconds: 0.3 },
  { name: 'migrations', seconds: 0.1, dependsOn: ['database'], isJob: true },
  { name: 'gateway', seconds: 0.2, dependsOn: ['migrations'] },
];

/** The lines of events that a run with `--json` tells; each is a place where it can be ended. */
export const eventsOf = (stderr: string): string[] =>
  stderr.split('\n').filter((line) => line.startsWith('{"time"'));

/** Signals the run as soon as it has told so many events, and waits for its end. */
export async function signalAfter(running: Running, events: number, signal: NodeJS.Signals): Promise<void> {
  let told = '';
  running.stderr.on('data', (chunk: Buffer) => {
    const before = eventsOf(told).length;
    told += chunk.toString('utf8');
    if (before < events && eventsOf(told).length >= events) running.kill(signal);
  });
  await running;
}

/** Name -> value of every secret that the project has. */
export async function secretsOf(project: GeneratedProject): Promise<Record<string, string>> {
  const folder = join(project.root, 'secrets', 'values');
  const names = (await readdir(folder).catch(() => [])).filter((name) => !name.startsWith('.'));
  const values = names.map(async (name) => [name, await readFile(join(folder, name), 'utf8')] as const);
  return Object.fromEntries(await Promise.all(values));
}

/** Removes everything of the project: containers, volumes, secrets. */
export async function fromNothing(project: GeneratedProject): Promise<void> {
  const { exitCode, stderr } = await project.apictl('down', '--volumes', '--yes');
  expect([exitCode, stderr]).toEqual([0, expect.anything()]);
  await rm(join(project.root, 'secrets'), { recursive: true, force: true });
}

/** Runs again, and holds that the stack is the one that a run without an interruption makes, with the secrets that were there. */
export async function expectConvergence(project: GeneratedProject, step: number): Promise<void> {
  const kept = await secretsOf(project);
  const { exitCode, stderr } = await project.apictl('up', '--json');
  expect([step, exitCode, exitCode === 0 ? '' : stderr]).toEqual([step, 0, '']);
  const names = SMALL_STACK.map(({ name }) => `${project.name}-${name}-1`).sort();
  const found = (await project.containers()).map(({ name }) => name).sort();
  expect([step, found]).toEqual([step, names]);
  expect([step, await secretsOf(project)]).toEqual([step, expect.objectContaining(kept)]);
}
