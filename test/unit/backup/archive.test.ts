import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { extract } from 'tar-stream';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { localArchiveFiles } from '../../../src/adapters/archive-files.ts';
import { CONTENTS_MEMBER, KEY_MEMBER, type Manifest } from '../../../src/backup/model.ts';
import { identitiesOf, lockOf } from '../../../src/backup/seal.ts';
import { ArchiveWriter } from '../../../src/backup/write-archive.ts';
import { archiveBytes, HEADER_BYTES, headerOf, manifestText } from '../../../src/core/archive/layout.ts';
import { Secret } from '../../../src/core/secret.ts';
import {
  CREATED_AT,
  change,
  closeFiles,
  collected,
  contents,
  facts,
  OPENER,
  placeOf,
  readWhole,
  reassembled,
  writeArchive,
} from '../../support/backup-archive.ts';

const folder = mkdtempSync(join(tmpdir(), 'apictl-archive-'));
afterEach(closeFiles);
afterAll(() => rmSync(folder, { recursive: true }));

const CANARY = 'canary-7f3e-this-must-not-be-seen';
const DUMP = Buffer.concat([Buffer.from(CANARY), randomBytes(300_000)]);
const ROLES = Buffer.from(`ALTER ROLE shop PASSWORD '${CANARY}';\n`);
const path = join(folder, 'whole.apictl');
const copy = join(folder, 'copy.apictl');
let manifest: Manifest;

beforeAll(async () => {
  manifest = await writeArchive(path, await lockOf(OPENER), {
    'database-1.dump.age': DUMP,
    'roles.sql.age': ROLES,
  });
});

const refused = (bytes: Buffer) => {
  writeFileSync(copy, bytes);
  return expect(readWhole(copy)).rejects;
};

describe('an archive', () => {
  it('gives back what was put in, byte for byte', async () => {
    const archive = await readWhole(path);
    expect((await collected(archive.read('database-1.dump.age'))).equals(DUMP)).toBe(true);
    expect((await collected(archive.read('roles.sql.age'))).equals(ROLES)).toBe(true);
    expect(archive.contents.manifest.project).toBe('shop');
  });

  it('can be read by its owner alone, and has nothing in clear but its manifest', () => {
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readFileSync(path).includes(CANARY)).toBe(false);
  });

  it('is an ordinary tar file, whose members tar itself finds', async () => {
    const names: string[] = [];
    const parser = extract();
    parser.end(readFileSync(path));
    for await (const entry of parser) {
      names.push(entry.header.name);
      entry.resume();
    }
    expect(names).toEqual([
      'manifest.json',
      KEY_MEMBER,
      'database-1.dump.age',
      'roles.sql.age',
      CONTENTS_MEMBER,
    ]);
  });

  it('is not there under its name before it is whole', async () => {
    const name = join(folder, 'later.apictl');
    const file = await localArchiveFiles.create(join(folder, '.later.apictl.unfinished'));
    const writer = await ArchiveWriter.begin(file, CREATED_AT, await lockOf(OPENER));
    await expect(readWhole(join(folder, '.later.apictl.unfinished'))).rejects.toMatchObject({
      code: 'BACKUP_DAMAGED',
    });
    expect(await localArchiveFiles.open(name)).toBeNull();
    await writer.finish(name, facts(), contents());
    expect((await readWhole(name)).contents.databases).toEqual([]);
    expect(await localArchiveFiles.open(join(folder, '.later.apictl.unfinished'))).toBeNull();
  });

  it('never takes the place of another', async () => {
    const file = await localArchiveFiles.create(join(folder, '.second.unfinished'));
    const writer = await ArchiveWriter.begin(file, CREATED_AT, await lockOf(OPENER));
    await expect(writer.finish(path, facts(), contents())).rejects.toMatchObject({ code: 'FILE_UNUSABLE' });
    expect((await readWhole(path)).contents.manifest.sequence).toBe(7);
  });
});

describe('a passphrase', () => {
  it('opens what it sealed, and no other does', { timeout: 120_000 }, async () => {
    const sealedFile = join(folder, 'passphrase.apictl');
    const passphrase = new Secret('correct horse battery staple');
    await writeArchive(
      sealedFile,
      { kind: 'passphrase', passphrase },
      { 'roles.sql.age': ROLES },
      {
        facts: { key: { kind: 'passphrase', recipients: 0 } },
      },
    );
    const archive = await readWhole(sealedFile, { kind: 'passphrase', passphrase });
    expect((await collected(archive.read('roles.sql.age'))).equals(ROLES)).toBe(true);
    const wrong = readWhole(sealedFile, { kind: 'passphrase', passphrase: new Secret('correct horse') });
    await expect(wrong).rejects.toMatchObject({ code: 'BACKUP_KEY_WRONG', exitCode: 7 });
  });

  it('is no key of an archive that was sealed for recipients, and another identity is none either', async () => {
    const { generateX25519Identity } = await import('age-encryption');
    const other = new Secret(await generateX25519Identity());
    expect(identitiesOf(other)).toHaveLength(1);
    await expect(readWhole(path, { kind: 'identities', identities: other })).rejects.toMatchObject({
      code: 'BACKUP_KEY_WRONG',
      message: `${path} was not sealed for this identity`,
    });
  });
});

describe('a truncated archive', () => {
  it.each([1, 2, 4, 8, 16, 200])('is refused without its last %i bytes', async (missing) => {
    const bytes = readFileSync(path);
    await refused(bytes.subarray(0, bytes.length - missing)).toMatchObject({
      code: 'BACKUP_DAMAGED',
      exitCode: 64,
    });
  });

  it('is refused wherever it ends, at every 64 KiB', async () => {
    const bytes = readFileSync(path);
    for (let length = 0; length < bytes.length; length += 64 * 1024)
      await refused(bytes.subarray(0, length)).toMatchObject({ code: 'BACKUP_DAMAGED' });
  });

  it('is refused with something behind it, too', async () => {
    await refused(Buffer.concat([readFileSync(path), Buffer.alloc(512)])).toMatchObject({
      code: 'BACKUP_DAMAGED',
    });
  });
});

describe('a changed archive', () => {
  it('is refused for a bit of any member, which is named', async () => {
    for (const { name, bytes } of manifest.members) {
      const { bytes: start } = placeOf(manifest, name);
      for (const at of [0, Math.floor(bytes / 2), bytes - 1]) {
        change(path, copy, (content) => {
          content[start + at] = (content[start + at] ?? 0) ^ 1;
        });
        await expect(readWhole(copy)).rejects.toThrow(`${name} has another SHA-256`);
      }
    }
  });

  it('is refused for a bit of a header, of the padding, of the end', async () => {
    const last = manifest.members.at(-1);
    const places = [
      10,
      placeOf(manifest, KEY_MEMBER).header + 3,
      placeOf(manifest, 'roles.sql.age').header + 300,
      placeOf(manifest, 'roles.sql.age').header - 1,
      archiveBytes(manifest.members) - 5,
    ];
    expect(last?.name).toBe(CONTENTS_MEMBER);
    for (const at of places) {
      change(path, copy, (content) => {
        content[at] = (content[at] ?? 0) ^ 4;
      });
      await expect(readWhole(copy), `byte ${at}`).rejects.toMatchObject({ exitCode: 64 });
    }
  });

  it('is refused without a member, with one more, with one twice', async () => {
    const names = manifest.members.map(({ name }) => name);
    const [, database, roles] = manifest.members;
    const without = names.filter((name) => name !== 'roles.sql.age');
    const listedWithout = manifest.members.filter(({ name }) => name !== 'roles.sql.age');
    await refused(await reassembled(path, manifest, without, manifest.members)).toThrow('by its manifest');
    await refused(await reassembled(path, manifest, without, listedWithout)).toThrow(
      'its manifest is not the one that was sealed',
    );
    await refused(await reassembled(path, manifest, [...names, 'roles.sql.age'], manifest.members)).toThrow(
      'by its manifest',
    );
    if (database === undefined || roles === undefined) throw new Error('there are no members');
    const twice = [...manifest.members.slice(0, -1), roles, ...manifest.members.slice(-1)];
    await refused(
      await reassembled(
        path,
        manifest,
        twice.map(({ name }) => name),
        twice,
      ),
    ).toThrow('is in it twice');
    const swapped = [manifest.members[0], roles, database, manifest.members[3]].flatMap((one) => one ?? []);
    await refused(
      await reassembled(
        path,
        manifest,
        swapped.map(({ name }) => name),
        swapped,
      ),
    ).toThrow('its manifest is not the one that was sealed');
  });

  it('is refused where its manifest says something else than what was sealed', async () => {
    for (const edited of [
      { ...manifest, project: 'other' },
      { ...manifest, sequence: 8 },
      { ...manifest, postgres: { version: '13.1', major: 13 } },
    ]) {
      change(path, copy, (content) => {
        manifestText(edited).copy(content, HEADER_BYTES);
      });
      await expect(readWhole(copy)).rejects.toThrow('its manifest is not the one that was sealed');
    }
  });

  it('is refused where its manifest says the same in other words, or nothing', async () => {
    change(path, copy, (content) => {
      const text = Buffer.from(JSON.stringify(manifest));
      content.fill(' ', HEADER_BYTES, HEADER_BYTES + 64 * 1024);
      text.copy(content, HEADER_BYTES);
    });
    await expect(readWhole(copy)).rejects.toThrow('its manifest is not as it was written');
    change(path, copy, (content) => {
      content.fill(0, HEADER_BYTES, HEADER_BYTES + 100);
    });
    await expect(readWhole(copy)).rejects.toThrow('there is no manifest at its beginning');
  });

  it('is refused where a newer apictl wrote it, with both versions', async () => {
    change(path, copy, (content) => {
      manifestText({ ...manifest, format: 2, apictl: '9.1.0' }).copy(content, HEADER_BYTES);
    });
    await expect(readWhole(copy)).rejects.toMatchObject({
      code: 'BACKUP_UNFIT',
      hint: 'Use apictl 9.1.0 or newer.',
      message: expect.stringContaining('format 2, made by apictl 9.1.0; this one reads up to format 1'),
    });
  });
});

describe('an archive of somebody who wishes harm', () => {
  const withHeader = async (edit: (header: Buffer) => void): Promise<void> => {
    const member = manifest.members[1];
    if (member === undefined) throw new Error('there is no member');
    const header = await headerOf(member.name, member.bytes, CREATED_AT);
    edit(header);
    header.fill(' ', 148, 156);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    change(path, copy, (content) => {
      header.copy(content, placeOf(manifest, member.name).header);
    });
  };

  it.each([
    [
      'a path out of the folder',
      (header: Buffer) => header.write('../../etc/cron.d/x\0', 0),
      '../../etc/cron.d/x',
    ],
    ['an absolute path', (header: Buffer) => header.write('/etc/passwd\0', 0), '/etc/passwd'],
    ['a symbolic link', (header: Buffer) => header.write('2', 156), 'a symbolic link'],
    ['a hard link', (header: Buffer) => header.write('1', 156), 'a hard link'],
    ['a device', (header: Buffer) => header.write('3', 156), 'a device'],
    ['a pipe', (header: Buffer) => header.write('6', 156), 'a pipe'],
    ['a file that runs as its owner', (header: Buffer) => header.write('0004755', 100), 'a file'],
  ])('is refused for %s', async (_what, edit, named) => {
    await withHeader(edit);
    await expect(readWhole(copy)).rejects.toMatchObject({
      code: 'BACKUP_HOSTILE',
      exitCode: 64,
      message: expect.stringContaining(named),
    });
  });
});
