import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { EntityOperations } from '../../src/admin/operations.ts';
import { AdminError } from '../../src/errors/admin-error.ts';
import { runMigrations } from '../../src/migrations-command.ts';
import { requireEntity } from '../../src/schema/registry.ts';
import { ConfigurationStore } from '../../src/store/configuration-store.ts';
import { MemoryStorage } from '../../src/store/memory-storage.ts';
import { bootstrap, migrateUp } from '../../src/store/migrate.ts';
import { SCHEMA } from '../../src/store/migrations.ts';
import { SqlStorage } from '../../src/store/sql-storage.ts';
import type { Storage } from '../../src/store/tables.ts';
import { startDatabase, type TestDatabase } from '../database.ts';

let fixture: TestDatabase;

beforeAll(async () => {
  fixture = await startDatabase();
});

afterAll(async () => {
  await fixture?.stop();
});

beforeEach(async () => {
  await fixture.database.query(`drop schema if exists ${SCHEMA} cascade`);
});

async function startStore(storage: Storage): Promise<ConfigurationStore> {
  const store = new ConfigurationStore(storage, () => undefined);
  await store.start();
  return store;
}

const operations = (name: string, store: ConfigurationStore) =>
  new EntityOperations(requireEntity(name), store);

describe('migrations', () => {
  const lines: string[] = [];
  const run = (action: string) => runMigrations(action, fixture.database, (line) => void lines.push(line));

  beforeEach(() => {
    lines.length = 0;
  });

  it('may be run any number of times', async () => {
    for (const action of ['bootstrap', 'up', 'finish', 'bootstrap', 'up', 'finish', 'list']) {
      expect(await run(action)).toBe(0);
    }
    expect(lines).toEqual([
      'Database is bootstrapped',
      'Database is already up-to-date',
      'No pending migrations to finish',
      'Database already bootstrapped',
      'Database is already up-to-date',
      'No pending migrations to finish',
      'Executed migrations: 000_base, 001_more_entities',
    ]);
  });

  it('may be started twice at the same moment', async () => {
    const results = await Promise.all([bootstrap(fixture.database), bootstrap(fixture.database)]);
    expect(results.sort()).toEqual([false, true]);
    expect(await migrateUp(fixture.database)).toEqual([]);
  });

  it('need the first step before the others', async () => {
    await expect(run('up')).rejects.toThrow('run "migrations bootstrap" first');
    await expect(run('finish')).rejects.toThrow('run "migrations bootstrap" first');
    expect(await run('list')).toBe(3);
  });
});

describe.each([
  ['PostgreSQL', () => new SqlStorage(fixture.database)],
  ['memory', () => new MemoryStorage()],
] as const)('the configuration stored in %s', (kind, open) => {
  let storage: Storage;
  let store: ConfigurationStore;

  beforeEach(async () => {
    await bootstrap(fixture.database);
    storage = open();
    store = await startStore(storage);
    return () => store.stop();
  });

  it('is in the snapshot when a write has been answered', async () => {
    const service = await operations('services', store).create({ name: 's', host: 'h' });
    expect(store.snapshots.current().services.get(String(service.id))).toMatchObject({
      name: 's',
      host: 'h',
    });
  });

  it('leaves the maps alone that did not change', async () => {
    const before = store.snapshots.current();
    await operations('consumers', store).create({ username: 'c' });
    const after = store.snapshots.current();
    expect(after.version).toBeGreaterThan(before.version);
    expect(after.services).toBe(before.services);
    expect(after.consumers).not.toBe(before.consumers);
  });

  it.runIf(kind === 'PostgreSQL')('reaches other processes that follow the same database', async () => {
    const other = await startStore(open());
    try {
      await operations('consumers', store).create({ username: 'c' });
      await vi.waitFor(() => expect(other.snapshots.current().consumers.size).toBe(1), { timeout: 5000 });
    } finally {
      await other.stop();
    }
  });

  it('is the same for a store that starts later', async () => {
    await operations('services', store).create({ name: 's', host: 'h', tags: ['t'] });
    const again = await startStore(storage);
    expect([...again.snapshots.current().services.values()]).toEqual([
      ...store.snapshots.current().services.values(),
    ]);
    await again.stop();
  });

  it('loses with a parent what cannot live without it, and says so in the snapshot', async () => {
    const consumer = await operations('consumers', store).create({ username: 'c' });
    await operations('keyauth_credentials', store).create({ key: 'k', consumer: { id: consumer.id } });
    await operations('plugins', store).create({
      name: 'request-termination',
      consumer: { id: consumer.id },
    });
    expect(store.snapshots.current().plugins.size).toBe(1);
    await operations('consumers', store).delete('c');
    const { keyAuthCredentials, plugins } = store.snapshots.current();
    expect([keyAuthCredentials.size, plugins.size]).toEqual([0, 0]);
  });

  it('gives one entity to two clients that put the same name at once', async () => {
    const services = operations('services', store);
    const put = (host: string) => services.put('same', { host });
    const results = await Promise.all(['a', 'b', 'c', 'd'].map(put));
    expect(new Set(results.map(({ id }) => id)).size).toBe(1);
    expect(store.snapshots.current().services.size).toBe(1);
  });

  it('loses no change of two clients that patch different fields at once', async () => {
    const services = operations('services', store);
    await services.create({ name: 's', host: 'h' });
    await Promise.all([
      services.patch('s', () => ({ port: 81 })),
      services.patch('s', () => ({ retries: 1 })),
    ]);
    expect(await services.get('s')).toMatchObject({ port: 81, retries: 1 });
  });

  it('forgets a key when its time is up, and frees its text', async () => {
    const consumer = await operations('consumers', store).create({ username: 'c' });
    const keys = operations('keyauth_credentials', store);
    const key = await keys.create({ key: 'k', ttl: 1, consumer: { id: consumer.id } });
    expect(key.ttl).toBe(1);
    expect(store.snapshots.current().keyAuthCredentials.size).toBe(1);
    await vi.waitFor(() => expect(store.snapshots.current().keyAuthCredentials.size).toBe(0), {
      timeout: 10_000,
    });
    await expect(keys.get('k')).rejects.toBeInstanceOf(AdminError);
    expect((await keys.create({ key: 'k', consumer: { id: consumer.id } })).ttl).toBeNull();
  });

  it('keeps any text as a value, never as SQL', async () => {
    const consumers = operations('consumers', store);
    const username = `'; drop schema ${SCHEMA} cascade; -- "`;
    await consumers.create({ username });
    expect((await consumers.get(username)).username).toBe(username);
  });

  it('changes nothing when a part of a change is refused', async () => {
    const routes = operations('routes', store);
    const unknown = { id: '5e0a5f9c-9d3b-4c0f-8a3e-1b2c3d4e5f60' };
    await expect(routes.create({ name: 'r', paths: ['/r'], service: unknown })).rejects.toMatchObject({
      status: 400,
    });
    expect(store.snapshots.current().routes.size).toBe(0);
  });
});
