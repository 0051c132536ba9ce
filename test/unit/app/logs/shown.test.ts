import { expect, it } from 'vitest';
import { showLogs } from '../../../../src/app/logs/logs.ts';
import type { Project } from '../../../../src/app/project/project.ts';
import type { World } from '../../../../src/app/world.ts';
import type { Event } from '../../../../src/core/events.ts';
import type { LineFilter } from '../../../../src/logs/filter.ts';
import { at, LogEngine } from '../../../fakes/log-engine.ts';

/** What is told besides the lines, and the lines. */
async function logs(filter: LineFilter, services: readonly string[] = ['backend-1']) {
  const engine = new LogEngine();
  engine.add('b1', 'backend-1', 'exited');
  engine.write('b1', at(1), 'request order-1 answered');
  for (const [id, service] of [
    ['b2', 'backend-2'],
    ['k', 'kong'],
  ] as const) {
    engine.add(id, service, 'exited');
    engine.write(id, at(2), `from ${service}`);
  }
  const events: Event[] = [];
  const lines: string[] = [];
  const world = {
    engine,
    signal: new AbortController().signal,
    emit: (event: Event) => events.push(event),
  } as unknown as World;
  const project = { config: { project: 'apictl' } } as Project;
  const view = {
    begin: () => {},
    show: (batch: readonly { readonly text: string }[]) => lines.push(...batch.map(({ text }) => text)),
    flush: () => {},
  };
  const request = { services, filter, follow: false };
  await showLogs(world, project, request, view);
  return { events, lines };
}

it('says that no line has the request id that was asked for', async () => {
  const { events, lines } = await logs({ requestId: 'nonsense' });
  expect(lines).toEqual([]);
  expect(events).toEqual([{ type: 'note', text: 'No line was found that has the request id nonsense.' }]);
});

it('says nothing where there are lines of the request, or where another filter lets none through', async () => {
  expect(await logs({ requestId: 'order-1' })).toEqual({ events: [], lines: ['request order-1 answered'] });
  expect((await logs({ level: 'error' })).events).toEqual([]);
});

it('shows all replicas where "backend" is asked for', async () => {
  expect((await logs({}, ['backend'])).lines).toEqual(['request order-1 answered', 'from backend-2']);
  expect((await logs({}, ['backend-2', 'kong'])).lines).toEqual(['from backend-2', 'from kong']);
});
