/** Rotation by rename, and the removal of old files once they have been read to their end. */
import { lstat, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { rotatedName } from './names.ts';
import type { FileTail } from './tail.ts';

/** A writer that had the file open when it was renamed gets this long to write its last lines. */
export const QUIET_MS = 10_000;

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false;
      throw error;
    },
  );
}

/**
 * Renames a live file that has grown past the limit; writers that reopen by name begin a new one.
 * @returns the new path, or undefined when there was nothing to do
 */
export async function rotateIfLarge(
  tail: FileTail,
  limitBytes: number,
  nowMs: number,
): Promise<string | undefined> {
  if (tail.name.kind !== 'live' || tail.sizeBytes < limitBytes) return undefined;
  const target = join(tail.directory, rotatedName(tail.name.base, nowMs));
  // rename() replaces silently; within the same millisecond the next round does it.
  if (await exists(target)) return undefined;
  const current = await lstat(tail.path);
  if (current.ino !== tail.inode) return undefined;
  await rename(tail.path, target);
  return target;
}

/** The rotated files beyond `keep` for each base name, oldest first, that are read and quiet. Pure. */
export function removable(tails: readonly FileTail[], keep: number, nowMs: number): FileTail[] {
  const byBase = new Map<string, { readonly stamp: string; readonly tail: FileTail }[]>();
  for (const tail of tails) {
    if (tail.name.kind !== 'rotated') continue;
    const id = join(tail.directory, tail.name.base);
    const group = byBase.get(id) ?? [];
    group.push({ stamp: tail.name.stamp, tail });
    byBase.set(id, group);
  }
  return [...byBase.values()].flatMap((group) =>
    group
      .sort((a, b) => (a.stamp < b.stamp ? -1 : 1))
      .slice(0, Math.max(0, group.length - keep))
      .map(({ tail }) => tail)
      .filter((tail) => tail.isReadToEnd && nowMs - tail.modifiedMs > QUIET_MS),
  );
}

/** Removes a file unless its name has come to mean another one. */
export async function removeFile(tail: FileTail): Promise<void> {
  const current = await lstat(tail.path);
  if (current.ino === tail.inode) await unlink(tail.path);
}
