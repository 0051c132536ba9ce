import { once } from 'node:events';
import { pipeline, Readable } from 'node:stream';
import { createGunzip, createGzip } from 'node:zlib';
import { extract, type Header, pack } from 'tar-stream';
import { damaged, hostile } from './errors.ts';

/** Folders inside an archive: tar files of nothing but plain files and folders, packed with gzip. */

export interface TreeEntry {
  /** Relative, with slashes. */
  readonly path: string;
  readonly type: 'file' | 'folder';
  /** Permission bits alone. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly modifiedMs: number;
  readonly sizeBytes: number;
  /** Of a file; to be read to its end before the next entry. */
  readonly content: AsyncIterable<Uint8Array>;
}

/** How much comes out of a packed tree. */
export interface TreeSize {
  readonly entries: number;
  readonly bytes: number;
}

/** Fast rather than small: backups of logs are large, and the machine is serving. */
const GZIP_LEVEL = 1;
const PERMISSIONS = 0o777;
const MAX_PATH = 4096;

/** A packed tree of these entries; `size` is right at its end. */
export function packTree(entries: AsyncIterable<TreeEntry>): {
  readonly bytes: AsyncIterable<Uint8Array>;
  readonly size: () => TreeSize;
} {
  const size = { entries: 0, bytes: 0 };
  const archive = tarOf(
    (async function* () {
      for await (const entry of entries) {
        size.entries += 1;
        size.bytes += entry.sizeBytes;
        yield entry;
      }
    })(),
  );
  const zipped = createGzip({ level: GZIP_LEVEL });
  // A failure destroys the last stream with it, where it is thrown to whoever reads.
  pipeline(archive, zipped, () => {});
  return { bytes: zipped, size: () => ({ ...size }) };
}

/** Entries as a tar stream, for the engine or for packing. */
export function tarOf(entries: AsyncIterable<TreeEntry>): Readable {
  const archive = pack();
  // Whoever reads it may stop: then nobody takes what is written any more.
  const abandoned = new Promise<never>((_, reject) => {
    archive.once('close', () => reject(new Error('the archive was closed')));
  });
  abandoned.catch(() => {});
  void (async () => {
    for await (const entry of entries) {
      const written = new Promise<void>((resolve, reject) => {
        const sink = archive.entry(headerOf(entry), (failure) => (failure ? reject(failure) : resolve()));
        if (entry.type === 'file') feed(sink, entry.content, abandoned).catch(reject);
      });
      await Promise.race([written, abandoned]);
    }
    archive.finalize();
  })().catch((thrown: unknown) =>
    archive.destroy(thrown instanceof Error ? thrown : new Error(String(thrown))),
  );
  return Readable.from(archive as AsyncIterable<Buffer>, { objectMode: false });
}

async function feed(
  sink: ReturnType<ReturnType<typeof pack>['entry']>,
  content: AsyncIterable<Uint8Array>,
  abandoned: Promise<never>,
): Promise<void> {
  for await (const piece of content) {
    if (!sink.write(piece)) await Promise.race([once(sink, 'drain'), abandoned]);
  }
  sink.end(undefined);
}

const headerOf = (entry: TreeEntry) => ({
  name: entry.path,
  type: entry.type === 'folder' ? ('directory' as const) : ('file' as const),
  mode: entry.mode,
  uid: entry.uid,
  gid: entry.gid,
  size: entry.sizeBytes,
  mtime: new Date(entry.modifiedMs),
});

/**
 * What the engine gives of a folder, as entries relative to it. Links, sockets and pipes are passed over and told to `onSkipped`;
 * bits that give rights to whoever runs a file are not taken along.
 */
export async function* entriesOfFolder(
  tar: Readable,
  onSkipped: (path: string) => void,
): AsyncIterable<TreeEntry> {
  for await (const { header, content } of tarEntries(tar)) {
    // The engine puts the folder's own name before every path.
    const path = header.name.replace(/\/+$/, '').split('/').slice(1).join('/');
    if (path === '') continue;
    const isKept = header.type === 'file' || header.type === 'directory';
    if (isKept) yield entryOf(header, path, content);
    else onSkipped(path);
  }
}

/**
 * The entries of a packed tree, each held against what a backup can hold, before it is handed out.
 * @throws ApictlError BACKUP_HOSTILE (64) naming the entry, BACKUP_DAMAGED (64) for what cannot be unpacked
 */
export async function* unpackTree(
  packed: AsyncIterable<Uint8Array>,
  name: string,
  archivePath: string,
  limit: TreeSize,
): AsyncIterable<TreeEntry> {
  const unzipped = createGunzip();
  const source = Readable.from(packed, { objectMode: false });
  let failure: unknown;
  source.once('error', (thrown) => {
    failure = thrown;
  });
  pipeline(source, unzipped, () => {});
  const seen = new Map<string, TreeEntry['type']>();
  const left = { entries: limit.entries, bytes: limit.bytes };
  try {
    const bounded = Readable.from(atMost(unzipped, tarBytes(limit), archivePath, name), {
      objectMode: false,
    });
    for await (const { header, content } of tarEntries(bounded)) {
      const refusal = refusalOf(header, seen);
      if (refusal !== null) throw hostile(archivePath, `${name}: ${refusal}`);
      left.entries -= 1;
      left.bytes -= header.size ?? 0;
      if (left.entries < 0 || left.bytes < 0)
        throw hostile(archivePath, `${name}: more comes out of it than was put in`);
      const entry = entryOf(header, header.name.replace(/\/$/, ''), content);
      seen.set(entry.path, entry.type);
      yield entry;
    }
  } catch (thrown) {
    if (failure !== undefined) throw failure;
    throw isOurs(thrown) ? thrown : damaged(archivePath, `${name} cannot be unpacked`, thrown);
  }
  if (left.entries !== 0 || left.bytes !== 0)
    throw damaged(archivePath, `${name}: less comes out of it than was put in`);
}

/** More than any tar file of so many entries has: headers, long names, padding, and the blocks at its end. */
const tarBytes = ({ entries, bytes }: TreeSize): number => bytes + entries * 4 * MAX_PATH + 64 * 1024;

/** What is unpacked is never more than can be right: nothing is to be gained by packing zeros. */
async function* atMost(
  source: AsyncIterable<Buffer>,
  most: number,
  archivePath: string,
  name: string,
): AsyncIterable<Buffer> {
  let left = most;
  for await (const piece of source) {
    left -= piece.length;
    if (left < 0) throw hostile(archivePath, `${name}: more comes out of it than was put in`);
    yield piece;
  }
}

const isOurs = (thrown: unknown): boolean => thrown instanceof Error && thrown.name === 'ApictlError';

/** Why an entry is no plain file or folder at a plain place; null where it is one. */
function refusalOf(header: Header, seen: ReadonlyMap<string, TreeEntry['type']>): string | null {
  const shown = JSON.stringify(header.name.slice(0, 200));
  if (header.type !== 'file' && header.type !== 'directory') return `${shown} is a ${header.type ?? 'thing'}`;
  if (((header.mode ?? 0) & ~PERMISSIONS) !== 0) return `${shown} would run with other rights`;
  const path = header.name.replace(/\/$/, '');
  const parts = path.split('/');
  if (path.length > MAX_PATH || /[\0\\]/.test(path)) return `${shown} is no name of a file`;
  if (parts.some((part) => part === '' || part === '.' || part === '..')) return `${shown} leads elsewhere`;
  if (seen.has(path)) return `${shown} is in it twice`;
  const parents = parts.slice(0, -1).map((_, index) => parts.slice(0, index + 1).join('/'));
  return parents.some((parent) => seen.get(parent) === 'file') ? `${shown} lies in a file` : null;
}

const entryOf = (header: Header, path: string, content: AsyncIterable<Uint8Array>): TreeEntry => ({
  path,
  type: header.type === 'directory' ? 'folder' : 'file',
  mode: (header.mode ?? 0) & PERMISSIONS,
  uid: header.uid ?? 0,
  gid: header.gid ?? 0,
  modifiedMs: header.mtime?.getTime() ?? 0,
  sizeBytes: header.type === 'directory' ? 0 : (header.size ?? 0),
  content,
});

/** The entries of a tar stream; what is left of one is passed over. */
async function* tarEntries(
  tar: Readable,
): AsyncIterable<{ readonly header: Header; readonly content: AsyncIterable<Uint8Array> }> {
  const entries = extract();
  pipeline(tar, entries, () => {});
  for await (const entry of entries) {
    yield { header: entry.header, content: entry as AsyncIterable<Uint8Array> };
    entry.resume();
  }
}
