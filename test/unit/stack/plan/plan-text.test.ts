import { expect, it } from 'vitest';
import type { StackPlan } from '../../../../src/stack/plan/plan.ts';
import { planText } from '../../../../src/stack/plan/plan-text.ts';
import { summary } from '../../../fakes/containers.ts';
import { operation } from '../../../fakes/operations.ts';

const plan = (given: Partial<StackPlan>): StackPlan => ({
  operations: [],
  leftovers: [],
  surge: null,
  retired: [],
  orphans: [],
  ...given,
});

it('says of each operation what, on which service, why, and whether it interrupts what runs', () => {
  const text = planText(
    plan({
      leftovers: [summary({ service: 'kong', name: '0123456789ab_apictl-kong-1' })],
      operations: [
        operation('postgres'),
        operation('kong-migrations', { action: 'create', why: 'not there' }),
        operation('kong', { action: 'recreate', why: 'its image changed', interrupts: true }),
      ],
      orphans: [summary({ service: 'grafana' })],
    }),
  );
  expect(text.split('\n')).toEqual([
    'remove    0123456789ab_apictl-kong-1  left behind by an interrupted replacement',
    'create    kong-migrations             not there',
    'recreate  kong                        its image changed; interrupts it until the new one is ready',
    'leave     grafana                     no part of this stack any more; "apictl down" removes it',
    '2 to do, 1 unchanged; interrupts kong',
  ]);
});

it('says that nothing is interrupted where only new services come', () => {
  const text = planText(plan({ operations: [operation('kong', { action: 'create', why: 'not there' })] }));
  expect(text.split('\n').at(-1)).toBe('1 to do, 0 unchanged; nothing that runs is interrupted');
});

it('says that there is nothing to do', () => {
  expect(planText(plan({ operations: [operation('kong')] }))).toBe(
    'nothing to do: what is there is as it should be',
  );
});

it('says which replicas are drained, what shows first that new ones work, and what is too many', () => {
  const text = planText(
    plan({
      operations: [operation('backend-1', { action: 'recreate', why: 'its image changed', drains: true })],
      surge: {
        operation: operation('backend-2', { action: 'create', why: 'not there' }),
        node: { name: 'backend-2', dependsOn: [], isJob: false },
      },
      retired: [summary({ service: 'backend-2' }), summary({ service: 'backend-3' })],
    }),
  );
  expect(text.split('\n')).toEqual([
    'create    backend-2  shows first that the new ones become healthy; serves until they do, then removed',
    'recreate  backend-1  its image changed; drained first, the others serve meanwhile',
    'remove    backend-3  more than backends.replicas; drained before it is stopped',
    '1 to do, 0 unchanged; nothing that runs is interrupted',
  ]);
});
