/** Looks at the followed directories: which log files are there under which names. */
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type LogFileName, parseLogFileName } from './names.ts';

export interface FoundFile {
  readonly directory: string;
  readonly path: string;
  readonly name: LogFileName;
  readonly inode: number;
}

/** Anyone may create files in a shared log directory; this many are followed. */
export const MAX_FILES_PER_DIRECTORY = 256;

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === code;
}

/** Regular files only: a symbolic link could point outside, a pipe would block. */
export async function findLogFiles(directory: string): Promise<FoundFile[]> {
  const found: FoundFile[] = [];
  let names: string[];
  try {
    names = (await readdir(directory)).sort();
  } catch (error) {
    // A volume whose first writer has not come yet.
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
  for (const entry of names) {
    const name = parseLogFileName(entry);
    if (name === undefined) continue;
    const path = join(directory, entry);
    const stat = await lstat(path).catch((error: unknown) => {
      if (hasCode(error, 'ENOENT')) return undefined;
      throw error;
    });
    if (stat?.isFile() === true) found.push({ directory, path, name, inode: stat.ino });
    if (found.length >= MAX_FILES_PER_DIRECTORY) break;
  }
  return found;
}
