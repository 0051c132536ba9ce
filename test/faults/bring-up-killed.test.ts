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
  project = await makeGeneratedProject('killed', SMALL_STACK);
});
afterAll(async () => {
  await project.destroy();
});

describe('a run that is killed', () => {
  it('at any step leaves what the next run brings to the same end, with the same secrets', async () => {
    const whole = await project.apictl('up', '--json');
    expect(whole.exitCode).toBe(0);
    const steps = eventsOf(whole.stderr).length;
    expect(steps).toBeGreaterThan(10);
    for (let step = 1; step <= steps; step += 1) {
      await fromNothing(project);
      await signalAfter(project.begin(['up', '--json']), step, 'SIGKILL');
      await expectConvergence(project, step);
    }
  });
});
