import { join } from 'node:path';
import * as z from 'zod';
import type { Files } from '../../../core/ports/files.ts';
import { type ImageLock, LOCK_FILE, lockText, parseLock } from '../../../stack/images/lock.ts';
import type { Pins } from '../../../stack/images/pins.ts';
import { readCached } from '../../project/cache-files.ts';

export const lockFile = (root: string): string => join(root, LOCK_FILE);

/** Null where the project has none. @throws ApictlError IMAGES_LOCK_INVALID (64) */
export async function readLock(files: Pick<Files, 'read'>, root: string): Promise<ImageLock | null> {
  const path = lockFile(root);
  const text = (await files.read(path))?.toString('utf8');
  return text === undefined ? null : parseLock(text, path);
}

export const writeLock = (files: Pick<Files, 'write'>, root: string, lock: ImageLock): Promise<void> =>
  files.write(lockFile(root), lockText(lock), 0o644);

/**
 * Images that came out of an archive and are what the lock says. An engine knows them by tag and id alone, because only a
 * registry gives digests; so the stack names them by their tags, and `up` compares the ids.
 */
const loadedSchema = z.record(z.string(), z.strictObject({ digest: z.string(), id: z.string() }));
export type LoadedImages = Readonly<z.output<typeof loadedSchema>>;

const loadedFile = (folder: string): string => join(folder, 'loaded.json');

/** Those that are still what the lock says; none where the file is damaged, as it is a cache. */
export async function readLoaded(
  files: Pick<Files, 'read' | 'stat'>,
  folder: string,
  lock: ImageLock,
): Promise<LoadedImages> {
  const text = (await readCached(files, loadedFile(folder)))?.toString('utf8');
  if (text === undefined) return {};
  const parsed = loadedSchema.safeParse(jsonOf(text));
  if (!parsed.success) return {};
  return Object.fromEntries(
    Object.entries(parsed.data).filter(([reference, { digest }]) => lock[reference]?.digest === digest),
  );
}

export const writeLoaded = (
  files: Pick<Files, 'write'>,
  folder: string,
  loaded: LoadedImages,
): Promise<void> => files.write(loadedFile(folder), `${JSON.stringify(loaded, null, 2)}\n`, 0o644);

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};

/**
 * What the rendered stack names by digest; absent without a lock.
 * @param folder the project's `.apictl`
 * @throws ApictlError IMAGES_LOCK_INVALID (64)
 */
export async function readPins(
  files: Pick<Files, 'read' | 'stat'>,
  root: string,
  folder: string,
): Promise<Pins | undefined> {
  const lock = await readLock(files, root);
  if (lock === null) return undefined;
  const loaded = await readLoaded(files, folder, lock);
  return Object.fromEntries(
    Object.entries(lock).flatMap(([reference, { digest }]) =>
      reference in loaded ? [] : [[reference, digest]],
    ),
  );
}
