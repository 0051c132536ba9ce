import { describe, expect, it } from 'vitest';
import { pruneProjectImages, type SupersededImage } from '../../../src/app/images/prune.ts';
import { configSchema } from '../../../src/config/schema.ts';
import { planImages } from '../../../src/stack/images/plan.ts';
import { recipesFor } from '../../../src/stack/images/recipes.ts';
import { imageEngine } from '../../fakes/image-engine.ts';

const recipes = recipesFor({ flavour: 'embedded', config: configSchema.parse({}), projectRoot: '/srv/shop' });
const contexts = Object.fromEntries(recipes.map(({ name, dockerfile }) => [name, { dockerfile, files: [] }]));
const plan = planImages({ flavour: 'embedded', recipes, contexts });
const current = plan.images.map(({ reference }) => reference);
const OLD = ['apictl/backend:0000', 'apictl/debian:0000', 'apictl/platform:0000'];
const FOREIGN = ['apictl/somebody-elses:1', 'kong:3.8.0'];

/** An engine with current, earlier and foreign images; a container uses some of them. */
function machine(used: readonly string[] = []) {
  const engine = imageEngine({ present: [...current, ...OLD, ...FOREIGN] });
  const asked: (readonly SupersededImage[])[] = [];
  const removal = {
    removeImage: async (reference: string) => {
      if (used.includes(reference)) return 'in use' as const;
      engine.present.delete(reference);
      return 'removed' as const;
    },
  };
  const world = { engine: engine as never, imageRemoval: removal };
  const prune = (answer: boolean, dryRun = false) =>
    pruneProjectImages(world, plan, {
      dryRun,
      confirm: async (images) => {
        asked.push(images);
        return answer;
      },
    });
  return { engine, asked, prune };
}

describe('images prune', () => {
  it('removes what earlier builds left, what stands on others first, and nothing else', async () => {
    const { engine, asked, prune } = machine();
    const { superseded, removed, kept } = await prune(true);
    expect(asked).toEqual([superseded]);
    expect([...removed].sort()).toEqual(OLD);
    expect(removed.indexOf('apictl/platform:0000')).toBeGreaterThan(removed.indexOf('apictl/backend:0000'));
    expect(kept).toEqual([]);
    expect([...engine.present.keys()].sort()).toEqual([...current, ...FOREIGN].sort());
  });

  it('leaves what a container uses, and says so', async () => {
    const { engine, prune } = machine(['apictl/backend:0000']);
    expect(await prune(true)).toMatchObject({
      removed: expect.not.arrayContaining(['apictl/backend:0000']),
      kept: ['apictl/backend:0000'],
    });
    expect(engine.present.has('apictl/backend:0000')).toBe(true);
  });

  it('touches nothing without a yes', async () => {
    const { engine, prune } = machine();
    const before = engine.present.size;
    await expect(prune(false)).rejects.toMatchObject({
      code: 'IMAGES_NOT_CONFIRMED',
      exitCode: 64,
      message: '3 images of earlier builds would be removed; nothing was touched',
    });
    expect(engine.present.size).toBe(before);
  });

  it('dry only lists them, with their sizes, and asks nothing', async () => {
    const { engine, asked, prune } = machine();
    const { superseded, removed } = await prune(false, true);
    expect(superseded.map(({ reference }) => reference).sort()).toEqual(OLD);
    expect(superseded.every(({ sizeBytes }) => sizeBytes === 1000)).toBe(true);
    expect([removed, asked, engine.present.size]).toEqual([[], [], current.length + 5]);
  });

  it('asks nothing where nothing is left', async () => {
    const { asked, prune } = machine();
    await prune(true);
    expect(await prune(false)).toEqual({ superseded: [], removed: [], kept: [] });
    expect(asked).toHaveLength(1);
  });
});
