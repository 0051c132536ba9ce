import { describe, expect, it } from 'vitest';
import type { Event } from '../../../src/core/events.ts';
import type { Files } from '../../../src/core/ports/files.ts';
import type { Secret } from '../../../src/core/secret.ts';
import type { Door, Holding } from '../../../src/secrets/door.ts';
import { applyRotation, type RotationPorts } from '../../../src/secrets/rotation-apply.ts';
import { readUnfinished, writeJournal } from '../../../src/secrets/rotation-journal.ts';
import { fakeDoor } from '../../fakes/fake-door.ts';
import { memoryFiles } from '../../fakes/memory-files.ts';
import { Mortal, mortalPorts } from '../../support/killed-rotation.ts';

const root = '/project';
const path = (name: string) => `${root}/secrets/values/${name}`;
const NAMES = ['database', 'token'];
const BYTES = NAMES.map((name) => ({ name, bytes: 24 }));
const NOTHING = { begun: [], swapped: [] };

/** Numbers that never repeat, as a good generator's. */
function countingRandom() {
  let count = 0;
  return {
    bytes: (length: number) => {
      count += 1;
      return new Uint8Array(length).fill(count);
    },
  };
}

/** A database that holds its password, and a service that reads its token when it starts. */
function world(files = memoryFiles({ [path('database')]: 'old database', [path('token')]: 'old token' })) {
  const database = fakeDoor('old database');
  const service = { token: 'old token', takes: true };
  const restarts: string[][] = [];
  const events: Event[] = [];
  const token: Door = { opens: async (value) => service.takes && value.reveal() === service.token };
  const ports: RotationPorts = {
    files,
    random: countingRandom(),
    emit: (event) => void events.push(event),
    signal: new AbortController().signal,
    waiting: [],
    doorOf: (name) => ({ database: database.door, token })[name],
    renewReaders: async (names) => {
      restarts.push([...names]);
      if (names.includes('token')) service.token = files.content.get(path('token'))?.toString() ?? '';
      return names.map((name) => `reader of ${name}`);
    },
  };
  return { files, database, service, restarts, events, ports };
}

const fileOf = (files: ReturnType<typeof memoryFiles>, name: string) =>
  files.content.get(path(name))?.toString();

describe('a rotation', () => {
  it('sets every value where it is held, puts it in its place, and makes all readers anew in one go', async () => {
    const { files, database, service, restarts, ports } = world();
    const done = await applyRotation(BYTES, NOTHING, ports, root);
    expect(done).toEqual({ rotated: NAMES, restarted: ['reader of database', 'reader of token'] });
    expect(restarts).toEqual([NAMES]);
    expect(fileOf(files, 'database')).toMatch(/^[\w-]{32}$/);
    expect(database.state).toEqual({
      value: fileOf(files, 'database'),
      guest: fileOf(files, 'database'),
      meantime: null,
    });
    expect(service.token).toBe(fileOf(files, 'token'));
    expect(files.modes.get(path('database'))).toBe(0o444);
    expect([...files.content.keys()].sort()).toEqual([path('database'), path('token')]);
  });

  it('puts nothing in its place whose login is refused: the old value is everywhere again', async () => {
    const { files, database, restarts, ports } = world();
    const refusing: Door = { ...database.door, opens: async () => false };
    await expect(
      applyRotation(BYTES, NOTHING, { ...ports, doorOf: () => refusing }, root),
    ).rejects.toMatchObject({
      code: 'ROTATION_FAILED',
      exitCode: 7,
      message: 'database keeps its old value: the login with its new value is refused',
    });
    expect(fileOf(files, 'database')).toBe('old database');
    expect(database.state).toEqual({ value: 'old database', guest: 'old database', meantime: null });
    expect([...files.content.keys()].sort()).toEqual([path('database'), path('token')]);
    expect(restarts).toEqual([]);
  });

  it('says what is rotated when a later one fails, and has finished those', async () => {
    const { files, ports, restarts } = world();
    const broken: Door = {
      opens: async () => true,
      holding: {
        admit: async () => {
          throw new Error('no such user');
        },
        retire: async () => {},
        undo: async () => {},
      },
    };
    const doorOf = (name: string) => (name === 'token' ? broken : ports.doorOf(name));
    await expect(applyRotation(BYTES, NOTHING, { ...ports, doorOf }, root)).rejects.toMatchObject({
      code: 'ROTATION_FAILED',
      exitCode: 3,
      message: 'token keeps its old value: no such user',
      details: ['rotated: database'],
    });
    expect(fileOf(files, 'token')).toBe('old token');
    expect(restarts).toEqual([['database']]);
  });

  it('gives readers the old value back that do not take the new one', async () => {
    const { files, service, restarts, ports } = world();
    service.takes = false;
    await expect(applyRotation(BYTES, NOTHING, ports, root)).rejects.toMatchObject({
      exitCode: 3,
      message: 'token keeps its old value: the login with its new value is refused',
    });
    expect(fileOf(files, 'token')).toBe('old token');
    expect(service.token).toBe('old token');
    expect(restarts).toEqual([NAMES, ['token']]);
    expect(await readUnfinished(files, root, NAMES)).toEqual(NOTHING);
  });

  it('keeps what it has begun where neither going on nor undoing works, and says so', async () => {
    const { files, database, ports } = world();
    const holding = {
      admit: async (_current: Secret | null, next: Secret) => {
        database.state.value = next.reveal();
        throw new Error('the connection broke');
      },
      undo: async () => {
        throw new Error('nobody answers');
      },
      retire: async () => {},
    };
    const doorOf = () => ({ ...database.door, holding });
    await expect(applyRotation(BYTES, NOTHING, { ...ports, doorOf }, root)).rejects.toMatchObject({
      code: 'ROTATION_UNFINISHED',
      exitCode: 3,
      details: ['undoing it failed too: nobody answers'],
    });
    const unfinished = await readUnfinished(files, root, NAMES);
    expect(unfinished).toEqual({ begun: ['database'], swapped: [] });
    // The next run, with everything well again, goes on with the same value.
    const staged = files.content.get(`${path('database')}.next`)?.toString();
    await applyRotation([{ name: 'database', bytes: 24 }], unfinished, ports, root);
    expect(fileOf(files, 'database')).toBe(staged);
    expect(database.state.value).toBe(staged);
  });

  it('on a full disk changes nothing and leaves nothing', async () => {
    const { files, database, ports } = world();
    const full = async () => {
      throw new Error('no space left on device');
    };
    await expect(
      applyRotation(BYTES, NOTHING, { ...ports, files: { ...files, write: full } }, root),
    ).rejects.toMatchObject({ message: 'database keeps its old value: no space left on device' });
    expect(fileOf(files, 'database')).toBe('old database');
    expect(database.state.value).toBe('old database');
    expect([...files.content.keys()].sort()).toEqual([path('database'), path('token')]);
  });

  it.each(['before', 'after'])(
    'whose rename fails %s it was done goes back to the old value',
    async (when) => {
      const { files, database, ports } = world();
      const rename: Files['rename'] = async (from, to) => {
        if (when === 'after') await files.rename(from, to);
        throw new Error('the disk is gone');
      };
      await expect(
        applyRotation(BYTES, NOTHING, { ...ports, files: { ...files, rename } }, root),
      ).rejects.toMatchObject({ message: 'database keeps its old value: the disk is gone' });
      expect([fileOf(files, 'database'), database.state.value, database.state.guest]).toEqual(
        Array.from({ length: 3 }, () => 'old database'),
      );
      expect(await readUnfinished(files, root, NAMES)).toEqual(NOTHING);
    },
  );

  it('stops between two secrets when it is interrupted, and has finished the first', async () => {
    const { files, ports } = world();
    const interruption = new AbortController();
    const stop: Files['rename'] = async (from, to) => {
      await ports.files.rename(from, to);
      interruption.abort('SIGINT');
    };
    await expect(
      applyRotation(
        BYTES,
        NOTHING,
        { ...ports, files: { ...files, rename: stop }, signal: interruption.signal },
        root,
      ),
    ).rejects.toMatchObject({ code: 'INTERRUPTED', exitCode: 130 });
    expect(fileOf(files, 'database')).not.toBe('old database');
    expect(fileOf(files, 'token')).toBe('old token');
    expect(await readUnfinished(files, root, NAMES)).toEqual(NOTHING);
  });

  it('says at once, when it is interrupted, that the step in hand is ended first and what a second signal does', async () => {
    const { database, events, ports } = world();
    const interruption = new AbortController();
    const atAdmission: Event[] = [];
    const admit: Holding['admit'] = async (before, next) => {
      interruption.abort('SIGINT');
      atAdmission.push(...events);
      await database.door.holding?.admit(before, next);
    };
    const door: Door = { ...database.door, holding: { ...(database.door.holding as Holding), admit } };
    await applyRotation(
      BYTES,
      NOTHING,
      { ...ports, doorOf: () => door, signal: interruption.signal },
      root,
    ).catch(() => {});
    expect(atAdmission.at(-1)).toEqual({
      type: 'warning',
      text: 'interrupted: the step in hand is ended first, which can take some seconds; a second Ctrl-C ends at once, and the next "apictl up" or "apictl secrets rotate" goes on from there',
    });
    expect(events.filter(({ type }) => type === 'warning')).toHaveLength(1);
  });

  it('says nothing of an interruption that comes after its end', async () => {
    const { events, ports } = world();
    const interruption = new AbortController();
    await applyRotation(BYTES, NOTHING, { ...ports, signal: interruption.signal }, root);
    interruption.abort('SIGINT');
    expect(events.filter(({ type }) => type === 'warning')).toEqual([]);
  });

  it('shows no value in what it says', async () => {
    const { files, events, ports } = world();
    await applyRotation(BYTES, NOTHING, ports, root);
    const said = JSON.stringify(events);
    for (const name of NAMES) expect(said).not.toContain(fileOf(files, name));
    expect(said).not.toContain('old ');
  });
});

describe('a rotation that is killed', () => {
  it('at any step leaves the guest connected, and the next run brings everything to one value', async () => {
    const unharmed = new Mortal(Number.POSITIVE_INFINITY);
    await applyRotation(BYTES, NOTHING, mortalPorts(world().ports, unharmed), root);
    expect(unharmed.steps).toBeGreaterThan(30);
    for (let moment = 1; moment <= unharmed.steps; moment += 1) {
      const whole = world();
      const { files, database, service } = whole;
      await applyRotation(BYTES, NOTHING, mortalPorts(whole.ports, new Mortal(moment)), root).catch(() => {});
      expect([moment, database.guestIsIn()]).toEqual([moment, true]);
      const unfinished = await readUnfinished(files, root, NAMES);
      const begun = BYTES.filter(({ name }) => unfinished.begun.includes(name));
      await applyRotation(begun, unfinished, whole.ports, root);
      const value = fileOf(files, 'database');
      expect([moment, database.state]).toEqual([moment, { value, guest: value, meantime: null }]);
      expect([moment, service.token]).toEqual([moment, fileOf(files, 'token')]);
      expect([moment, [...files.content.keys()].sort()]).toEqual([moment, [path('database'), path('token')]]);
    }
  });

  it('is taken up without its journal too', async () => {
    const whole = world();
    const { files, database, ports } = whole;
    await files.write(`${path('database')}.next`, 'half-way in', 0o444);
    const unfinished = await readUnfinished(files, root, NAMES);
    expect(unfinished).toEqual({ begun: ['database'], swapped: [] });
    await applyRotation([{ name: 'database', bytes: 24 }], unfinished, ports, root);
    expect([fileOf(files, 'database'), database.state.value]).toEqual(['half-way in', 'half-way in']);
  });

  it('whose journal a newer apictl wrote is refused, not finished by guessing', async () => {
    const text = '{"format":2,"secrets":["database"]}';
    const files = memoryFiles({ [`${root}/.apictl/journal/rotation.json`]: text });
    await expect(readUnfinished(files, root, NAMES)).rejects.toMatchObject({
      code: 'STATE_NEWER',
      exitCode: 64,
      object: `${root}/.apictl/journal/rotation.json`,
    });
  });

  it('has a journal with the number of its format; one without, of an earlier apictl, is read as well', async () => {
    const files = memoryFiles();
    await writeJournal(files, root, ['database']);
    const path = `${root}/.apictl/journal/rotation.json`;
    expect(JSON.parse(files.content.get(path)?.toString('utf8') ?? '')).toEqual({
      format: 1,
      secrets: ['database'],
    });
    await files.write(path, '{"secrets":["database"]}');
    expect((await readUnfinished(files, root, NAMES)).swapped).toEqual(['database']);
  });

  it.each([
    '',
    '{',
    '{"format":"x","secrets":["database"]}',
    '{"secrets":1}',
    '{"secrets":["../../etc/passwd"]}',
  ])('with a journal of %j is none that names a secret', async (text) => {
    const files = memoryFiles({ [`${root}/.apictl/journal/rotation.json`]: text });
    expect(await readUnfinished(files, root, NAMES)).toEqual(NOTHING);
  });
});
