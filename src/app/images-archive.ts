import { basename, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import type { Flavour } from '../config/choices.ts';
import { bytes } from '../core/bytes.ts';
import { ApictlError, systemCodeOf } from '../core/errors.ts';
import { step } from '../core/events.ts';
import { orInterruption } from '../core/interruption.ts';
import type { NewFile } from '../core/ports/archive-files.ts';
import type { StoredImage } from '../core/ports/image-transfer.ts';
import { type ImageArchive, readImageArchive, writeImageArchive } from '../stack/images/saved/archive.ts';
import {
  byDigest,
  fileMissing,
  fileThere,
  folderMissing,
  notThere,
  otherImages,
  unfinishedThere,
  unfit,
} from '../stack/images/saved/errors.ts';
import { platformOf, type SavedImage } from '../stack/images/saved/model.ts';
import { digestOf, familiar, isByDigest, unpackedBytes } from '../stack/images/saved/reference.ts';
import { isHere, refuseLowPlaces } from './preflight.ts';
import { versionOf } from './version.ts';
import type { World } from './world.ts';

type ArchiveWorld = Pick<
  World,
  'engine' | 'imageTransfer' | 'archiveFiles' | 'files' | 'packageRoot' | 'clock' | 'emit' | 'signal'
>;

/** Not only for its owner: nothing in it is secret, and it is made to be carried to another machine. */
const FILE_MODE = 0o644;
const TOLD_EVERY_BYTES = 64 * 1024 ** 2;

export interface SaveResult {
  readonly file: string;
  readonly sizeBytes: number;
  readonly flavour: Flavour;
  readonly platform: string;
  readonly images: readonly SavedImage[];
}

/**
 * Writes all of these images to one archive, which has its name only when it is whole.
 * @param file absolute path; nothing may be there
 * @throws ApictlError IMAGES_FILE_EXISTS, IMAGES_FOLDER_MISSING, IMAGES_BY_DIGEST (64), IMAGES_MISSING, IMAGES_SAVE_FAILED (5),
 * DISK_LOW, DISK_FULL (8)
 */
export async function saveImages(
  world: ArchiveWorld,
  file: string,
  { flavour, references }: { readonly flavour: Flavour; readonly references: readonly string[] },
): Promise<SaveResult> {
  const { files, engine, imageTransfer } = world;
  const folder = dirname(file);
  if ((await files.stat(folder)) === null) throw folderMissing(folder);
  if ((await files.stat(file)) !== null) throw fileThere(file);
  const images = await describeAll(world, references, flavour);
  await refuseLowPlaces(world, [
    { name: 'archive', path: folder, wantedBytes: unpackedBytes(images.map(({ stored }) => stored)) },
  ]);
  const facts = {
    apictl: await versionOf(world),
    createdAt: new Date(world.clock.now()).toISOString(),
    flavour,
    platform: platformOf(await engine.facts()),
    images: images.map(({ saved }) => saved),
  };
  const unfinished = join(folder, `.${basename(file)}.unfinished`);
  const created = await newFile(world, unfinished);
  try {
    const manifest = await step(world.emit, `save ${images.length} images`, world.clock.now, async (tell) =>
      writeImageArchive(
        created,
        file,
        facts,
        await imageTransfer.save(
          facts.images.map(({ reference }) => familiar(reference)),
          world.signal,
        ),
        telling(tell, null),
      ),
    );
    const sizeBytes = (await files.stat(file))?.sizeBytes ?? 0;
    return { file, sizeBytes, flavour, platform: manifest.platform, images: manifest.images };
  } catch (thrown) {
    await created.discard();
    if (isTaken(thrown)) throw fileThere(file);
    throw orInterruption(thrown, world.signal, {
      message: 'interrupted; nothing was saved, and nothing is left of it',
      hint: 'Run "apictl images save FILE" again.',
    });
  }
}

async function newFile({ archiveFiles }: ArchiveWorld, path: string): Promise<NewFile> {
  try {
    return await archiveFiles.create(path, FILE_MODE);
  } catch (thrown) {
    throw isTaken(thrown) ? unfinishedThere(path) : thrown;
  }
}

const isTaken = (thrown: unknown): boolean =>
  thrown instanceof ApictlError && systemCodeOf(thrown.cause) === 'EEXIST';

async function describeAll(
  { imageTransfer }: ArchiveWorld,
  references: readonly string[],
  flavour: Flavour,
): Promise<{ readonly saved: SavedImage; readonly stored: StoredImage }[]> {
  const withDigest = references.filter(isByDigest);
  if (withDigest.length > 0) throw byDigest(withDigest);
  const described = await Promise.all(
    references.map(async (reference) => ({ reference, stored: await imageTransfer.describe(reference) })),
  );
  const missing = described.filter(({ stored }) => stored === null).map(({ reference }) => reference);
  if (missing.length > 0) throw notThere(missing, flavour);
  return described.flatMap(({ reference, stored }) => {
    if (stored === null) return [];
    const { id, sizeBytes } = stored;
    return [{ stored, saved: { reference, id, digest: digestOf(reference, stored), sizeBytes } }];
  });
}

export interface LoadResult {
  readonly file: string;
  readonly flavour: Flavour;
  readonly platform: string;
  readonly images: readonly (SavedImage & { readonly state: 'loaded' | 'present' })[];
}

/**
 * Checks all of an archive, and then loads it; what is there already is not loaded again.
 * @param file absolute path
 * @throws ApictlError IMAGES_FILE_MISSING, IMAGES_DAMAGED, IMAGES_HOSTILE, IMAGES_UNFIT (64), DISK_LOW (8), IMAGES_LOAD_FAILED,
 * IMAGES_UNVERIFIED (5)
 */
export async function loadImages(world: ArchiveWorld, file: string): Promise<LoadResult> {
  const opened = await world.archiveFiles.open(file);
  if (opened === null) throw fileMissing(file);
  try {
    const archive = await readImageArchive(opened, file);
    return await loadArchive(world, file, archive);
  } catch (thrown) {
    throw orInterruption(thrown, world.signal, {
      message: 'interrupted; what the engine has loaded so far stays',
      hint: 'Run "apictl images load FILE" again.',
    });
  } finally {
    await opened.close();
  }
}

async function loadArchive(world: ArchiveWorld, file: string, archive: ImageArchive): Promise<LoadResult> {
  const { apictl, flavour, platform, images, members } = archive.manifest;
  const facts = await world.engine.facts();
  const here = platformOf(facts);
  if (platform !== here)
    throw unfit(
      file,
      `its images run on ${platform}, and this engine is ${here}`,
      'Save them on a machine of the same kind.',
    );
  const version = await versionOf(world);
  if (apictl !== version)
    world.emit({
      type: 'warning',
      text: `${file} was made by apictl ${apictl}, and this is ${version}: it may want other images; "apictl images ls" says which are missing`,
    });
  const [{ bytes: size } = { bytes: 0 }] = members;
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
  return {
    file,
    flavour,
    platform,
    images: images.map((image) => ({
      ...image,
      state: missing.has(image.reference) ? ('loaded' as const) : ('present' as const),
    })),
  };
}

/** What is not there as it was saved: reference -> the id that is there instead, or null. */
async function differingImages(
  { imageTransfer }: ArchiveWorld,
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

/** Tells of a stream now and then, not at every piece. */
function telling(tell: (text: string) => void, whole: number | null): (done: number) => void {
  let next = TOLD_EVERY_BYTES;
  return (done) => {
    if (done < next) return;
    next = done + TOLD_EVERY_BYTES;
    tell(whole === null ? bytes(done) : `${bytes(done)} of ${bytes(whole)}`);
  };
}

const interruptible =
  ({ signal }: Pick<World, 'signal'>, onBytes: (done: number) => void) =>
  (done: number): void => {
    signal.throwIfAborted();
    onBytes(done);
  };
