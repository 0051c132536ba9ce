import { ApictlError, EXIT } from '../../../core/errors.ts';
import type { Engine } from '../../../core/ports/engine.ts';
import type { Files } from '../../../core/ports/files.ts';
import type { ImageLock } from '../../../stack/images/lock.ts';
import { unfit } from '../../../stack/images/saved/errors.ts';
import type { SavedImage } from '../../../stack/images/saved/model.ts';
import { apictlFolder, type Project } from '../../project/project.ts';
import { type LoadedImages, readLoaded, readLock } from './files.ts';
import { placeOf } from './place.ts';

/**
 * The images of an archive that a project's lock speaks of, by the lock's reference.
 * @throws ApictlError IMAGES_UNFIT (64) where one of them is another than the locked one
 */
export function heldToLock(
  project: Project,
  lock: ImageLock,
  archive: { readonly file: string; readonly platform: string; readonly images: readonly SavedImage[] },
): LoadedImages {
  const places = new Map(Object.keys(lock).map((reference) => [placeOf(project, reference), reference]));
  const held = archive.images.flatMap((image) => {
    const reference = places.get(image.reference);
    const locked = reference === undefined ? undefined : lock[reference];
    if (reference === undefined || locked === undefined) return [];
    // What the archive says of digests nobody can check; the ids are compared with what the engine gets.
    const id = locked.ids[archive.platform];
    if (image.id !== id)
      throw unfit(
        archive.file,
        `${reference} in it is ${image.id}, and images.lock holds it to ${id ?? `nothing on ${archive.platform}`}`,
        'Save the archive in a project with the same images.lock.',
      );
    return [[reference, { digest: locked.digest, id: image.id }] as const];
  });
  return Object.fromEntries(held);
}

/**
 * Sees that what the stack names by tag, because it came out of an archive, still is what came.
 * @throws ApictlError IMAGES_DIFFER (5)
 */
export async function refuseOtherThanLoaded(
  world: { readonly files: Pick<Files, 'read' | 'stat'>; readonly engine: Pick<Engine, 'image'> },
  project: Project,
): Promise<void> {
  if (project.pins === undefined) return;
  const lock = (await readLock(world.files, project.root)) ?? {};
  const loaded = await readLoaded(world.files, apictlFolder(project.root), lock);
  const found = await Promise.all(
    Object.entries(loaded).map(async ([reference, { id }]) => {
      const there = await world.engine.image(placeOf(project, reference));
      return there === null || there.id === id ? [] : [`${reference} is ${there.id}, and was ${id}`];
    }),
  );
  const other = found.flat();
  if (other.length === 0) return;
  throw new ApictlError({
    code: 'IMAGES_DIFFER',
    exitCode: EXIT.engine,
    message: 'images that came out of an archive are not what images.lock holds them to any more',
    object: other.map((line) => `image ${line.split(' ')[0]}`).join(', '),
    details: other,
    hint: 'Load the archive again ("apictl images load FILE"), or renew the lock: "apictl images lock --update".',
  });
}
