import * as z from 'zod';
import { ApictlError, EXIT } from '../../core/errors.ts';
import { supersededImages } from '../../stack/images/list.ts';
import type { ImagePlan } from '../../stack/images/model.ts';
import { pruneOldImages } from '../../stack/images/prune.ts';
import type { World } from '../world.ts';

const references = z.array(z.string()).readonly();

/** What `images prune --json` prints. */
export const pruneResultSchema = z.object({
  superseded: z
    .array(z.object({ reference: z.string(), sizeBytes: z.number().int() }))
    .readonly()
    .describe('What earlier builds left; images share layers, so less may be freed.'),
  removed: references,
  kept: references.describe('A container of this or of another project still uses them.'),
});
export type PruneResult = z.output<typeof pruneResultSchema>;

/** Bytes that an image has by itself or together with others. */
export type SupersededImage = PruneResult['superseded'][number];

/**
 * Removes what earlier builds of this stack's images left and no container uses; with `dryRun` only says what there is.
 * @throws ApictlError IMAGES_NOT_CONFIRMED (64) before anything is removed
 */
export async function pruneProjectImages(
  world: Pick<World, 'engine' | 'imageRemoval'>,
  plan: ImagePlan,
  options: {
    readonly dryRun: boolean;
    readonly confirm: (images: readonly SupersededImage[]) => Promise<boolean>;
  },
): Promise<PruneResult> {
  const found = await supersededImages(plan, world.engine);
  const superseded = found.map(({ reference, facts: { sizeBytes } }) => ({ reference, sizeBytes }));
  if (options.dryRun || superseded.length === 0) return { superseded, removed: [], kept: [] };
  if (!(await options.confirm(superseded))) throw notConfirmed(superseded);
  return {
    superseded,
    ...(await pruneOldImages(plan, { engine: world.engine, removal: world.imageRemoval })),
  };
}

const notConfirmed = (images: readonly SupersededImage[]): ApictlError =>
  new ApictlError({
    code: 'IMAGES_NOT_CONFIRMED',
    exitCode: EXIT.usage,
    message: `${images.length} images of earlier builds would be removed; nothing was touched`,
    object: images.map(({ reference }) => `image ${reference}`).join(', '),
    hint: 'Answer the question with yes, or give --yes. "apictl images prune --dry-run" only lists them.',
  });
