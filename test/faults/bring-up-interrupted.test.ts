import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type GeneratedProject, makeGeneratedProject } from '../e2e/support/generated-project.ts';
import {
  eventsOf,
  expectConvergence,
  fromNothing,
  SMALL_STACK,
  signalAfter,
} from './support/interrupted-up.ts';

let project: GeneratedProject;
beforeAll(async () => {
  project = await makeGeneratedProject('interrupted', SMALL_STACK);
});
afterAll(async () => {
  await project.destroy();
});

/** Files that something was about to write. */
async function unfinishedFiles(): Promise<string[]> {
  const folders = ['.', '.apictl', 'secrets/values', 'secrets/certs'].map((folder) =>
    join(project.root, folder),
  );
  const names = await Promise.all(folders.map((folder) => readdir(folder).catch(() => [])));
  return names.flat().filter((name) => /\.tmp|\.new|\.part/.test(name));
}

describe('a run that is asked to end', () => {
  it.each([
    ['SIGINT', 130, 0],
    ['SIGTERM', 143, 1],
  ] as const)(
    'by %s at any step ends with %i, says what is up, leaves nothing half done, and goes on later',
    async (signal, code, offset) => {
      const whole = await project.apictl('up', '--json');
      const steps = eventsOf(whole.stderr).length;
      // The last event is the end itself. Each signal has every second step: the two share their code.
      for (let step = 1 + offset; step < steps; step += 2) {
        await fromNothing(project);
        const running = project.begin(['up', '--json']);
        await signalAfter(running, step, signal);
        const { exitCode, stderr } = await running;
        expect([step, exitCode]).toEqual([step, code]);
        const { error } = JSON.parse(stderr.split('\n').at(-1) ?? '');
        expect([step, error]).toEqual([
          step,
          expect.objectContaining({ code: 'INTERRUPTED', exitCode: code }),
        ]);
        expect([step, await unfinishedFiles()]).toEqual([step, []]);
        await expectConvergence(project, step);
      }
    },
  );

  it('a second time ends at once, and leaves no lock', async () => {
    await fromNothing(project);
    const running = project.begin(['up', '--json']);
    running.stderr.on('data', () => {
      running.kill('SIGINT');
      running.kill('SIGTERM');
    });
    const { exitCode } = await running;
    expect([130, 143]).toContain(exitCode);
    await expectConvergence(project, 0);
  });
});
