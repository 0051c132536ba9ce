import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { extract, type Header, pack } from 'tar-stream';
import type { ImageTransfer, StoredImage } from '../../src/core/ports/image-transfer.ts';

/** An entry of an engine's stream. */
export interface StreamEntry extends Partial<Header> {
  readonly name: string;
  readonly text?: string;
}

export interface FakeImage extends StoredImage {
  readonly layer: string;
}

/** An image whose id is, as an engine's, the hash of its configuration. */
export function fakeImage(layer: string, given: Partial<StoredImage> = {}): FakeImage {
  return {
    id: `sha256:${sha256(configOf(layer))}`,
    digests: [],
    sizeBytes: layer.length,
    layers: [`sha256:${sha256(layer)}`],
    layer,
    ...given,
  };
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const configOf = (layer: string): string => JSON.stringify({ rootfs: { diff_ids: [sha256(layer)] } });

/** What `docker save` writes of these images. */
export function streamEntries(images: Readonly<Record<string, FakeImage>>): StreamEntry[] {
  const entries = new Map<string, StreamEntry>();
  const add = (entry: StreamEntry) => entries.set(entry.name, entry);
  const list = Object.entries(images).map(([reference, { layer }]) => {
    const folder = sha256(`folder of ${layer}`);
    const config = configOf(layer);
    add({ name: `${sha256(config)}.json`, text: config });
    add({ name: `${folder}/`, type: 'directory' });
    add({ name: `${folder}/layer.tar`, text: layer });
    return { Config: `${sha256(config)}.json`, RepoTags: [reference], Layers: [`${folder}/layer.tar`] };
  });
  return [...entries.values(), { name: 'manifest.json', text: JSON.stringify(list) }];
}

export function streamOf(entries: readonly StreamEntry[]): Readable {
  const archive = pack();
  for (const { text = '', ...header } of entries) archive.entry(header as Header, text);
  archive.finalize();
  return Readable.from(archive as AsyncIterable<Buffer>, { objectMode: false });
}

export interface FakeTransfer extends ImageTransfer {
  readonly present: Map<string, FakeImage>;
  readonly saves: (readonly string[])[];
  /** References of every stream that was loaded to its end. */
  readonly loads: (readonly string[])[];
}

/** The images of an engine, in memory. `stream` is what it gives instead of what it has. */
export function imageTransfer(
  given: Readonly<Record<string, FakeImage>> = {},
  stream: (images: Readonly<Record<string, FakeImage>>, signal: AbortSignal) => Readable = (images) =>
    streamOf(streamEntries(images)),
): FakeTransfer {
  const present = new Map(Object.entries(given));
  const saves: (readonly string[])[] = [];
  const loads: (readonly string[])[] = [];
  return {
    present,
    saves,
    loads,
    describe: async (reference) => present.get(reference) ?? null,
    tag: async (id, reference) => {
      const image = [...present.values()].find((one) => one.id === id);
      if (image === undefined) throw new Error(`there is no image ${id}`);
      present.set(reference, image);
    },
    save: async (references, signal) => {
      saves.push(references);
      const found = references.flatMap((reference) => {
        const image = present.get(reference);
        return image === undefined ? [] : [[reference, image] as const];
      });
      return stream(Object.fromEntries(found), signal);
    },
    load: async (tar, onProgress) => {
      const texts = await textsOf(tar);
      const list = JSON.parse(texts.get('manifest.json') ?? '[]') as {
        RepoTags: string[];
        Layers: string[];
      }[];
      for (const { RepoTags, Layers } of list) {
        const layer = texts.get(Layers[0] ?? '') ?? '';
        for (const tag of RepoTags) {
          present.set(tag, fakeImage(layer));
          onProgress(`Loaded image: ${tag}`);
        }
      }
      loads.push(list.flatMap(({ RepoTags }) => RepoTags));
    },
  };
}

async function textsOf(tar: Readable): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  const entries = extract();
  tar.on('error', (thrown) => entries.destroy(thrown));
  tar.pipe(entries);
  for await (const entry of entries) {
    const pieces: Buffer[] = [];
    for await (const piece of entry as AsyncIterable<Buffer>) pieces.push(piece);
    texts.set(entry.header.name, Buffer.concat(pieces).toString('utf8'));
  }
  return texts;
}
