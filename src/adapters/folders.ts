import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { systemCodeOf } from '../core/errors.ts';

/**
 * Makes a folder and those above it that are missing. The way of Node.js itself (`recursive`) tries for ever where a folder that is there
 * says of a new one that there is no such folder, as /proc does.
 */
export async function makeFolders(path: string, mode?: number): Promise<void> {
  try {
    await mkdir(path, mode);
  } catch (thrown) {
    if (await isFolder(path)) return;
    const above = dirname(path);
    if (systemCodeOf(thrown) !== 'ENOENT' || (await isFolder(above))) throw thrown;
    await makeFolders(above, mode);
    await makeFolders(path, mode);
  }
}

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
