import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pack } from 'tar-stream';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { dockerEngine } from '../../src/adapters/engine/docker-engine.ts';
import { imageRemoval } from '../../src/adapters/engine/image-removal.ts';
import { loadImages } from '../../src/app/images/archive/load.ts';
import { saveImages } from '../../src/app/images/archive/save.ts';
import { realWorld } from '../../src/real-world.ts';

const engine = dockerEngine(process.env);
const removal = imageRemoval(process.env);
const folder = mkdtempSync(join(tmpdir(), 'apictl-images-e2e-'));
const base = `apictl-e2e/archive-${process.pid}:base`;
/** Stands on the other one: the engine writes their shared layer once, and a link to it. */
const upper = `apictl-e2e/archive-${process.pid}:upper`;
const tags = [upper, base];
const world = realWorld({
  packageRoot: process.cwd(),
  workingFolder: folder,
  emit: () => {},
  signal: new AbortController().signal,
});

const tarOf = (files: Readonly<Record<string, string>>): Readable => {
  const tar = pack();
  for (const [name, text] of Object.entries(files)) tar.entry({ name, mtime: new Date(0) }, text);
  tar.finalize();
  return Readable.from(tar as AsyncIterable<Buffer>, { objectMode: false });
};
const removeAll = async () => {
  for (const tag of tags) await removal.removeImage(tag);
};

beforeAll(async () => {
  await engine.importImage(tarOf({ file: 'below' }), base, { made: 'for a test' });
  const context = tarOf({ Dockerfile: `FROM ${base}\nCOPY file /other\n`, file: 'above' });
  const options = { dockerfile: 'Dockerfile', buildArgs: {}, labels: {}, onOutput: () => {} };
  await engine.build(context, { ...options, reference: upper });
});
afterAll(async () => {
  await removeAll();
  rmSync(folder, { recursive: true });
});

it('gives an engine the same images again after they were removed', async () => {
  const file = join(folder, 'images.tar');
  const saved = await saveImages(world, file, {
    flavour: 'embedded',
    references: tags,
    withPackages: false,
  });
  await removeAll();
  expect(await engine.image(tags[0] ?? '')).toBeNull();

  const loaded = await loadImages(world, file);
  expect(loaded.images.map(({ state }) => state)).toEqual(['loaded', 'loaded']);
  for (const { reference, id } of saved.images) expect((await engine.image(reference))?.id).toBe(id);
  const again = await loadImages(world, file);
  expect(again.images.map(({ state }) => state)).toEqual(['present', 'present']);
});

it('leaves nothing of a save whose images are not there', async () => {
  const file = join(folder, 'other.tar');
  const request = { flavour: 'embedded', references: [`${tags[0]}-absent`], withPackages: false } as const;
  await expect(saveImages(world, file, request)).rejects.toMatchObject({ code: 'IMAGES_MISSING' });
  expect(await world.files.stat(file)).toBeNull();
});

it('tells a stream that breaks off from an engine that refuses it', async () => {
  const wrong = new Error('the disk went away');
  const broken = Readable.from(
    (async function* () {
      yield Buffer.alloc(512 * 1024);
      throw wrong;
    })(),
    { objectMode: false },
  );
  const signal = new AbortController().signal;
  await expect(world.imageTransfer.load(broken, () => {}, signal)).rejects.toBe(wrong);
  const refused = Readable.from([Buffer.from('no tar at all')], { objectMode: false });
  await expect(world.imageTransfer.load(refused, () => {}, signal)).rejects.toMatchObject({ exitCode: 5 });
});
