import { parseManifest } from '../../../core/archive/manifest.ts';
import { MemberReader, readHead } from '../../../core/archive/read.ts';
import { MemberWriter } from '../../../core/archive/write.ts';
import type { NewFile, OpenFile } from '../../../core/ports/archive-files.ts';
import { damaged, FAILURES, hostile, streamBroken } from './errors.ts';
import { FORMAT, type ImageManifest, manifestSchema, PACKAGES_MEMBER, STREAM_MEMBER } from './model.ts';
import { familiar } from './reference.ts';
import { StreamProblem, StreamWalk } from './stream.ts';

export interface ArchiveContent {
  /** The npm packages, as one tar stream. */
  readonly packages: { readonly count: number; readonly tar: () => AsyncIterable<Uint8Array> } | null;
  /** The engine's stream; asked for when it is to be written. */
  readonly images: () => Promise<AsyncIterable<Uint8Array>>;
}

/**
 * Writes the engine's stream as it comes; the archive has its name only when the stream has turned out to be whole.
 * @param onBytes how much of the engine's stream has come so far
 * @throws ApictlError IMAGES_SAVE_FAILED (5), and those of the file
 */
export async function writeImageArchive(
  file: NewFile,
  path: string,
  facts: Omit<ImageManifest, 'format' | 'packages' | 'members'>,
  { packages, images }: ArchiveContent,
  onBytes: (done: number) => void,
): Promise<ImageManifest> {
  const writer = new MemberWriter(file, facts.createdAt);
  const walk = new StreamWalk();
  try {
    if (packages !== null) await writer.write(PACKAGES_MEMBER, packages.tar());
    await writer.write(STREAM_MEMBER, watched(await images(), walk, onBytes));
    const problem = await problemOf(walk, facts.images);
    if (problem !== null) throw streamBroken(problem.message);
  } finally {
    walk.stop();
  }
  // In the order of the schema, as a reader writes it again to compare.
  const manifest = manifestSchema.parse({
    ...facts,
    format: FORMAT,
    packages: packages?.count,
    members: writer.members,
  });
  await writer.finish(path, manifest);
  return manifest;
}

export interface ImageArchive {
  readonly manifest: ImageManifest;
  /**
   * Reads every byte, holds it against the manifest, and looks into the engine's stream. Answers the id of every image's
   * configuration by its reference, which is another name of the image for engines that store images in another way.
   * @throws ApictlError IMAGES_DAMAGED, IMAGES_HOSTILE (64)
   */
  readonly check: (onBytes: (done: number) => void) => Promise<ReadonlyMap<string, string>>;
  /** The engine's stream. @throws ApictlError IMAGES_DAMAGED (64) at its end, where it is not what it was */
  readonly stream: () => AsyncIterable<Uint8Array>;
}

/**
 * An archive that was opened for reading, its manifest read and its length right.
 * @throws ApictlError IMAGES_DAMAGED, IMAGES_HOSTILE, IMAGES_UNFIT (64)
 */
export async function readImageArchive(file: OpenFile, path: string): Promise<ImageArchive> {
  const manifest = await readHead(file, path, readManifest, FAILURES);
  const members = new MemberReader(file, path, manifest, FAILURES);
  return {
    manifest,
    check: async (onBytes) => {
      const walk = new StreamWalk();
      try {
        await members.check(async (bytes, { name }) => {
          for await (const _piece of name === STREAM_MEMBER ? watched(bytes, walk, onBytes) : bytes);
        });
        const problem = await problemOf(walk, manifest.images);
        if (problem !== null) throw (problem.isHostile ? hostile : damaged)(path, problem.message);
        return await walk.end();
      } finally {
        walk.stop();
      }
    },
    stream: () => members.stored(STREAM_MEMBER),
  };
}

async function* watched(
  stream: AsyncIterable<Uint8Array>,
  walk: StreamWalk,
  onBytes: (done: number) => void,
): AsyncIterable<Uint8Array> {
  let done = 0;
  for await (const piece of stream) {
    await walk.write(piece);
    done += piece.length;
    onBytes(done);
    yield piece;
  }
}

/** A stream must hold the images that are meant, and no other: what it holds besides would be loaded, too. */
async function problemOf(
  walk: StreamWalk,
  images: readonly Pick<ImageManifest['images'][number], 'reference'>[],
): Promise<StreamProblem | null> {
  try {
    const found = await walk.end();
    const meant = new Set(images.map(({ reference }) => familiar(reference)));
    const missing = [...meant].find((reference) => !found.has(reference));
    if (missing !== undefined) return new StreamProblem(`${missing} is not in it`, false);
    const other = [...found.keys()].find((reference) => !meant.has(reference));
    return other === undefined
      ? null
      : new StreamProblem(`${other}, of which its manifest does not speak`, true);
  } catch (thrown) {
    if (thrown instanceof StreamProblem) return thrown;
    throw thrown;
  }
}

const readManifest = (bytes: Buffer, path: string): ImageManifest =>
  parseManifest(bytes, path, { schema: manifestSchema, format: FORMAT, failures: FAILURES });
