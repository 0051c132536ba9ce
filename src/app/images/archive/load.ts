import { basename } from 'node:path';
import { Readable } from 'node:stream';
import type { Flavour } from '../../../config/choices.ts';
import { bytes } from '../../../core/bytes.ts';
import { step } from '../../../core/events.ts';
import { orInterruption } from '../../../core/interruption.ts';
import { type ImageArchive, readImageArchive } from '../../../stack/images/saved/archive.ts';
import { fileMissing, otherImages, unfit } from '../../../stack/images/saved/errors.ts';
import { platformOf, type SavedImage, STREAM_MEMBER } from '../../../stack/images/saved/model.ts';
import { familiar } from '../../../stack/images/saved/reference.ts';
import { isHere, refuseLowPlaces } from '../../preflight/preflight.ts';
import { cacheFiles } from '../../project/cache-files.ts';
import { apictlFolder, type Project } from '../../project/project.ts';
import { versionOf } from '../../version.ts';
import type { World } from '../../world.ts';
import { readLock, writeLoaded } from '../lock/files.ts';
import { heldToLock } from '../lock/loaded.ts';
import { telling } from './telling.ts';

type LoadWorld = Pick<
  World,
  'engine' | 'imageTransfer' | 'archiveFiles' | 'files' | 'packageRoot' | 'clock' | 'emit' | 'signal'
>;

export interface LoadResult {
  readonly file: string;
  readonly flavour: Flavour;
  readonly platform: string;
  readonly images: readonly (SavedImage & { readonly state: 'loaded' | 'present' })[];
  /** How many npm packages are in it for "make up ARCHIVE=..."; nothing is done with them here. */
  readonly packages: number | null;
}

/**
 * Checks all of an archive, and then loads it; what is there already is not loaded again.
 * @param file absolute path
 * @param project whose lock the images are held to, and which then runs with them
 * @throws ApictlError IMAGES_FILE_MISSING, IMAGES_DAMAGED, IMAGES_HOSTILE, IMAGES_UNFIT (64), DISK_LOW (8), IMAGES_LOAD_FAILED,
 * IMAGES_UNVERIFIED (5)
 */
export async function loadImages(world: LoadWorld, file: string, project?: Project): Promise<LoadResult> {
  const opened = await world.archiveFiles.open(file);
  if (opened === null) throw fileMissing(file);
  try {
    const archive = await readImageArchive(opened, file);
    return await loadArchive(world, file, archive, project);
  } catch (thrown) {
    throw orInterruption(thrown, world.signal, {
      message: 'interrupted; what the engine has loaded so far stays',
      hint: 'Run "apictl images load FILE" again.',
    });
  } finally {
    await opened.close();
  }
}

async function loadArchive(
  world: LoadWorld,
  file: string,
  archive: ImageArchive,
  project: Project | undefined,
): Promise<LoadResult> {
  const { apictl, flavour, platform, images, members, packages = null } = archive.manifest;
  const facts = await world.engine.facts();
  const here = platformOf(facts);
  if (platform !== here)
    throw unfit(
      file,
      `its images run on ${platform}, and this engine is ${here}`,
      'Save them on a machine of the same kind.',
    );
  const lock = project === undefined ? null : await readLock(world.files, project.root);
  const held =
    project === undefined || lock === null ? null : heldToLock(project, lock, { file, platform, images });
  const version = await versionOf(world);
  if (apictl !== version)
    world.emit({
      type: 'warning',
      text: `${file} was made by apictl ${apictl}, and this is ${version}: it may want other images; "apictl images ls" says which are missing`,
    });
  const size = members.find(({ name }) => name === STREAM_MEMBER)?.bytes ?? 0;
  const configurations = await step(
    world.emit,
    `check all ${bytes(size)} of ${basename(file)}`,
    world.clock.now,
    (tell) => archive.check(interruptible(world, telling(tell, size))),
  );
  const differing = () => differingImages(world, images, configurations);
  const missing = await differing();
  if (missing.size > 0) {
    // The engine keeps the whole stream until it has unpacked it.
    if (isHere(facts.endpoint))
      await refuseLowPlaces(world, [{ name: 'engine', path: facts.dataFolder, wantedBytes: 2 * size }]);
    await step(world.emit, `load ${images.length} images`, world.clock.now, (tell) =>
      world.imageTransfer.load(Readable.from(archive.stream(), { objectMode: false }), tell, world.signal),
    );
    const wrong = [...(await differing())].map(
      ([reference, found]) =>
        `${reference} ${found === null ? 'is not there' : `is ${found}`}, and was ${images.find((image) => image.reference === reference)?.id}`,
    );
    if (wrong.length > 0) throw otherImages(wrong);
  }
  if (project !== undefined && held !== null)
    await writeLoaded(cacheFiles(world), apictlFolder(project.root), held);
  return {
    file,
    flavour,
    platform,
    packages,
    images: images.map((image) => ({
      ...image,
      state: missing.has(image.reference) ? ('loaded' as const) : ('present' as const),
    })),
  };
}

/** What is not there as it was saved: reference -> the id that is there instead, or null. */
async function differingImages(
  { imageTransfer }: LoadWorld,
  images: readonly SavedImage[],
  configurations: ReadonlyMap<string, string>,
): Promise<ReadonlyMap<string, string | null>> {
  const found = await Promise.all(
    images.map(async ({ reference, id }) => {
      const there = (await imageTransfer.describe(reference))?.id ?? null;
      return { reference, there, wanted: [id, configurations.get(familiar(reference))] };
    }),
  );
  return new Map(
    found.flatMap(({ reference, there, wanted }) =>
      there !== null && wanted.includes(there) ? [] : [[reference, there] as const],
    ),
  );
}

const interruptible =
  ({ signal }: Pick<World, 'signal'>, onBytes: (done: number) => void) =>
  (done: number): void => {
    signal.throwIfAborted();
    onBytes(done);
  };
