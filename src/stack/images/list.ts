import type { Engine, ImageFacts } from '../../core/ports/engine.ts';
import { type ImagePlan, MANAGED_LABEL, REPOSITORY } from './model.ts';

/** A row of `apictl images ls`. */
export interface ImageRow {
  readonly name: string;
  readonly reference: string;
  /** Built here, or to be had from a registry. */
  readonly origin: 'built' | 'published';
  /** `current`: this stack uses it and it is there; `missing`: it is not; `superseded`: left from an earlier build. */
  readonly state: 'current' | 'missing' | 'superseded';
  readonly sizeBytes: number | null;
  /** ISO time; null where it is missing. */
  readonly created: string | null;
}

/** The images of a stack and what earlier builds left, current ones first in the order of the plan. */
export async function listImages(
  plan: ImagePlan,
  /** References of a registry that this stack uses besides. */
  published: readonly string[],
  engine: Pick<Engine, 'image' | 'images'>,
): Promise<readonly ImageRow[]> {
  const wanted = [
    ...plan.images.map(({ name, reference }) => ({ name, reference, origin: 'built' as const })),
    ...published.map((reference) => ({ name: reference, reference, origin: 'published' as const })),
  ];
  const rows = await Promise.all(
    wanted.map(async (image): Promise<ImageRow> => {
      const facts = await engine.image(image.reference);
      return { ...image, state: facts === null ? 'missing' : 'current', ...factsOf(facts) };
    }),
  );
  const old = await supersededImages(plan, engine);
  return [
    ...rows,
    ...old.map(
      ({ reference, facts }): ImageRow => ({
        name: nameOf(reference),
        reference,
        origin: 'built',
        state: 'superseded',
        ...factsOf(facts),
      }),
    ),
  ];
}

/** Earlier builds of the images that this plan names; what stands on others first, so that a base can go after it. */
export async function supersededImages(
  plan: ImagePlan,
  engine: Pick<Engine, 'images'>,
): Promise<readonly { readonly reference: string; readonly facts: ImageFacts }[]> {
  const current = new Map(plan.images.map(({ name, reference }) => [name, reference]));
  const managed = await engine.images(`${MANAGED_LABEL}=true`);
  const order = ['platform', 'debian'];
  return managed
    .flatMap((facts) => facts.tags.map((reference) => ({ reference, facts })))
    .filter(({ reference }) => {
      const planned = reference.startsWith(`${REPOSITORY}/`) ? current.get(nameOf(reference)) : undefined;
      return planned !== undefined && planned !== reference;
    })
    .sort(
      (a, b) =>
        order.indexOf(nameOf(a.reference)) - order.indexOf(nameOf(b.reference)) ||
        (a.reference < b.reference ? -1 : 1),
    );
}

const nameOf = (reference: string): string => reference.slice(REPOSITORY.length + 1).split(':')[0] ?? '';

const factsOf = (facts: ImageFacts | null) => ({
  sizeBytes: facts?.sizeBytes ?? null,
  created: facts === null ? null : new Date(facts.createdMs).toISOString(),
});
