import type { Graph } from '../../stack/graph/graph.ts';
import type { StackPlan } from '../../stack/plan/plan.ts';
import type { RenderedStack } from '../../stack/render/render-stack.ts';
import { checkAlerting, tellUnread } from '../alerts/check.ts';
import { provideImages } from '../images/images.ts';
import { refuseOtherThanLoaded } from '../images/lock/loaded.ts';
import { cacheFiles } from '../project/cache-files.ts';
import { apictlFolder } from '../project/project.ts';
import { writeTable } from '../render/expected-services.ts';
import { writeRendered } from '../render/rendered.ts';
import type { World } from '../world.ts';
import type { Decided } from './decide.ts';
import type { UpOptions } from './model.ts';

/**
 * Makes or fetches the images that are missing and writes the files that the services mount. Answers the plan as it is then.
 * @throws ApictlError IMAGES_MISSING, IMAGES_DIFFER, IMAGE_BUILD_FAILED (5), RULES_INVALID, RECEIVERS_INVALID (64), DISK_FULL (8)
 */
export async function makeImagesAndFiles(
  world: World,
  { project, drawn, planAgain, images, read }: Decided,
  options: Pick<UpOptions, 'build' | 'pull'>,
): Promise<StackPlan> {
  const { stack, graph } = drawn;
  const { built, pulled } = await provideImages(world, images, publishedReferences(stack, graph), {
    rebuild: options.build,
    refresh: options.pull,
  });
  await refuseOtherThanLoaded(world, project);
  // Where it was these images that were missing.
  const isUnread = read.some(({ state }) => state === 'missing');
  tellUnread(world, isUnread ? await checkAlerting(world, project, stack, { remember: true }) : read);
  const files = cacheFiles(world);
  await writeRendered(files, apictlFolder(project.root), stack);
  await writeTable(files, project.root, stack.services);
  // An image that was made or fetched just now has another id than the one that was planned with.
  const hasNewImages = built.length + pulled.length > 0;
  return hasNewImages ? planAgain(project, drawn, world.engine, 'changed') : drawn.plan;
}

const publishedReferences = (stack: RenderedStack, graph: Graph): string[] => [
  ...new Set(
    graph
      .map(({ name }) => stack.compose.services[name]?.image ?? '')
      .filter((image) => !image.startsWith('apictl/') && image !== ''),
  ),
];
