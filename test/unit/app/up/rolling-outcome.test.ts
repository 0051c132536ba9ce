import { describe, expect, it } from 'vitest';
import { partlyRolled, rollingOutcome } from '../../../../src/app/up/rolling-outcome.ts';
import { ApictlError } from '../../../../src/core/errors.ts';
import type { Outcome } from '../../../../src/stack/schedule/run-graph.ts';
import { operation } from '../../../fakes/operations.ts';

const PLAN = {
  operations: [
    operation('kong'),
    ...['backend-1', 'backend-2'].map((name) => operation(name, { action: 'recreate', drains: true })),
  ],
  surge: {
    operation: operation('backend-3', { action: 'create' }),
    node: { name: 'backend-3', dependsOn: [], isJob: false },
  },
};
const failed = (id: string): Outcome => ({ id, state: 'failed', error: new Error(id) });
const done = (id: string): Outcome => ({ id, state: 'done' });
const skipped = (id: string, because: string): Outcome => ({ id, state: 'skipped', because });
const away = new ApictlError({
  code: 'KONG_UNREACHABLE',
  exitCode: 6,
  message: 'nobody answers',
  hint: 'Look at Kong.',
});

describe('a change of the replicas that failed', () => {
  it('before any was touched leaves the failure as it is, and names those that are as before', () => {
    const outcome = rollingOutcome(PLAN, [
      done('kong'),
      failed('backend-3'),
      skipped('backend-1', 'backend-3'),
      skipped('backend-2', 'backend-3'),
      skipped('retire', 'backend-3'),
    ]);
    expect(partlyRolled(away, outcome, 'up')).toMatchObject({
      code: 'KONG_UNREACHABLE',
      exitCode: 6,
      details: ['as before: backend-1, backend-2'],
      hint: 'Look at Kong.',
    });
  });

  it('in the middle is partly applied: what is done, what is as before, what serves besides, what to type', () => {
    const outcome = rollingOutcome(PLAN, [
      done('kong'),
      done('backend-3'),
      done('backend-1'),
      failed('backend-2'),
      skipped('retire', 'backend-2'),
    ]);
    expect(partlyRolled(away, outcome, 'up')).toMatchObject({
      code: 'ROLLOUT_INCOMPLETE',
      exitCode: 3,
      message: 'the replicas are changed in part: nobody answers',
      details: ['done: backend-1', 'serves besides until the rest is done: backend-3'],
      hint: 'No request is lost. Run "apictl up" again: it goes on from there.',
    });
  });

  it('after its end is no failure of the change, as that of the seeding', () => {
    const all = ['kong', 'backend-1', 'backend-2', 'backend-3', 'retire'].map(done);
    expect(partlyRolled(away, rollingOutcome(PLAN, [...all, failed('seed')]), 'up')).toBe(away);
  });

  it('has nothing to say where no replica was to be changed', () => {
    const outcome = rollingOutcome({ operations: [operation('kong')], surge: null }, [failed('seed')]);
    expect(partlyRolled(away, outcome, 'up')).toBe(away);
  });
});
