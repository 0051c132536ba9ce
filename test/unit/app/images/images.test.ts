import { describe, expect, it } from 'vitest';
import { provideImages, pullProjectImages, registryReferences } from '../../../../src/app/images/images.ts';
import type { World } from '../../../../src/app/world.ts';
import { pulledText } from '../../../../src/cli/actions/images.ts';
import type { Flavour } from '../../../../src/config/choices.ts';
import { configSchema } from '../../../../src/config/schema.ts';
import { planImages } from '../../../../src/stack/images/plan.ts';
import { recipesFor } from '../../../../src/stack/images/recipes.ts';
import { fakeClock } from '../../../fakes/fake-clock.ts';
import { type ImageEngineScript, imageEngine } from '../../../fakes/image-engine.ts';
import { memoryFiles } from '../../../fakes/memory-files.ts';

const config = configSchema.parse({});
const NODE = `node:${config.versions.node}`;
const PYTHON = `python:${config.versions.python}`;

/** The images of a flavour, without the files that go into them. */
function planOf(flavour: Flavour) {
  const recipes = recipesFor({ flavour, config, projectRoot: '/srv/shop' });
  const contexts = Object.fromEntries(
    recipes.map(({ name, dockerfile }) => [name, { dockerfile, files: [] }]),
  );
  return planImages({ flavour, recipes, contexts });
}

const pull = async (flavour: Flavour, script: ImageEngineScript = {}, refresh = false) => {
  const engine = imageEngine(script);
  const world = {
    engine: engine as never,
    clock: fakeClock(),
    emit: () => {},
    signal: new AbortController().signal,
  };
  const published = flavour === 'official' ? ['kong:3.8.0', 'postgres:13'] : [];
  const result = await pullProjectImages(world, planOf(flavour), published, { refresh });
  return { result, pulls: engine.pulls };
};

describe('the images that a run needs', () => {
  const plan = planOf('official');
  const builtHere = plan.images.map(({ reference }) => reference);
  const provide = async (script: ImageEngineScript) => {
    const engine = imageEngine(script);
    const world: Partial<World> = {
      engine: engine as never,
      files: memoryFiles(),
      environment: {},
      clock: fakeClock(),
      emit: () => {},
      signal: new AbortController().signal,
    };
    const wish = { rebuild: false, refresh: false };
    const work = provideImages(world as World, plan, ['kong:3.8.0'], wish);
    return { engine, outcome: await work.catch((thrown: unknown) => thrown) };
  };

  it('come from registries first: all that cannot be had is named before anything is built', async () => {
    const onPull = async (reference: string) => {
      throw new Error(`${reference}: connection refused`);
    };
    const { engine, outcome } = await provide({ onPull });
    expect(outcome).toMatchObject({ code: 'IMAGES_MISSING', exitCode: 5 });
    for (const reference of ['kong:3.8.0', NODE, PYTHON])
      expect(outcome).toMatchObject({ object: expect.stringContaining(`image ${reference}`) });
    expect(engine.builds).toEqual([]);
  });

  it('are not asked for where only a base is gone that nothing has to be built on', async () => {
    const { engine, outcome } = await provide({ present: ['kong:3.8.0', ...builtHere] });
    expect(outcome).toEqual({ built: [], pulled: [] });
    expect(engine.pulls).toEqual([]);
  });
});

describe('images pull', () => {
  it('fetches what the official flavour runs with and what its built images stand on', () => {
    const references = registryReferences(planOf('official'), ['kong:3.8.0', NODE]);
    expect(references).toEqual(['kong:3.8.0', NODE, PYTHON].sort());
  });

  it('asks only for what is missing, and says what was there', async () => {
    const { result, pulls } = await pull('official', { present: ['kong:3.8.0', NODE] });
    expect(pulls).toEqual(['postgres:13', PYTHON]);
    expect(result).toEqual({
      flavour: 'official',
      pulled: ['postgres:13', PYTHON],
      present: ['kong:3.8.0', NODE],
    });
    expect(pulledText(result)).toBe(`pulled postgres:13, ${PYTHON}`);
  });

  it('asks for all of them to refresh them', async () => {
    const { pulls } = await pull('official', { present: ['kong:3.8.0', 'postgres:13', NODE, PYTHON] }, true);
    expect(pulls).toEqual(['kong:3.8.0', NODE, 'postgres:13', PYTHON].sort());
  });

  it('says that everything is there, a second time', async () => {
    const { result } = await pull('official', { present: ['kong:3.8.0', 'postgres:13', NODE, PYTHON] });
    expect(pulledText(result)).toBe('every published image is there');
  });

  it('fails with every image that the registry does not give', async () => {
    const onPull = async (reference: string) => {
      if (reference !== 'kong:3.8.0') throw new Error(`${reference}: no such host`);
    };
    await expect(pull('official', { onPull })).rejects.toMatchObject({
      code: 'IMAGES_MISSING',
      exitCode: 5,
      details: expect.arrayContaining(['postgres:13: no such host', `${PYTHON}: no such host`]),
    });
  });

  it('says of the embedded flavour that nothing is pulled, and asks nobody', async () => {
    const { result, pulls } = await pull('embedded', {}, true);
    expect(pulls).toEqual([]);
    expect(result).toEqual({ flavour: 'embedded', pulled: [], present: [] });
    expect(pulledText(result)).toContain('the embedded flavour takes no image from a registry');
  });
});
