import { expect, it } from 'vitest';
import { dependantsOf, readGraph, withDependencies } from '../../../../src/stack/graph/graph.ts';
import type { ComposeService } from '../../../../src/stack/render/compose-tree.ts';

const service = (dependsOn: Record<string, string> = {}, restart = 'unless-stopped'): ComposeService => ({
  image: 'x',
  labels: {},
  restart,
  healthcheck: { test: ['CMD', 'true'] },
  depends_on: Object.fromEntries(Object.entries(dependsOn).map(([name, condition]) => [name, { condition }])),
});

const stack = {
  kong: service({ migrations: 'service_completed_successfully' }),
  migrations: service({ postgres: 'service_healthy' }, 'no'),
  postgres: service(),
  logging: service(),
};

it('orders every service behind what it depends on, and knows the jobs', () => {
  const graph = readGraph(stack);
  const names = graph.map(({ name }) => name);
  expect(names.indexOf('postgres')).toBeLessThan(names.indexOf('migrations'));
  expect(names.indexOf('migrations')).toBeLessThan(names.indexOf('kong'));
  expect(graph.filter(({ isJob }) => isJob).map(({ name }) => name)).toEqual(['migrations']);
});

it('tells a cycle by its path', () => {
  const cyclic = {
    a: service({ b: 'service_started' }),
    b: service({ c: 'service_started' }),
    c: service({ a: 'service_started' }),
  };
  expect(() => readGraph(cyclic)).toThrow('a -> b -> c -> a is a cycle');
});

it('tells a dependency that is not in the file', () => {
  expect(() => readGraph({ a: service({ ghost: 'service_started' }) })).toThrow(
    'a depends on ghost, which is not in the file',
  );
});

it('refuses to wait for the health of what has no health check', () => {
  const { healthcheck: _none, ...silent } = service();
  expect(() => readGraph({ kong: service({ postgres: 'service_healthy' }), postgres: silent })).toThrow(
    'kong waits for the health of postgres, which has no health check',
  );
});

it('picks the named services and what they depend on', () => {
  const picked = withDependencies(readGraph(stack), ['migrations']);
  expect(picked.map(({ name }) => name)).toEqual(['postgres', 'migrations']);
});

it('refuses a name that the stack does not have and lists those it has', () => {
  expect(() => withDependencies(readGraph(stack), ['kongo'])).toThrow(
    expect.objectContaining({
      message: 'this stack has no service "kongo"',
      hint: expect.stringMatching(/^Did you mean kong\? Its services: .*postgres/),
    }),
  );
});

it('counts everything that waits for a service, also indirectly', () => {
  expect(dependantsOf(readGraph(stack), 'postgres').sort()).toEqual(['kong', 'migrations']);
});
