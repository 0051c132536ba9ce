import { randomBytes } from 'node:crypto';
import {
  chmod,
  open,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  stat,
  statfs,
  symlink,
} from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { systemCodeOf } from '../core/errors.ts';
import type { FileFacts, Files } from '../core/ports/files.ts';
import { fileError } from './file-errors.ts';
import { makeFolders } from './folders.ts';
import { mountPointOf } from './mount-point.ts';

/** The Files port on the local disk. */
export const localFiles: Files = {
  read: (path) => orNull(() => readFile(path), path),
  write: writeAtomically,
  makeFolder: async (path, mode) => {
    await inOurWords(path, async () => {
      await makeFolders(path);
      if (mode !== undefined) await chmod(path, mode);
    });
  },
  setMode: (path, mode) => inOurWords(path, () => chmod(path, mode)),
  list: async (path) => ((await orNull(() => readdir(path), path)) ?? []).sort(),
  stat: async (path) => {
    const found = await orNull(() => stat(path), path);
    if (found === null) return null;
    const kind: FileFacts['kind'] = found.isFile() ? 'file' : found.isDirectory() ? 'folder' : 'other';
    return {
      kind,
      mode: found.mode & 0o7777,
      owner: found.uid,
      sizeBytes: found.size,
      modifiedMs: found.mtimeMs,
    };
  },
  realPath: (path) => orNull(() => realpath(path), path),
  remove: (path) => inOurWords(path, () => rm(path, { recursive: true, force: true })),
  rename: (from, to) =>
    inOurWords(to, async () => {
      await rename(from, to);
      await syncFolder(dirname(to));
    }),
  link: linkAtomically,
  disk: async (path) => {
    const facts = await statfs(path).catch(() => null);
    return facts === null
      ? null
      : {
          mountPoint: mountPointOf(path),
          freeBytes: facts.bavail * facts.bsize,
          totalBytes: facts.blocks * facts.bsize,
        };
  },
};

/** Temporary name in the same folder, flush, rename, flush the folder: a crash leaves the old or the new file. */
async function writeAtomically(path: string, content: string | Uint8Array, mode = 0o644): Promise<void> {
  await putInPlace(path, async (temporary) => {
    await makeFolders(dirname(path));
    const file = await open(temporary, 'wx', mode);
    try {
      await file.writeFile(content);
      // The mode given to open is cut by the umask.
      await file.chmod(mode);
      await file.sync();
    } finally {
      await file.close();
    }
  });
}

/** A rename puts the new link into the place of the old one in one step; a link cannot be written over. */
async function linkAtomically(path: string, target: string): Promise<void> {
  await putInPlace(path, (temporary) => symlink(target, temporary));
}

/** What fails, also the rename, leaves nothing under the temporary name. */
async function putInPlace(path: string, make: (temporary: string) => Promise<void>): Promise<void> {
  await inOurWords(path, async () => {
    const temporary = temporaryName(path);
    try {
      await make(temporary);
      await rename(temporary, path);
    } catch (thrown) {
      await rm(temporary, { force: true });
      throw thrown;
    }
    await syncFolder(dirname(path));
  });
}

const temporaryName = (path: string): string =>
  join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}`);

export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function orNull<T>(work: () => Promise<T>, path: string): Promise<T | null> {
  try {
    return await work();
  } catch (thrown) {
    const code = systemCodeOf(thrown);
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw fileError(path, thrown);
  }
}

async function inOurWords(path: string, work: () => Promise<void>): Promise<void> {
  await work().catch((thrown: unknown) => {
    throw fileError(path, thrown);
  });
}
