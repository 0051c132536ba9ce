import type { Flavour } from '../../config/choices.ts';
import type { ContextFile } from '../../core/ports/build-contexts.ts';
import { byPath, referenceOf } from './digest.ts';
import type { Base, ImagePlan, PlannedImage, Recipe } from './model.ts';

export interface PlanInput {
  readonly flavour: Flavour;
  /** Bases before what stands on them. */
  readonly recipes: readonly Recipe[];
  /** Name of the image -> its context as it was read, and the name of the Dockerfile in it. */
  readonly contexts: Readonly<Record<string, RecipeContext>>;
}

export interface RecipeContext {
  readonly dockerfile: string | null;
  readonly files: readonly ContextFile[];
}

/** Gives every image its reference. Pure: the same files, recipes and flavour give the same plan. */
export function planImages({ flavour, recipes, contexts }: PlanInput): ImagePlan {
  const images: PlannedImage[] = [];
  for (const recipe of recipes) {
    const context = contexts[recipe.name];
    if (context === undefined) throw new Error(`no context was read for the image ${recipe.name}`);
    const base = baseReference(recipe.base, images);
    const takesBase = recipe.base.kind !== 'nothing';
    const buildArgs = takesBase ? { ...recipe.buildArgs, BASE: base } : recipe.buildArgs;
    const files = [...context.files].sort(byPath);
    const dockerfile = context.dockerfile ?? '';
    images.push({
      name: recipe.name,
      reference: referenceOf({ name: recipe.name, base, dockerfile, files, buildArgs }),
      base: recipe.base,
      dockerfile: context.dockerfile,
      files,
      buildArgs,
      usesMachineSources: recipe.usesMachineSources,
      isFinal: recipe.isFinal,
    });
  }
  const final = images.filter(({ isFinal }) => isFinal);
  return {
    flavour,
    images,
    references: Object.fromEntries(final.map(({ name, reference }) => [name, reference])),
  };
}

function baseReference(base: Base, planned: readonly PlannedImage[]): string {
  if (base.kind === 'nothing') return '';
  if (base.kind === 'published') return base.reference;
  const found = planned.find(({ name }) => name === base.name);
  if (found === undefined) throw new Error(`the recipe of ${base.name} must stand before those that use it`);
  return found.reference;
}
