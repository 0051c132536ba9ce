import { beforeEach, describe, expect, it } from 'vitest';
import { readPins, writeLoaded, writeLock } from '../../../../src/app/images/lock/files.ts';
import { heldToLock, refuseOtherThanLoaded } from '../../../../src/app/images/lock/loaded.ts';
import { lockStates } from '../../../../src/app/images/lock/states.ts';
import type { Project } from '../../../../src/app/project/project.ts';
import { configSchema } from '../../../../src/config/schema.ts';
import { imageEngine } from '../../../fakes/image-engine.ts';
import { memoryFiles } from '../../../fakes/memory-files.ts';

const sha = (digit: string): string => `sha256:${digit.repeat(64)}`;
const LOCK = { 'kong:3.8.0': { digest: sha('a'), ids: { 'linux/amd64': sha('b') } } };
const MIRRORED = 'mirror.example/library/kong:3.8.0';

let files = memoryFiles({});
let project: Project;
beforeEach(async () => {
  files = memoryFiles({});
  await writeLock(files, '/shop', LOCK);
  await reopen();
});

const reopen = async () => {
  project = {
    root: '/shop',
    config: configSchema.parse({ registry: { mirror: 'mirror.example' } }),
    dotenv: {},
    pins: await readPins(files, '/shop', '/shop/.apictl'),
  };
};

/** An engine with this image under that name. */
function engineWith(...present: readonly (readonly [reference: string, id: string])[]) {
  const engine = imageEngine({ present: present.map(([reference]) => reference) });
  for (const [reference, id] of present) {
    const facts = engine.present.get(reference);
    if (facts !== undefined) engine.present.set(reference, { ...facts, id });
  }
  return engine;
}

const saved = (id: string) => ({
  file: '/stick/shop.tar',
  platform: 'linux/amd64',
  images: [
    { reference: MIRRORED, id, digest: sha('a'), sizeBytes: 1 },
    { reference: 'apictl/logging:1f2e', id: sha('f'), digest: null, sizeBytes: 1 },
  ],
});

describe('the images of an archive in a project with a lock', () => {
  it('are held to it by their ids, also from a mirror; what is built is not locked', () => {
    expect(heldToLock(project, LOCK, saved(sha('b')))).toEqual({
      'kong:3.8.0': { digest: sha('a'), id: sha('b') },
    });
  });

  it('are refused where one is another, whatever digest the archive claims', () => {
    expect(() => heldToLock(project, LOCK, saved(sha('c')))).toThrow(
      expect.objectContaining({
        code: 'IMAGES_UNFIT',
        message: expect.stringContaining(
          `kong:3.8.0 in it is ${sha('c')}, and images.lock holds it to ${sha('b')}`,
        ),
      }),
    );
  });

  it('are refused on a platform that the lock knows nothing of', () => {
    expect(() => heldToLock(project, LOCK, { ...saved(sha('b')), platform: 'linux/arm64' })).toThrow(
      'holds it to nothing on linux/arm64',
    );
  });
});

describe('a loaded image', () => {
  beforeEach(async () => {
    await writeLoaded(files, '/shop/.apictl', heldToLock(project, LOCK, saved(sha('b'))));
    await reopen();
  });

  it('is named by its tag, until the lock holds it to another digest', async () => {
    expect(project.pins).toEqual({});
    await writeLock(files, '/shop', { 'kong:3.8.0': { digest: sha('9'), ids: {} } });
    expect(await readPins(files, '/shop', '/shop/.apictl')).toEqual({ 'kong:3.8.0': sha('9') });
  });

  it('must be the one that was loaded when the stack comes up', async () => {
    await refuseOtherThanLoaded({ files, engine: engineWith([MIRRORED, sha('b')]) }, project);
    await refuseOtherThanLoaded({ files, engine: engineWith() }, project);
    const moved = engineWith([MIRRORED, sha('c')]);
    await expect(refuseOtherThanLoaded({ files, engine: moved }, project)).rejects.toMatchObject({
      code: 'IMAGES_DIFFER',
      exitCode: 5,
      details: [`kong:3.8.0 is ${sha('c')}, and was ${sha('b')}`],
    });
  });

  it('is forgotten where the note of it is damaged: then a registry is asked again', async () => {
    await files.write('/shop/.apictl/loaded.json', '{"kong:3.8.0"');
    expect(await readPins(files, '/shop', '/shop/.apictl')).toEqual({ 'kong:3.8.0': sha('a') });
  });

  it('is refused where a newer apictl wrote the note', async () => {
    await files.write('/shop/.apictl/loaded.json', '{"format":2}');
    await expect(readPins(files, '/shop', '/shop/.apictl')).rejects.toMatchObject({ code: 'STATE_NEWER' });
  });

  it('is shown as locked while it is the same, and as another one when it is not', async () => {
    const states = (id: string) =>
      lockStates({ files, engine: engineWith([MIRRORED, id]) }, project, [MIRRORED]);
    expect(await states(sha('b'))).toEqual(new Map([[MIRRORED, 'locked']]));
    expect(await states(sha('c'))).toEqual(new Map([[MIRRORED, 'differs']]));
  });
});

describe('the state of an image by the lock', () => {
  const PINNED = `${MIRRORED}@${sha('a')}`;
  const states = (engine: ReturnType<typeof imageEngine>, references: readonly string[]) =>
    lockStates({ files, engine }, project, references);

  it('tells the locked one from another under the same tag, and from what is not locked', async () => {
    expect(await states(engineWith([PINNED, sha('b')]), [PINNED])).toEqual(new Map([[PINNED, 'locked']]));
    expect(await states(engineWith(), [PINNED])).toEqual(new Map([[PINNED, 'locked']]));
    expect(await states(engineWith([MIRRORED, sha('c')]), [PINNED])).toEqual(new Map([[PINNED, 'differs']]));
    expect(await states(engineWith(), ['postgres:13'])).toEqual(new Map([['postgres:13', 'unlocked']]));
  });

  it('is none without a lock', async () => {
    await files.remove('/shop/images.lock');
    expect(await states(engineWith(), [PINNED])).toEqual(new Map());
    expect(await readPins(files, '/shop', '/shop/.apictl')).toBeUndefined();
  });
});
