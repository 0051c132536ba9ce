import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { localArchiveFiles } from '../../../../src/adapters/archive-files.ts';
import { createBackup } from '../../../../src/app/backup/create.ts';
import { listBackups } from '../../../../src/app/backup/list.ts';
import { markerName, readMarker, refuseIncomplete } from '../../../../src/app/backup/marker.ts';
import { restore } from '../../../../src/app/backup/restore.ts';
import type { Project } from '../../../../src/app/project/project.ts';
import { isBackupName } from '../../../../src/backup/names.ts';
import { lockOf, type Opener } from '../../../../src/backup/seal.ts';
import { ApictlError } from '../../../../src/core/errors.ts';
import { Secret } from '../../../../src/core/secret.ts';
import { FakeStack, Killed } from '../../../fakes/fake-stack.ts';
import { closeFiles, OPENER, readWhole } from '../../../support/backup-archive.ts';

/** A sweep does its work some twenty times, and the machine may be busy with other tests. */
const SWEEP = { timeout: 180_000 };

let folder = '';
let stack = new FakeStack();

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'apictl-backups-'));
  stack = new FakeStack();
});
afterEach(async () => {
  await closeFiles();
  rmSync(folder, { recursive: true });
});

const projectOf = (given: FakeStack, name?: string): Project => {
  const project = given.project();
  const config = { ...project.config, ...(name === undefined ? {} : { project: name }) };
  return { ...project, config: { ...config, backup: { ...config.backup, folder, keep: 2 } } };
};

/** The folder of backups is on a real disk; what lies in it is listed there. */
function worldOf(given: FakeStack) {
  const world = given.world(localArchiveFiles);
  const isBelow = (path: string): boolean => path.startsWith(folder);
  const files = {
    ...world.files,
    list: async (path: string) => (isBelow(path) ? readdirSync(path).sort() : given.files.list(path)),
    remove: async (path: string) => {
      given.change();
      if (isBelow(path)) rmSync(path, { force: true });
      else await given.files.remove(path);
    },
  };
  return { ...world, files };
}

const create = async (given = stack) =>
  createBackup(worldOf(given), projectOf(given), { lock: await lockOf(OPENER), waitLockSeconds: 0 });

const restoreFrom = (
  file: string,
  given: FakeStack,
  options: { replace?: boolean; save?: boolean; project?: string; opener?: Opener } = {},
) =>
  restore(
    worldOf(given),
    async () => projectOf(given, options.project),
    {
      file,
      opener: async () => options.opener ?? OPENER,
      replace: options.replace === true,
      save: options.save !== false,
      timeoutSeconds: 60,
      waitLockSeconds: 0,
    },
    given.up,
  );

const backups = (): string[] => readdirSync(folder).filter(isBackupName);
const stateOf = ({ databases, logging, files, containers }: FakeStack) => ({
  databases: Object.fromEntries(databases),
  logging,
  secret: files.content.get('/srv/shop/secrets/values/postgres-password')?.toString('utf8'),
  running: [...containers.values()],
});

describe('a backup', () => {
  it('holds every database, the logging service’s folder, the files and the secrets', async () => {
    stack.fill();
    const result = await create();
    expect(result.databases).toEqual([
      { name: 'kong', tables: 1, rows: 2 },
      { name: 'orders', tables: 1, rows: 3 },
    ]);
    expect(result.saved).toEqual(['postgres', 'logging', 'configuration', 'secrets']);
    expect(result.leftOut.map(({ what }) => what)).toEqual(['kong']);
    const { contents } = await readWhole(result.file);
    expect(contents.trees).toMatchObject([{ service: 'logging', entries: 2 }]);
    expect(stack.containers.get('logging')).toBe('running');
  });

  it('is refused where nothing runs', async () => {
    await expect(create()).rejects.toMatchObject({ code: 'BACKUP_NEEDS_STACK', exitCode: 4 });
    expect(backups()).toEqual([]);
  });

  it('takes the oldest away when there are too many, and numbers go on', async () => {
    stack.fill();
    for (const nowMs of [9e11, 8e11, 7e11]) {
      stack.nowMs = nowMs;
      await create();
    }
    const { backups: listed } = await listBackups(worldOf(stack), projectOf(stack));
    expect(listed.map(({ sequence }) => sequence)).toEqual([3, 2]);
  });

  it('leaves no file of its name wherever it is killed, and the next one tidies up', SWEEP, async () => {
    stack.fill();
    const first = await create();
    let deaths = 0;
    for (let changes = 0; ; changes += 1) {
      stack.dieAfter(changes);
      const ended = await create().catch((thrown: unknown) => thrown);
      stack.live();
      if (!(ended instanceof Killed)) break;
      deaths += 1;
      expect(
        backups().filter((name) => !first.file.endsWith(name)),
        `after ${changes} changes`,
      ).toEqual([]);
      await readWhole(first.file);
    }
    expect(deaths).toBeGreaterThan(10);
    expect(stack.containers.get('logging')).toBe('running');
    expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([]);
    expect(backups()).toHaveLength(2);
  });

  it('is none on a full disk, and says so', async () => {
    stack.fill();
    const world = worldOf(stack);
    const full = new ApictlError({ code: 'DISK_FULL', exitCode: 8, message: 'full' });
    const archiveFiles = {
      ...world.archiveFiles,
      create: async (path: string) => {
        const file = await localArchiveFiles.create(path);
        let left = 20;
        return {
          ...file,
          write: async (bytes: Uint8Array, position: number) => {
            left -= 1;
            if (left < 0) throw full;
            await file.write(bytes, position);
          },
        };
      },
    };
    const request = { lock: await lockOf(OPENER), waitLockSeconds: 0 };
    await expect(createBackup({ ...world, archiveFiles }, projectOf(stack), request)).rejects.toBe(full);
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('a restore', () => {
  const saved = async (): Promise<{ file: string; state: ReturnType<typeof stateOf> }> => {
    const source = new FakeStack();
    source.fill();
    const { file } = await create(source);
    return { file, state: stateOf(source) };
  };

  it('brings everything back into an empty project', async () => {
    const { file, state } = await saved();
    const result = await restoreFrom(file, stack);
    expect(result).toMatchObject({
      savedAs: null,
      restored: ['postgres', 'logging', 'configuration', 'secrets'],
    });
    expect(stateOf(stack)).toEqual(state);
    expect(await readMarker(worldOf(stack), projectOf(stack))).toBeNull();
  });

  it('that a newer apictl has begun is not finished by an older one', async () => {
    const { file } = await saved();
    stack.volumes.set(markerName('shop'), { 'io.apictl.restore.format': '2' });
    const before = stack.changes;
    await expect(restoreFrom(file, stack)).rejects.toMatchObject({
      code: 'STATE_NEWER',
      exitCode: 64,
      object: 'volume shop_restore-incomplete',
    });
    expect(stack.changes).toBe(before);
  });

  it(
    'is whole, or marked and refused by "up", wherever it is killed; the next one finishes it',
    SWEEP,
    async () => {
      const { file, state } = await saved();
      let deaths = 0;
      for (let changes = 0; ; changes += 1) {
        stack = new FakeStack();
        stack.dieAfter(changes);
        const ended = await restoreFrom(file, stack).catch((thrown: unknown) => thrown);
        stack.live();
        const world = worldOf(stack);
        const isMarked = stack.volumes.has(markerName('shop'));
        if (!(ended instanceof Killed)) {
          expect(ended).toMatchObject({ file });
          break;
        }
        deaths += 1;
        const volumes = await world.engine.volumes('shop');
        const start = async () => refuseIncomplete(volumes, projectOf(stack));
        const refusal = await start().catch((thrown: unknown) => thrown);
        if (isMarked) expect(refusal).toMatchObject({ code: 'RESTORE_INCOMPLETE', exitCode: 3 });
        // Without a marker nothing has been touched, or only the last start is missing.
        else
          expect([{}, state.databases], `after ${changes} changes`).toContainEqual(
            Object.fromEntries(stack.databases),
          );
        if (!isMarked && stack.databases.size > 0) {
          await stack.up(
            world,
            projectOf(stack),
            { services: [] } as unknown as Parameters<typeof stack.up>[2],
            { fd: 0, release: () => {} },
          );
        } else await restoreFrom(file, stack);
        expect(stateOf(stack), `after ${changes} changes`).toEqual(state);
        expect(stack.volumes.has(markerName('shop'))).toBe(false);
      }
      expect(deaths).toBeGreaterThan(12);
    },
  );

  it('is refused where something is, which it names, and touches nothing', async () => {
    const { file } = await saved();
    stack.fill();
    stack.databases.set('kong', ['another']);
    const before = stateOf(stack);
    await expect(restoreFrom(file, stack)).rejects.toMatchObject({
      code: 'RESTORE_NOT_EMPTY',
      exitCode: 64,
      details: [
        'container apictl-postgres-1 (running)',
        'container apictl-logging-1 (running)',
        'volume shop_postgres-data',
        'volume shop_logging-data',
      ],
    });
    expect(stack.changes).toBe(0);
    expect(stateOf(stack)).toEqual(before);
  });

  it('saves what is there first, where it is to replace it', async () => {
    const { file, state } = await saved();
    stack.fill();
    stack.databases.set('kong', ['another']);
    const { savedAs } = await restoreFrom(file, stack, { replace: true });
    expect(stateOf(stack)).toEqual(state);
    await restoreFrom(savedAs ?? '', stack, { replace: true, save: false });
    expect(stack.databases.get('kong')).toEqual(['another']);
  });

  it('does not replace what cannot be saved, unless that is given up', async () => {
    const { file, state } = await saved();
    stack.fill();
    stack.containers.set('postgres', 'exited');
    await expect(restoreFrom(file, stack, { replace: true })).rejects.toMatchObject({
      code: 'BACKUP_NEEDS_STACK',
      hint: expect.stringContaining('--no-save'),
    });
    expect(stack.databases.size).toBe(2);
    await restoreFrom(file, stack, { replace: true, save: false });
    expect(stateOf(stack)).toEqual(state);
  });

  it('is refused in another project, before anybody is asked for a key', async () => {
    const { file } = await saved();
    await expect(restoreFrom(file, stack, { project: 'other' })).rejects.toMatchObject({
      code: 'BACKUP_UNFIT',
      message: expect.stringContaining('a backup of the project "shop", and this is "other"'),
    });
    expect(stack.changes).toBe(0);
  });

  it('with another key touches nothing, also where it would replace what is there', async () => {
    const { file, state } = await saved();
    stack.fill();
    const { generateX25519Identity } = await import('age-encryption');
    const opener: Opener = { kind: 'identities', identities: new Secret(await generateX25519Identity()) };
    const listed = readdirSync(folder);
    await expect(restoreFrom(file, stack, { replace: true, opener })).rejects.toMatchObject({
      code: 'BACKUP_KEY_WRONG',
      exitCode: 7,
    });
    expect([stack.changes, stateOf(stack), readdirSync(folder)]).toEqual([0, state, listed]);
  });

  it('is refused with what is missing where there is no such file', async () => {
    await expect(restoreFrom('none.apictl', stack)).rejects.toMatchObject({
      code: 'BACKUP_MISSING',
      exitCode: 64,
      hint: `Backups lie in ${folder}; "apictl backup ls" shows them, and their names alone are enough.`,
    });
  });

  it('is refused with where backups lie for a folder that holds them', async () => {
    await stack.files.write('/srv/shop/backups/shop.apictl', 'one of them');
    await expect(restoreFrom('backups', stack)).rejects.toMatchObject({
      code: 'BACKUP_MISSING',
      message: '/srv/shop/backups is a folder, not a backup',
      hint: expect.stringContaining(folder),
    });
  });
});
