import { constants } from 'node:fs';
import { type FileHandle, link, open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ApictlError, EXIT } from '../core/errors.ts';
import type { ArchiveFiles, NewFile, OpenFile } from '../core/ports/archive-files.ts';
import { fileError } from './file-errors.ts';
import { syncFolder } from './files.ts';
import { makeFolders } from './folders.ts';

const PRIVATE_FILE = 0o600;
const PRIVATE_FOLDER = 0o700;

/** The ArchiveFiles port on the local disk. */
export const localArchiveFiles: ArchiveFiles = {
  create: (path, mode = PRIVATE_FILE) => inOurWords(path, () => create(path, mode)),
  open: (path) => inOurWords(path, () => openFile(path)),
};

async function create(path: string, mode: number): Promise<NewFile> {
  await makeFolders(dirname(path), PRIVATE_FOLDER);
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
  const file = await open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode);
  // The mode given to open is cut by the umask.
  await file.chmod(mode);
  let isOpen = true;
  let isCommitted = false;
  return {
    write: (bytes, position) => inOurWords(path, () => writeAll(file, bytes, position)),
    commit: (final) =>
      inOurWords(final, async () => {
        await file.sync();
        await file.close();
        isOpen = false;
        // Unlike a renaming, a link never takes the place of another file.
        await link(path, final);
        isCommitted = true;
        await rm(path);
        await syncFolder(dirname(final));
      }),
    discard: async () => {
      if (isCommitted) return;
      if (isOpen) await file.close();
      isOpen = false;
      await inOurWords(path, () => rm(path, { force: true }));
    },
  };
}

async function writeAll(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}

async function openFile(path: string): Promise<OpenFile | null> {
  // A pipe of that name would keep us waiting for its writer.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch((thrown: unknown) => {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw thrown;
  });
  if (file === null) return null;
  const facts = await file.stat();
  if (!facts.isFile()) {
    await file.close();
    throw new ApictlError({
      code: 'FILE_UNUSABLE',
      exitCode: EXIT.machine,
      message: `${path} is no file`,
      object: path,
      hint: 'Give the path of an ordinary file.',
    });
  }
  return {
    sizeBytes: facts.size,
    read: (position, length) => inOurWords(path, () => readAll(file, position, length)),
    close: () => file.close(),
  };
}

async function readAll(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await file.read(bytes, done, length - done, position + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return bytes.subarray(0, done);
}

async function inOurWords<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    throw fileError(path, thrown);
  }
}
