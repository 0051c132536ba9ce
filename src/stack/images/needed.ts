import type { Flavour } from '../../config/choices.ts';
import type { Fragment } from '../fragments/fragments.ts';
import type { Recipe } from './model.ts';

/** How a fragment names an image that is built here: `{{ images.postgres }}`, and the backend's by its settings. */
const IMAGE = /\{\{\s*(?:images\.([\w-]+)|(backend)s\.image)\s*\}\}/g;

/** The recipes of the images that these fragments name, with those that they stand on, in their order. Pure. */
export function neededRecipes(
  recipes: readonly Recipe[],
  fragments: readonly Fragment[],
  flavour: Flavour,
): readonly Recipe[] {
  const needed = new Set(fragments.flatMap((fragment) => namedImages(fragment, flavour)));
  const visit = (name: string): void => {
    needed.add(name);
    const base = recipes.find((recipe) => recipe.name === name)?.base;
    if (base?.kind === 'image') visit(base.name);
  };
  for (const name of [...needed]) visit(name);
  return recipes.filter(({ name }) => needed.has(name));
}

function namedImages(fragment: Fragment, flavour: Flavour): string[] {
  const part = fragment[flavour];
  const text = JSON.stringify([fragment.service, part.kind === 'left out' ? null : part.service]);
  return [...text.matchAll(IMAGE)].flatMap((match) => match[1] ?? match[2] ?? []);
}
