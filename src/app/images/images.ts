import type { Flavour, Profile } from '../../config/choices.ts';
import { step } from '../../core/events.ts';
import type { ContainerSummary, EngineFacts } from '../../core/ports/engine.ts';
import { decideFlavour, type FlavourChoice } from '../../stack/flavours/decide.ts';
import { probePublished } from '../../stack/flavours/probe.ts';
import { type StickyFlavour, stickyFlavour } from '../../stack/flavours/sticky.ts';
import { readFragments } from '../../stack/fragments/fragments.ts';
import { readContexts } from '../../stack/images/contexts.ts';
import { ensureImages } from '../../stack/images/ensure.ts';
import { missingImages, presentReferences } from '../../stack/images/missing.ts';
import type { ImagePlan, PlannedImage } from '../../stack/images/model.ts';
import { neededRecipes } from '../../stack/images/needed.ts';
import { pinned } from '../../stack/images/pins.ts';
import { planImages } from '../../stack/images/plan.ts';
import { pullImages } from '../../stack/images/pull.ts';
import { recipesFor } from '../../stack/images/recipes.ts';
import { FLAVOUR_LABEL } from '../../stack/render/labels.ts';
import { renderStack, type Target } from '../../stack/render/render-stack.ts';
import { selectFragments } from '../../stack/render/selection.ts';
import type { Present } from '../project/present.ts';
import type { Project } from '../project/project.ts';
import type { World } from '../world.ts';

/** The flavour that a project was brought up with. */
const currentFlavour = ({ containers, volumes }: Present): StickyFlavour =>
  stickyFlavour({
    labels: containers.map(({ labels }) => labels[FLAVOUR_LABEL]),
    volumes: volumes.map(({ name }) => name),
  });

/** The flavour that a project has without a look at any registry: named or sticky; null where it is not decided yet. */
export async function decidedFlavour(
  { engine }: Pick<World, 'engine'>,
  { config }: Project,
  containers: readonly ContainerSummary[],
): Promise<Flavour | null> {
  if (config.images !== 'auto') return config.images;
  const current = currentFlavour({ containers, volumes: await engine.volumes(config.project) });
  return current === 'both' ? null : current;
}

/** The flavour of a project: named, sticky, or found out. */
export async function chooseFlavour(
  world: World,
  project: Project,
  given: Present & { readonly facts: EngineFacts; readonly profiles: readonly Profile[] },
): Promise<FlavourChoice> {
  return decideFlavour({
    wanted: project.config.images,
    current: currentFlavour(given),
    osType: given.facts.osType,
    platform: world.platform,
    published: async () =>
      step(world.emit, 'look for published images', world.clock.now, async () =>
        probePublished(world.engine, await publishedImages(world, project, given), world.signal),
      ),
  });
}

/** The images of registries that the official flavour runs with, from what it would render. */
export async function publishedImages(
  world: Pick<World, 'files' | 'packageRoot'>,
  project: Project,
  given: { readonly facts: EngineFacts; readonly profiles: readonly Profile[] },
): Promise<string[]> {
  const built = { backend: 'apictl/backend:none', logging: 'apictl/logging:none' };
  const { compose } = renderStack({
    config: project.config,
    fragments: await readFragments(world.files, world.packageRoot),
    flavour: 'official',
    profiles: given.profiles,
    engineApiVersion: given.facts.apiVersion,
    images: built,
    pins: project.pins,
  });
  const references = Object.values(compose.services).map(({ image }) => image);
  return [...new Set(references)].filter((reference) => !reference.startsWith('apictl/')).sort();
}

/** The images of registries that a flavour runs with: of the embedded one that of the user's own backend, where there is one. */
export async function registryImages(
  world: Pick<World, 'files' | 'packageRoot'>,
  project: Project,
  given: { readonly flavour: Flavour; readonly facts: EngineFacts; readonly profiles: readonly Profile[] },
): Promise<string[]> {
  if (given.flavour === 'official') return publishedImages(world, project, given);
  const { image } = project.config.backends;
  return image === undefined ? [] : [pinned(image, undefined, project.pins ?? {})];
}

/** The images of these profiles that are built on this machine, each named by its content. */
export async function planProjectImages(
  world: World,
  project: Project,
  {
    flavour,
    profiles,
    target,
  }: { readonly flavour: Flavour; readonly profiles: readonly Profile[]; readonly target?: Target },
): Promise<ImagePlan> {
  const fragments = await readFragments(world.files, world.packageRoot);
  const recipes = neededRecipes(
    recipesFor({ flavour, config: project.config, projectRoot: project.root, pins: project.pins }),
    selectFragments({ fragments, flavour, profiles, target }),
    flavour,
  );
  const contexts = await readContexts(recipes, world.packageRoot, world);
  return planImages({ flavour, recipes, contexts });
}

/**
 * Fetches the published images that are missing and those that builds stand on, and builds the rest. The registries come first:
 * all that cannot be had is named at once, not after minutes of building. Answers what is new.
 * @throws ApictlError IMAGES_MISSING, IMAGE_BUILD_FAILED (5), DISK_FULL (8)
 */
export async function provideImages(
  world: World,
  plan: ImagePlan,
  published: readonly string[],
  { rebuild, refresh }: { readonly rebuild: boolean; readonly refresh: boolean },
): Promise<{ readonly built: readonly string[]; readonly pulled: readonly string[] }> {
  const present = await presentReferences(plan, world.engine, rebuild);
  const bases = publishedBases(missingImages(plan, present));
  const pulled = await pullImages(world, [...new Set([...published, ...bases])], refresh);
  const { built } = await ensureImages(plan, world, world.emit, world.signal, { rebuild, present });
  return { built, pulled };
}

/** What the images of this flavour come from: the published ones that run, and those that the built ones stand on. Pure. */
export function registryReferences(plan: ImagePlan, published: readonly string[]): string[] {
  return [...new Set([...published, ...publishedBases(plan.images)])].sort();
}

const publishedBases = (images: readonly PlannedImage[]): string[] =>
  images.flatMap(({ base }) => (base.kind === 'published' ? [base.reference] : []));

export interface PullResult {
  readonly flavour: Flavour;
  readonly pulled: readonly string[];
  /** Was there already, and no registry was asked for it, or it did not answer. */
  readonly present: readonly string[];
}

/**
 * Fetches what this flavour takes from registries and the engine lacks, with `refresh` also what it has.
 * @throws ApictlError IMAGES_MISSING (5)
 */
export async function pullProjectImages(
  world: Pick<World, 'engine' | 'clock' | 'emit' | 'signal'>,
  plan: ImagePlan,
  published: readonly string[],
  options: { readonly refresh: boolean },
): Promise<PullResult> {
  const references = registryReferences(plan, published);
  const pulled = await pullImages(world, references, options.refresh);
  return {
    flavour: plan.flavour,
    pulled,
    present: references.filter((reference) => !pulled.includes(reference)),
  };
}
