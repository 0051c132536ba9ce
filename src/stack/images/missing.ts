import type { Engine } from '../../core/ports/engine.ts';
import type { ImagePlan, PlannedImage } from './model.ts';

/** The references of a plan that need no building: those that the engine has, and none where all are built anew. */
export async function presentReferences(
  plan: ImagePlan,
  engine: Pick<Engine, 'image'>,
  rebuild = false,
): Promise<ReadonlySet<string>> {
  if (rebuild) return new Set();
  const found = await Promise.all(
    plan.images.map(async ({ reference }) => ((await engine.image(reference)) === null ? [] : [reference])),
  );
  return new Set(found.flat());
}

/**
 * What has to be built, bases first: images that containers are made from and that are not there, and those below them as
 * far down as they are missing. A base that nothing needs any more is not made again. Pure.
 */
export function missingImages(plan: ImagePlan, present: ReadonlySet<string>): readonly PlannedImage[] {
  const needed = new Set<string>();
  const need = (image: PlannedImage) => {
    if (present.has(image.reference)) return;
    needed.add(image.name);
    const { base } = image;
    const below = base.kind === 'image' ? plan.images.find(({ name }) => name === base.name) : undefined;
    if (below !== undefined) need(below);
  };
  for (const image of plan.images) if (image.isFinal) need(image);
  return plan.images.filter(({ name }) => needed.has(name));
}
