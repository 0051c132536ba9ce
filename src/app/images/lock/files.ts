import { join } from 'node:path';
import * as z from 'zod';
import type { Files } from '../../../core/ports/files.ts';
import { parseState, stateText } from '../../../core/state-file.ts';
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
const FORMAT = 1;
const loadedSchema = z.record(z.string(), z.strictObject({ digest: z.string(), id: z.string() }));
export type LoadedImages = Readonly<z.output<typeof loadedSchema>>;

const loadedFile = (folder: string): string => join(folder, 'loaded.json');

/**
 * Those that are still what the lock says; none where the file is damaged, as it is a cache.
 * @throws ApictlError STATE_NEWER (64)
 */
export async function readLoaded(
  files: Pick<Files, 'read' | 'stat'>,
  folder: string,
  lock: ImageLock,
): Promise<LoadedImages> {
  const path = loadedFile(folder);
  const text = (await readCached(files, path))?.toString('utf8');
  const parsed = loadedSchema.safeParse(parseState(text ?? '', path, FORMAT));
  if (!parsed.success) return {};
  return Object.fromEntries(
    Object.entries(parsed.data).filter(([reference, { digest }]) => lock[reference]?.digest === digest),
  );
}

export const writeLoaded = (
  files: Pick<Files, 'write'>,
  folder: string,
  loaded: LoadedImages,
): Promise<void> => files.write(loadedFile(folder), stateText(FORMAT, loaded), 0o644);

/**
 * What the rendered stack names by digest; absent without a lock.
 * @param folder the project's `.apictl`
 * @throws ApictlError IMAGES_LOCK_INVALID, STATE_NEWER (64)
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
