import { ApictlError, EXIT } from '../../core/errors.ts';
import type { BuildContexts, ContextFile } from '../../core/ports/build-contexts.ts';
import type { Files } from '../../core/ports/files.ts';
import type { ContextSource, Recipe } from './model.ts';
import type { RecipeContext } from './plan.ts';

/** The Dockerfile's name in a context that does not bring one of its own. */
const DOCKERFILE = 'Dockerfile';

export interface ContextPorts {
  readonly files: Pick<Files, 'read' | 'stat'>;
  readonly buildContexts: BuildContexts;
}

/**
 * Reads what the images are built from.
 * @throws ApictlError BUILD_CONTEXT_MISSING (5; 64 for the user's own), BUILD_CONTEXT_TOO_LARGE (64)
 */
export async function readContexts(
  recipes: readonly Recipe[],
  packageRoot: string,
  ports: ContextPorts,
): Promise<Readonly<Record<string, RecipeContext>>> {
  const entries = await Promise.all(
    recipes.map(async (recipe) => [recipe.name, await readContext(recipe, packageRoot, ports)] as const),
  );
  return Object.fromEntries(entries);
}

async function readContext(recipe: Recipe, packageRoot: string, ports: ContextPorts): Promise<RecipeContext> {
  const parts = await Promise.all(
    recipe.context.map((source) => readSource(recipe, source, packageRoot, ports)),
  );
  const files = parts.flat().map((file) => (recipe.keepsModes ? file : withPortableMode(file)));
  if (recipe.dockerfile === null) return { dockerfile: null, files };
  const inContext = dockerfileInContext(recipe);
  if (inContext !== null) {
    if (!files.some(({ path }) => path === inContext)) throw missing(recipe, recipe.dockerfile);
    return { dockerfile: inContext, files };
  }
  const bytes = await ports.files.read(absolute(packageRoot, recipe.dockerfile));
  if (bytes === null) throw missing(recipe, absolute(packageRoot, recipe.dockerfile));
  const own: ContextFile = { path: DOCKERFILE, mode: 0o644, content: { bytes } };
  return { dockerfile: DOCKERFILE, files: [...files.filter(({ path }) => path !== DOCKERFILE), own] };
}

/** A Dockerfile that lies in the folder that is the context is taken from there, with its path. */
function dockerfileInContext(recipe: Recipe): string | null {
  const root = recipe.context.find(({ to }) => to === '.')?.from;
  const { dockerfile } = recipe;
  if (root === undefined || dockerfile === null || !dockerfile.startsWith(`${root}/`)) return null;
  return dockerfile.slice(root.length + 1);
}

async function readSource(
  recipe: Recipe,
  source: ContextSource,
  packageRoot: string,
  ports: ContextPorts,
): Promise<ContextFile[]> {
  const from = absolute(packageRoot, source.from);
  const facts = await ports.files.stat(from);
  if (facts?.kind === 'file') {
    const bytes = await ports.files.read(from);
    if (bytes === null) throw missing(recipe, from, source.madeBy);
    return [{ path: source.to, mode: facts.mode, content: { bytes } }];
  }
  const dockerfile = source.to === '.' ? dockerfileInContext(recipe) : null;
  const files = await ports.buildContexts.read(from, {
    ignore: source.ignore ?? [],
    keep: dockerfile === null ? [] : [dockerfile],
  });
  if (files === null || files.length === 0) throw missing(recipe, from, source.madeBy);
  return source.to === '.' ? files : files.map((file) => ({ ...file, path: `${source.to}/${file.path}` }));
}

const withPortableMode = (file: ContextFile): ContextFile => ({
  ...file,
  mode: 'linkTo' in file.content ? 0o777 : (file.mode & 0o100) !== 0 ? 0o755 : 0o644,
});

const absolute = (packageRoot: string, path: string): string =>
  path.startsWith('/') ? path : `${packageRoot}/${path}`;

/** The only recipe whose modes are kept is the user's own backend. */
function missing(recipe: Recipe, path: string, madeBy?: string): ApictlError {
  return new ApictlError({
    code: 'BUILD_CONTEXT_MISSING',
    exitCode: recipe.keepsModes ? EXIT.usage : EXIT.engine,
    message: `the image ${recipe.name} cannot be built: ${path} is missing or empty`,
    object: recipe.keepsModes ? 'backends.build' : `image ${recipe.name}`,
    hint: recipe.keepsModes
      ? 'Correct backends.build in apictl.yaml: the context is relative to it, the Dockerfile to the context.'
      : madeBy === undefined
        ? 'This installation of apictl is incomplete: install it again.'
        : `Run "${madeBy}" first.`,
  });
}
