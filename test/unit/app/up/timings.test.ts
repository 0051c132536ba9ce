import { expect, it } from 'vitest';
import { criticalPath, recordTimes, waitedFor } from '../../../../src/app/up/timings.ts';
import type { Event } from '../../../../src/core/events.ts';

const graph = [
  { name: 'postgres', dependsOn: [], isJob: false },
  { name: 'migrations', dependsOn: ['postgres'], isJob: true },
  { name: 'log-volumes', dependsOn: [], isJob: true },
  { name: 'kong', dependsOn: ['migrations', 'log-volumes'], isJob: false },
];

it('reads off the events when a service was created and started, and hands them on', () => {
  const handedOn: Event[] = [];
  let now = 1000;
  const timeline = recordTimes(
    { emit: (event) => void handedOn.push(event), clock: { now: () => now } },
    1000,
  );
  const events: readonly (readonly [number, Event])[] = [
    [1200, { type: 'service.created', service: 'kong' }],
    [5000, { type: 'service.started', service: 'kong' }],
    [5100, { type: 'note', text: 'hello' }],
  ];
  for (const [at, event] of events) {
    now = at;
    timeline.emit(event);
  }
  expect(timeline.of('kong')).toEqual({ createdMs: 200, startedMs: 4000 });
  expect(timeline.of('postgres')).toEqual({ createdMs: null, startedMs: null });
  expect(handedOn).toEqual(events.map(([, event]) => event));
});

it('finds of what a service depends on the one that kept it waiting, and the chain that the run waited for', () => {
  const ready = new Map([
    ['postgres', 2000],
    ['log-volumes', 900],
    ['migrations', 6000],
    ['kong', 9000],
  ]);
  expect(waitedFor(graph, 'kong', ready)).toBe('migrations');
  expect(waitedFor(graph, 'postgres', ready)).toBeNull();
  expect(criticalPath(graph, ready)).toEqual(['postgres', 'migrations', 'kong']);
});

it('has no critical path where everything was ready before', () => {
  expect(criticalPath(graph, new Map(graph.map(({ name }) => [name, 0])))).toEqual([]);
});
