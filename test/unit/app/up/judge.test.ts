import { describe, expect, it } from 'vitest';
import { judge } from '../../../../src/app/up/judge.ts';
import { withProgress } from '../../../../src/app/up/progress.ts';
import type { World } from '../../../../src/app/world.ts';
import { ApictlError, EXIT } from '../../../../src/core/errors.ts';
import type { Outcome } from '../../../../src/stack/run-graph.ts';

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
