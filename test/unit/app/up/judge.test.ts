import { describe, expect, it } from 'vitest';
import { judge } from '../../../../src/app/up/judge.ts';
import { withProgress } from '../../../../src/app/up/progress.ts';
import type { World } from '../../../../src/app/world.ts';
import { configSchema } from '../../../../src/config/schema.ts';
import { ApictlError, EXIT } from '../../../../src/core/errors.ts';
import { NotReady } from '../../../../src/stack/schedule/not-ready.ts';
import type { Outcome } from '../../../../src/stack/schedule/run-graph.ts';
import { details } from '../../../fakes/containers.ts';
import { memoryFiles } from '../../../fakes/memory-files.ts';
import { operation } from '../../../fakes/operations.ts';

const lost = new ApictlError({
  code: 'ENGINE_LOST',
  exitCode: EXIT.engine,
  message: 'the Docker Engine went away',
  hint: 'Start it.',
});

/** Nobody can be asked: the engine is away. */
const world = { signal: new AbortController().signal, emit: () => {} } as unknown as World;
const project = { config: { project: 'shop' } } as Parameters<typeof judge>[1];

const RUN = { graph: [], plan: { operations: [], surge: null }, command: 'up' };

describe('a run that lost its engine', () => {
  it('says what was up and what was not done, once, without asking the engine', async () => {
    const outcomes: Outcome[] = [
      { id: 'postgres', state: 'done' },
      { id: 'kong-migrations', state: 'failed', error: lost },
      { id: 'backend-1', state: 'failed', error: lost },
      { id: 'kong', state: 'skipped', because: 'kong-migrations' },
    ];
    await expect(judge(world, project, RUN, outcomes)).rejects.toMatchObject({
      code: 'ENGINE_LOST',
      exitCode: 5,
      message: 'the Docker Engine went away',
      hint: 'Start it.',
      details: ['was up: postgres', 'not done: kong-migrations, backend-1, kong'],
    });
  });

  it('before it had done anything names only what is not done', () => {
    expect(withProgress(lost, [], ['postgres'])).toMatchObject({ details: ['not done: postgres'] });
  });

  it('is no other failure, which stays as it is', () => {
    const other = new Error('x');
    expect(withProgress(other, ['a'], ['b'])).toBe(other);
  });
});

describe('a replica that should show that new ones work, and does not', () => {
  it('leaves no hint at what has been removed, and no state of it', async () => {
    const surge = {
      operation: operation('backend-4', { action: 'create' }),
      node: { name: 'backend-4', dependsOn: [], isJob: false },
    };
    const old = operation('backend-1', { action: 'recreate', drains: true });
    const container = details({ service: 'backend-4', state: 'restarting', exitCode: 3, restarts: 2 });
    const line = {
      service: 'backend-4',
      container: 'id',
      stream: 'stderr' as const,
      timestamp: '',
      text: 'cannot read the model',
    };
    const engine = {
      containers: async () => [],
      inspect: async () => container,
      tail: async () => [line],
    };
    const outcomes: Outcome[] = [
      {
        id: 'backend-4',
        state: 'failed',
        error: new NotReady('backend-4', 'id', { state: 'ended', exitCode: 3, checks: [] }),
      },
      { id: 'backend-1', state: 'skipped', because: 'backend-4' },
    ];
    const thrown = judge(
      { ...world, engine, files: memoryFiles() } as unknown as World,
      { root: '/shop', config: configSchema.parse({ project: 'shop' }), dotenv: {} } as Parameters<
        typeof judge
      >[1],
      { graph: [], plan: { operations: [old], surge }, command: 'up' },
      outcomes,
    );
    await expect(thrown).rejects.toMatchObject({
      code: 'SERVICE_UNHEALTHY',
      hint: 'backend-4 has been removed, its last lines are above; backend-1 serves on as before. Correct the image or its settings, then run "apictl up" again.',
      services: [{ service: 'backend-4', rule: 'crash-loop', state: null, exitCode: 3, restarts: 0 }],
      stillUp: ['backend-1'],
    });
  });
});
