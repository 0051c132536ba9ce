import { basename, dirname, join } from 'node:path';
import type { Flavour } from '../../../config/choices.ts';
import { ApictlError, systemCodeOf } from '../../../core/errors.ts';
import { step } from '../../../core/events.ts';
import { orInterruption } from '../../../core/interruption.ts';
import type { NewFile } from '../../../core/ports/archive-files.ts';
import type { StoredImage } from '../../../core/ports/image-transfer.ts';
import { unpinned } from '../../../stack/images/pins.ts';
import { writeImageArchive } from '../../../stack/images/saved/archive.ts';
import {
  byDigest,
  fileThere,
  folderMissing,
  notThere,
  tagTaken,
  unfinishedThere,
} from '../../../stack/images/saved/errors.ts';
import { type ImageManifest, platformOf, type SavedImage } from '../../../stack/images/saved/model.ts';
import { digestOf, familiar, isByDigest, unpackedBytes } from '../../../stack/images/saved/reference.ts';
import { refuseLowPlaces } from '../../preflight/preflight.ts';
import { versionOf } from '../../version.ts';
import type { World } from '../../world.ts';
import { fetchPackages, type PackageTarballs, packagesOfClone } from './packages.ts';
import { telling } from './telling.ts';

type SaveWorld = Pick<
  World,
  | 'engine'
  | 'imageTransfer'
  | 'archiveFiles'
  | 'files'
  | 'commands'
  | 'packageRoot'
  | 'clock'
  | 'emit'
  | 'signal'
>;

/** Not only for its owner: nothing in it is secret, and it is made to be carried to another machine. */
const FILE_MODE = 0o644;

export interface SaveRequest {
  readonly flavour: Flavour;
  readonly references: readonly string[];
  /** Whether the npm packages of this clone go along. */
  readonly withPackages: boolean;
}

export interface SaveResult {
  readonly file: string;
  readonly sizeBytes: number;
  readonly flavour: Flavour;
  readonly platform: string;
  readonly images: readonly SavedImage[];
  /** How many npm packages went along; null where none were wanted, or where apictl does not run from a clone. */
  readonly packages: number | null;
}

/**
 * Writes all of these images, and the npm packages that a clone is built with, to one archive, which has its name only when it
 * is whole.
 * @param file absolute path; nothing may be there
 * @throws ApictlError IMAGES_FILE_EXISTS, IMAGES_FOLDER_MISSING, IMAGES_BY_DIGEST (64), IMAGES_MISSING, IMAGES_SAVE_FAILED,
 * NPM_PACKAGES_MISSING, IMAGES_TAG_TAKEN (5), DISK_LOW, DISK_FULL (8)
 */
export async function saveImages(world: SaveWorld, file: string, request: SaveRequest): Promise<SaveResult> {
  const { files } = world;
  const folder = dirname(file);
  if ((await files.stat(folder)) === null) throw folderMissing(folder);
  if ((await files.stat(file)) !== null) throw fileThere(file);
  const images = await describeAll(world, request.references, request.flavour);
  const wanted = request.withPackages ? await packagesOfClone(world) : null;
  const beside = (ending: string): string => join(folder, `.${basename(file)}.${ending}`);
  const created = await newFile(world, beside('unfinished'));
  try {
    await refuseLowPlaces(world, [
      { name: 'archive', path: folder, wantedBytes: unpackedBytes(images.map(({ stored }) => stored)) },
    ]);
    const packages = wanted === null ? null : await fetchPackages(world, wanted, beside('packages'));
    const saved = images.map((image) => image.saved);
    const manifest = await write(world, created, file, { ...request, images: saved, packages });
    const sizeBytes = (await files.stat(file))?.sizeBytes ?? 0;
    const { flavour, platform } = manifest;
    return {
      file,
      sizeBytes,
      flavour,
      platform,
      images: manifest.images,
      packages: manifest.packages ?? null,
    };
  } catch (thrown) {
    await created.discard();
    if (isTaken(thrown)) throw fileThere(file);
    throw orInterruption(thrown, world.signal, {
      message: 'interrupted; nothing was saved, and nothing is left of it',
      hint: 'Run "apictl images save FILE" again.',
    });
  } finally {
    await files.remove(beside('packages'));
  }
}

async function write(
  world: SaveWorld,
  created: NewFile,
  file: string,
  content: Pick<SaveRequest, 'flavour'> & {
    readonly images: readonly SavedImage[];
    readonly packages: PackageTarballs | null;
  },
): Promise<ImageManifest> {
  const { engine, clock, emit, imageTransfer, signal } = world;
  const { flavour, images, packages } = content;
  const facts = {
    apictl: await versionOf(world),
    createdAt: new Date(clock.now()).toISOString(),
    flavour,
    platform: platformOf(await engine.facts()),
    images: [...images],
  };
  return step(emit, `save ${images.length} images`, clock.now, async (tell) =>
    writeImageArchive(
      created,
      file,
      facts,
      {
        packages,
        images: () =>
          imageTransfer.save(
            images.map(({ reference }) => familiar(reference)),
            signal,
          ),
      },
      telling(tell, null),
    ),
  );
}

async function newFile({ archiveFiles }: SaveWorld, path: string): Promise<NewFile> {
  try {
    return await archiveFiles.create(path, FILE_MODE);
  } catch (thrown) {
    throw isTaken(thrown) ? unfinishedThere(path) : thrown;
  }
}

const isTaken = (thrown: unknown): boolean =>
  thrown instanceof ApictlError && systemCodeOf(thrown.cause) === 'EEXIST';

async function describeAll(
  world: SaveWorld,
  references: readonly string[],
  flavour: Flavour,
): Promise<{ readonly saved: SavedImage; readonly stored: StoredImage }[]> {
  const withoutTag = references.filter((reference) => isByDigest(unpinned(reference)));
  if (withoutTag.length > 0) throw byDigest(withoutTag);
  const described = await Promise.all(
    references.map(async (reference) => ({
      reference,
      stored: await world.imageTransfer.describe(reference),
    })),
  );
  const missing = described.filter(({ stored }) => stored === null).map(({ reference }) => reference);
  if (missing.length > 0) throw notThere(missing, flavour);
  const images = described.flatMap(({ reference, stored }) => {
    if (stored === null) return [];
    const { id, sizeBytes } = stored;
    const tagged = unpinned(reference);
    return [{ stored, saved: { reference: tagged, id, digest: digestOf(tagged, stored), sizeBytes } }];
  });
  await tagAll(
    world,
    images.map(({ saved }) => saved).filter(({ reference }) => !references.includes(reference)),
  );
  return images;
}

/**
 * What was pulled by its digest has no tag, and the stream keeps tags only.
 * @throws ApictlError IMAGES_TAG_TAKEN (5) where the tag is another image's
 */
async function tagAll({ imageTransfer }: SaveWorld, locked: readonly SavedImage[]): Promise<void> {
  for (const { reference, id } of locked) {
    const there = await imageTransfer.describe(reference);
    if (there === null) await imageTransfer.tag(id, reference);
    else if (there.id !== id) throw tagTaken(reference, id, there.id);
  }
}
