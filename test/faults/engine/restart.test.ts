import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  type GeneratedProject,
  makeGeneratedProject,
  platformImage,
} from '../../e2e/support/generated-project.ts';
import type { GeneratedService } from '../../support/generated-stack.ts';
import { canRunSecondEngine, type SecondEngine, secondEngine } from '../support/second-engine.ts';

/** Slow enough for the engine to restart under it. */
const STACK: readonly GeneratedService[] = [
  { name: 'database', seconds: 4 },
  { name: 'migrations', seconds: 1, dependsOn: ['database'], isJob: true },
  { name: 'gateway', seconds: 1, dependsOn: ['migrations'] },
];

let engine: SecondEngine;

const restart = async (): Promise<void> => {
  await engine.halt();
  await engine.start();
};

describe.runIf(canRunSecondEngine)('an engine that restarts', () => {
  let project: GeneratedProject;

  beforeAll(async () => {
    engine = await secondEngine(`restart${process.pid}`, [await platformImage()]);
    project = await makeGeneratedProject('restart', STACK);
  });

  afterAll(async () => {
    await project?.destroy();
    await engine?.stop();
  });

  it('in the middle of a run is waited for, and the run comes to its end', async () => {
    const running = project.begin(['up', '--json']);
    let told = '';
    running.stderr.on('data', (chunk: Buffer) => {
      told += chunk.toString('utf8');
    });
    await vi.waitFor(() => expect(told).toContain('"event":"service.started","service":"database"'), {
      timeout: 60_000,
    });
    await restart();
    const { exitCode, stderr } = await running;
    expect([exitCode, exitCode === 0 ? '' : stderr]).toEqual([0, '']);
    expect(told).toContain('the Docker Engine is back');
    const states = (await project.containers()).map(({ service, state }) => `${service} ${state}`);
    expect(states).toEqual(['database running', 'gateway running', 'migrations exited']);
  });

  it('while nobody watches brings the stack back by itself, and status tells the truth meanwhile', async () => {
    await restart();
    const status = async () => {
      const { exitCode, stdout } = await project.apictl('status', '--json');
      return { exitCode, state: JSON.parse(stdout).state as string };
    };
    const seen: { exitCode: number; state: string }[] = [];
    await vi.waitFor(
      async () => {
        const now = await status();
        seen.push(now);
        expect(now).toEqual({ exitCode: 0, state: 'healthy' });
      },
      { timeout: 60_000, interval: 200 },
    );
    // Everything boots for seconds, in any order: before it is ready it is not called healthy.
    expect(seen[0]).toEqual({ exitCode: 4, state: 'degraded' });
    const { stdout } = await project.apictl('up', '--json');
    const actions = JSON.parse(stdout).services.map(({ action }: { action: string }) => action);
    expect(actions).toEqual(['unchanged', 'unchanged', 'unchanged']);
  });
});
