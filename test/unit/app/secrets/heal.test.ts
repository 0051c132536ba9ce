import { describe, expect, it } from 'vitest';
import { healRotation } from '../../../../src/app/secrets/heal.ts';
import type { World } from '../../../../src/app/world.ts';
import { configSchema } from '../../../../src/config/schema.ts';
import { ApictlError, EXIT } from '../../../../src/core/errors.ts';
import type { Event } from '../../../../src/core/events.ts';
import type { ContainerSummary, Engine } from '../../../../src/core/ports/engine.ts';
import { details, summary } from '../../../fakes/containers.ts';
import { fakeClock } from '../../../fakes/fake-clock.ts';
import { memoryFiles } from '../../../fakes/memory-files.ts';

const values = '/srv/secrets/values';
const journal = '/srv/.apictl/journal/rotation.json';
const project = { root: '/srv', config: configSchema.parse({}), dotenv: {} };

/** A machine where PostgreSQL has a password and is asked for it by commands in its container. */
function machine(given: Readonly<Record<string, string>>, password: string) {
  const files = memoryFiles(given);
  const containers: ContainerSummary[] = [];
  const events: Event[] = [];
  const database = { verifier: password };
  const engine: Partial<Engine> = {
    containers: async () => [...containers],
    inspect: async () => details(),
    volumes: async () => [{ name: 'apictl_postgres-data-17-embedded', labels: {}, driver: '', options: {} }],
    exec: async (_id, argv, _timeoutMs, _signal, input) => {
      const text = input?.reveal() ?? '';
      if (text.includes('ALTER ROLE kong PASSWORD')) database.verifier = 'the new one';
      if (argv[0] !== 'sh') return { exitCode: 0, output: '' };
      const isRight = database.verifier === 'the new one' && text === 'begun and not finished\n';
      return { exitCode: isRight ? 0 : 2, output: isRight ? '1' : 'FATAL: password authentication failed' };
    },
  };
  const world = {
    ...{ files, engine, clock: fakeClock(), signal: new AbortController().signal },
    emit: (event: Event) => void events.push(event),
    random: { bytes: (count: number) => new Uint8Array(count) },
  } as unknown as World;
  return { files, containers, events, database, world };
}

describe('a bring-up after a rotation that was broken off', () => {
  it('does nothing where none was', async () => {
    const { world, events } = machine({ [`${values}/postgres-password`]: 'the old one' }, 'the old one');
    await healRotation(world, project, () => Promise.reject(new Error('nothing is brought up')));
    expect(events).toEqual([]);
  });

  it('brings up what holds the value, and nothing else, before it finishes', async () => {
    const { world, files, containers, database } = machine(
      {
        [`${values}/postgres-password`]: 'the old one',
        [`${values}/postgres-password.next`]: 'begun and not finished',
        [journal]: '{"secrets":["postgres-password"]}',
      },
      'the new one',
    );
    const brought: (readonly string[])[] = [];
    await healRotation(world, project, async (services) => {
      brought.push(services);
      containers.push(summary({ service: 'postgres' }));
      return services;
    });
    expect(brought).toEqual([['postgres']]);
    expect(files.content.get(`${values}/postgres-password`)?.toString()).toBe('begun and not finished');
    expect(database.verifier).toBe('the new one');
    expect([...files.content.keys()]).toEqual([`${values}/postgres-password`]);
  });

  it('lets a value wait whose service is no part of the stack, tells it, and keeps what it knows', async () => {
    const { world, files, events } = machine(
      {
        [`${values}/postgres-password`]: 'the old one',
        [`${values}/postgres-password.next`]: 'begun and not finished',
        [`${values}/django-secret-key`]: 'the old key',
        [`${values}/django-secret-key.next`]: 'the new key',
      },
      'the new one',
    );
    const unknown = new ApictlError({
      code: 'SERVICE_UNKNOWN',
      exitCode: EXIT.usage,
      message: 'no postgres',
    });
    await healRotation(world, project, () => Promise.reject(unknown));
    expect(events).toContainEqual({
      type: 'warning',
      text: 'the rotation of postgres-password waits: postgres keeps it in its data and does not run',
    });
    expect(files.content.get(`${values}/django-secret-key`)?.toString()).toBe('the new key');
    expect(files.content.get(`${values}/postgres-password`)?.toString()).toBe('the old one');
    expect(files.content.get(`${values}/postgres-password.next`)?.toString()).toBe('begun and not finished');
    expect(files.content.get(journal)?.toString()).toContain('postgres-password');
  });

  it('never starts a Grafana whose data may be encrypted with the key to come: its container is made, no more', async () => {
    const { world, containers } = machine(
      {
        [`${values}/grafana-admin-password`]: 'its password',
        [`${values}/grafana-secret-key`]: 'the old key',
        [`${values}/grafana-secret-key.next`]: 'the new key',
        [journal]: '{"secrets":["grafana-admin-password","grafana-secret-key"]}',
      },
      'unused',
    );
    const stopped = new Error('looked for its database');
    const volume = { name: 'apictl_grafana-data-official', labels: {}, driver: '', options: {} };
    Object.assign(world.engine, { volumes: async () => [volume], stop: () => Promise.reject(stopped) });
    const brought: unknown[] = [];
    const healing = healRotation(world, project, async (services, until) => {
      brought.push([services, until]);
      containers.push(summary({ service: 'grafana', state: 'created' }));
      return [];
    });
    await expect(healing).rejects.toThrow('looked for its database');
    expect(brought).toEqual([[['grafana'], 'created']]);
  });
});
