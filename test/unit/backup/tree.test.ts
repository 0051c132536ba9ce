import { PassThrough, Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { type Header, pack } from 'tar-stream';
import { describe, expect, it } from 'vitest';
import {
  entriesOfFolder,
  packTree,
  type TreeEntry,
  type TreeSize,
  tarOf,
  unpackTree,
} from '../../../src/backup/tree.ts';
import { collected } from '../../support/backup-archive.ts';

const entry = (given: Partial<TreeEntry> & { readonly path: string; readonly text?: string }): TreeEntry => ({
  type: 'file',
  mode: 0o640,
  uid: 1000,
  gid: 1000,
  modifiedMs: 1_000,
  sizeBytes: Buffer.byteLength(given.text ?? ''),
  content: (async function* () {
    if (given.text !== undefined) yield Buffer.from(given.text);
  })(),
  ...given,
});

async function* each<T>(items: readonly T[]): AsyncIterable<T> {
  yield* items;
}

type Crafted = Partial<Header> & { readonly name: string; readonly text?: string };

/** A packed tree of these tar entries, as somebody else could make it. */
async function packed(...entries: readonly Crafted[]) {
  const archive = pack();
  for (const { text, ...header } of entries) archive.entry(header, Buffer.from(text ?? ''));
  archive.finalize();
  return gzipSync(await collected(archive as AsyncIterable<Buffer>));
}

async function unpacked(bytes: Uint8Array, limit: TreeSize = { entries: 100, bytes: 1_000_000 }) {
  const found: Record<string, string> = {};
  for await (const { path, type, content } of unpackTree(each([bytes]), 'logging', '/b.apictl', limit))
    found[path] = type === 'folder' ? '(folder)' : (await collected(content)).toString('utf8');
  return found;
}

describe('a packed tree', () => {
  it('comes back with its contents, modes, owners and dates', async () => {
    const tree = packTree(
      each([
        entry({ path: 'a', type: 'folder', mode: 0o750 }),
        entry({ path: 'a/b', text: 'hello' }),
        entry({ path: `${'long/'.repeat(60)}name`, text: 'x'.repeat(300_000) }),
        entry({ path: 'empty', text: '' }),
      ]),
    );
    const bytes = await collected(tree.bytes);
    expect(tree.size()).toEqual({ entries: 4, bytes: 300_005 });
    const found: Omit<TreeEntry, 'content'>[] = [];
    for await (const { content, ...rest } of unpackTree(each([bytes]), 't', '/b', tree.size())) {
      if (rest.path === 'a/b') expect((await collected(content)).toString('utf8')).toBe('hello');
      found.push(rest);
    }
    expect(found[0]).toMatchObject({ path: 'a', type: 'folder', mode: 0o750, uid: 1000, modifiedMs: 1_000 });
    expect(found[1]).toMatchObject({ path: 'a/b', type: 'file', mode: 0o640, gid: 1000, sizeBytes: 5 });
    expect(found.map(({ path }) => path)).toEqual(['a', 'a/b', `${'long/'.repeat(60)}name`, 'empty']);
  });

  it('hands on the failure of what it is made of', async () => {
    const broken = async function* (): AsyncIterable<TreeEntry> {
      yield entry({ path: 'a', text: 'x' });
      throw new Error('the engine is gone');
    };
    await expect(collected(packTree(broken()).bytes)).rejects.toThrow('the engine is gone');
  });

  it('ends where nobody reads it any more', async () => {
    const stream = tarOf(each([entry({ path: 'a', text: 'x'.repeat(1_000_000) })]));
    stream.destroy();
    await expect(collected(stream)).rejects.toThrow();
  });
});

describe('what the engine gives of a folder', () => {
  it('loses the folder’s own name, and what is no file is passed over and told', async () => {
    const archive = pack();
    archive.entry({ name: 'data/', type: 'directory' });
    archive.entry({ name: 'data/store', mode: 0o4755 }, 'rows');
    archive.entry({ name: 'data/link', type: 'symlink', linkname: '/etc/passwd' });
    archive.finalize();
    const skipped: string[] = [];
    const found: [string, number, string][] = [];
    const tar = (archive as unknown as Readable).pipe(new PassThrough());
    for await (const { path, mode, content } of entriesOfFolder(tar, (name) => skipped.push(name)))
      found.push([path, mode, (await collected(content)).toString('utf8')]);
    expect(found).toEqual([['store', 0o755, 'rows']]);
    expect(skipped).toEqual(['link']);
  });

  it('is refused where it ends in the middle', async () => {
    const archive = pack();
    archive.entry({ name: 'data/store' }, 'x'.repeat(5_000));
    archive.finalize();
    const bytes = await collected(archive as AsyncIterable<Buffer>);
    const torn = async () => {
      for await (const { content } of entriesOfFolder(Readable.from([bytes.subarray(0, 2_000)]), () => {}))
        await collected(content);
    };
    await expect(torn()).rejects.toThrow();
  });
});

describe('a tree of somebody who wishes harm', () => {
  const cases: readonly (readonly [string, readonly Crafted[]])[] = [
    ['a path out of the folder', [{ name: '../outside', text: 'x' }]],
    ['a path out of the folder behind a folder', [{ name: 'a/../../outside', text: 'x' }]],
    ['an absolute path', [{ name: '/etc/passwd', text: 'x' }]],
    [
      'a symbolic link, then a file through it',
      [
        { name: 'a', type: 'symlink', linkname: '/etc' },
        { name: 'a/b', text: 'x' },
      ],
    ],
    ['a hard link', [{ name: 'a', type: 'link', linkname: '/etc/shadow' }]],
    ['a device', [{ name: 'a', type: 'character-device', devmajor: 1, devminor: 5 }]],
    ['a pipe', [{ name: 'a', type: 'fifo' }]],
    ['a file that runs as its owner', [{ name: 'a', mode: 0o4755, text: 'x' }]],
    ['a file that runs as its group', [{ name: 'a', mode: 0o2755, text: 'x' }]],
    [
      'a name twice',
      [
        { name: 'a', text: 'x' },
        { name: 'a', text: 'y' },
      ],
    ],
    [
      'a file in a file',
      [
        { name: 'a', text: 'x' },
        { name: 'a/b', text: 'y' },
      ],
    ],
    ['a backslash', [{ name: 'a\\b', text: 'x' }]],
  ];

  it.each(cases)('is refused for %s', async (_what, entries) => {
    await expect(unpacked(await packed(...entries))).rejects.toMatchObject({
      code: 'BACKUP_HOSTILE',
      exitCode: 64,
    });
  });

  it('is refused for ten gigabytes in a file that said less', async () => {
    const archive = pack();
    archive.entry({ name: 'zeros', size: 10 * 1024 ** 3 }).on('error', () => {});
    const header = await new Promise<Buffer>((resolve) =>
      archive.once('data', (bytes) => resolve(bytes as Buffer)),
    );
    archive.destroy();
    await expect(unpacked(gzipSync(header))).rejects.toThrow('more comes out of it than was put in');
  });

  it('is refused for zeros without end behind its last file', async () => {
    const bomb = gzipSync(Buffer.alloc(20 * 1024 ** 2));
    await expect(unpacked(bomb, { entries: 1, bytes: 1 })).rejects.toThrow('more comes out of it');
  });

  it('is refused where less comes out than was put in, and where it is no packed tree', async () => {
    await expect(unpacked(await packed({ name: 'a', text: 'x' }))).rejects.toMatchObject({
      code: 'BACKUP_DAMAGED',
    });
    await expect(unpacked(Buffer.from('no gzip'))).rejects.toMatchObject({ code: 'BACKUP_DAMAGED' });
  });

  it('is taken where it is what it says', async () => {
    const bytes = await packed({ name: 'a/', type: 'directory' }, { name: 'a/b', text: 'hello' });
    expect(await unpacked(bytes, { entries: 2, bytes: 5 })).toEqual({ a: '(folder)', 'a/b': 'hello' });
  });
});
