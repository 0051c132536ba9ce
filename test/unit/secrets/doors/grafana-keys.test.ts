import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { localFiles } from '../../../../src/adapters/files.ts';
import { wasmSqlite } from '../../../../src/adapters/sqlite.ts';
import type { Files } from '../../../../src/core/ports/files.ts';
import type { Sqlite } from '../../../../src/core/ports/sqlite.ts';
import { grafanaKeysDoor } from '../../../../src/secrets/doors/grafana-keys.ts';
import { applyRotation, type RotationPorts } from '../../../../src/secrets/rotation-apply.ts';
import { readUnfinished } from '../../../../src/secrets/rotation-journal.ts';
import {
  FakeGrafana,
  grafanaDatabaseFile,
  jsonDatabaseFile,
  jsonSqlite,
  lookIntoJson,
  lookWithSqlite,
} from '../../../fakes/fake-grafana-database.ts';
import { memoryFiles } from '../../../fakes/memory-files.ts';
import { Mortal, mortalPorts } from '../../../support/killed-rotation.ts';

const NAME = 'grafana-secret-key';
const BYTES = [{ name: NAME, bytes: 32 }];
const NOTHING = { begun: [], swapped: [] };
const oldKey = 'the secret key of before';
const dataKeys = { monday: randomBytes(16), tuesday: randomBytes(16) };
const DAYS = Object.keys(dataKeys);
const random = { bytes: (count: number) => randomBytes(count) };
const original = await grafanaDatabaseFile(dataKeys, oldKey);

interface Disk {
  readonly root: string;
  readonly files: Files;
  readonly sqlite: Sqlite;
}

/** A project folder with files of its own, and SQLite. */
async function realDisk(): Promise<Disk> {
  const root = await mkdtemp(join(tmpdir(), 'apictl-rotation-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  return { root, files: localFiles, sqlite: wasmSqlite };
}

function memoryDisk(): Disk {
  const files = memoryFiles();
  return { root: '/project', files, sqlite: jsonSqlite(files) };
}

/** A Grafana whose container has the key that it was made with. */
async function world(
  { root, files, sqlite }: Disk,
  grafana: FakeGrafana,
  mortal = new Mortal(Number.POSITIVE_INFINITY),
) {
  const path = join(root, 'secrets', 'values', NAME);
  const journal = join(root, '.apictl', 'journal');
  await files.write(path, oldKey);
  const { step } = mortal;
  const valueNow = async () => (await files.read(path))?.toString() ?? '';
  const door = grafanaKeysDoor({
    outside: {
      files: { ...files, write: step(files.write), remove: step(files.remove) },
      sqlite: { edit: step(sqlite.edit) },
      random,
    },
    database: {
      stop: step(() => grafana.stop()),
      start: step(() => grafana.start()),
      read: step(() => grafana.read()),
      write: async (next) => {
        // Half of it has arrived when the program is killed.
        await step(async () => grafana.tear(next))();
        await step(() => grafana.write(next))();
      },
    },
    folder: journal,
  });
  const ports: RotationPorts = {
    files,
    random,
    emit: () => {},
    signal: new AbortController().signal,
    waiting: [],
    doorOf: () => door,
    // A container made anew reads what lies in the file now.
    renewReaders: async () => {
      await grafana.stop();
      grafana.key = await valueNow();
      await grafana.start();
      return ['grafana'];
    },
  };
  const left = async () => [
    ...(await files.list(journal)),
    ...(await files.list(join(root, 'secrets', 'values'))).filter((name) => name !== NAME),
  ];
  return { root, path, files, grafana, ports, valueNow, left };
}

const realWorld = async (bytes = original) =>
  world(await realDisk(), new FakeGrafana(bytes, oldKey, dataKeys, lookWithSqlite));

describe('Grafana’s secret key', () => {
  it('is rotated by encrypting its data keys anew while it stands still; everything else stays as it is', async () => {
    const { root, grafana, ports, valueNow, left } = await realWorld();
    const done = await applyRotation(BYTES, NOTHING, ports, root);
    expect(done).toEqual({ rotated: [NAME], restarted: ['grafana'] });
    const key = await valueNow();
    expect(key).not.toBe(oldKey);
    expect(await grafana.opened(key)).toEqual(DAYS);
    expect(await grafana.opened(oldKey)).toEqual([]);
    expect([grafana.key, grafana.isRunning, grafana.wrongStarts]).toEqual([key, true, []]);
    expect(await left()).toEqual([]);
  });

  it.each([
    [
      'a data key of a key management service',
      () => grafanaDatabaseFile(dataKeys, oldKey, 'awskms.v1'),
      'awskms.v1',
    ],
    ['a file that is cut off', async () => original.subarray(0, original.length / 2), 'damaged|malformed'],
    ['a file that is no database', async () => Buffer.from('no database'.repeat(100)), 'not a database'],
  ])('stays with %s, and Grafana runs on as before', async (_what, make, words) => {
    const bytes = await make();
    const { root, grafana, ports, valueNow, left } = await realWorld(bytes);
    await expect(applyRotation(BYTES, NOTHING, ports, root)).rejects.toMatchObject({
      code: 'ROTATION_FAILED',
      message: expect.stringMatching(words),
    });
    expect([await valueNow(), grafana.isRunning, grafana.bytes.equals(bytes)]).toEqual([oldKey, true, true]);
    expect(await left()).toEqual([]);
  });

  it('that is lost is not replaced, and Grafana is not stopped for it', async () => {
    const { root, path, grafana, ports } = await realWorld();
    await localFiles.remove(path);
    await expect(applyRotation(BYTES, NOTHING, ports, root)).rejects.toMatchObject({
      code: 'ROTATION_UNFINISHED',
    });
    expect([grafana.isRunning, await localFiles.read(path)]).toEqual([true, null]);
  });

  it('killed at any step starts Grafana with no key but the one of its data, and the next run finishes', async () => {
    const { monday } = dataKeys;
    const mortalWorld = (mortal: Mortal) =>
      world(
        memoryDisk(),
        new FakeGrafana(jsonDatabaseFile({ monday }, oldKey), oldKey, { monday }, lookIntoJson),
        mortal,
      );
    const unharmed = new Mortal(Number.POSITIVE_INFINITY);
    const whole = await mortalWorld(unharmed);
    await applyRotation(BYTES, NOTHING, mortalPorts(whole.ports, unharmed), whole.root);
    expect(unharmed.steps).toBeGreaterThan(30);
    for (let moment = 1; moment <= unharmed.steps; moment += 1) {
      const mortal = new Mortal(moment);
      const { root, files, grafana, ports, valueNow, left } = await mortalWorld(mortal);
      await applyRotation(BYTES, NOTHING, mortalPorts(ports, mortal), root).catch(() => {});
      mortal.revive();
      const unfinished = await readUnfinished(files, root, [NAME]);
      await applyRotation(
        unfinished.begun.map((name) => ({ name, bytes: 32 })),
        unfinished,
        ports,
        root,
      );
      const key = await valueNow();
      expect([moment, await grafana.opened(key)]).toEqual([moment, ['monday']]);
      expect([moment, grafana.isRunning, grafana.wrongStarts, grafana.key]).toEqual([moment, true, [], key]);
      expect([moment, await left()]).toEqual([moment, []]);
    }
  });
});
