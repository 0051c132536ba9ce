import type { ContainerSummary, Engine } from '../../core/ports/engine.ts';
import type { Graph } from '../../stack/graph.ts';
import { planStack, type StackPlan, toBeStarted, withNamelessAnew } from '../../stack/plan.ts';
import { mapAt } from '../../stack/render/compose-tree.ts';
import { DIGEST_LABEL } from '../../stack/render/labels.ts';
import type { RenderedStack } from '../../stack/render/render-stack.ts';
import type { World } from '../world.ts';

/** The containers as they are, compared with what is rendered. */
export async function planFor(
  world: Pick<World, 'engine'>,
  work: {
    readonly project: string;
    readonly graph: Graph;
    readonly stack: RenderedStack;
    readonly containers: readonly ContainerSummary[];
    readonly imageIds: Promise<ImageIds>;
  },
  engine: Pick<Engine, 'networks' | 'inspect'> = world.engine,
): Promise<StackPlan> {
  const { graph, stack, containers } = work;
  const [networks, imageIds] = await Promise.all([engine.networks(work.project), work.imageIds]);
  const wanted = Object.entries(stack.compose.services).map(([service, definition]) => {
    const { image, labels } = definition;
    const facts = {
      digest: labels[DIGEST_LABEL] ?? '',
      imageId: imageIds.get(image) ?? null,
      needsNetwork: Object.keys(mapAt(definition, 'networks')).length > 0,
    };
    return [service, facts] as const;
  });
  const plan = planStack({
    graph,
    wanted: Object.fromEntries(wanted),
    containers,
    networkIds: new Set(networks.map(({ id }) => id)),
  });
  const aliases = await Promise.all(
    toBeStarted(plan).map(async (id) => [id, (await engine.inspect(id)).aliases] as const),
  );
  return withNamelessAnew(plan, new Map(aliases));
}

/** Reference -> id, of the images that are there. */
export type ImageIds = ReadonlyMap<string, string>;

/** One listing has them all but those that are named by their digest. */
export async function imageIdsOf(
  engine: Pick<Engine, 'images' | 'image'>,
  stack: RenderedStack,
): Promise<ImageIds> {
  const references = new Set(Object.values(stack.compose.services).map(({ image }) => image));
  const listed = new Map((await engine.images()).flatMap(({ id, tags }) => tags.map((tag) => [tag, id])));
  const found = await Promise.all(
    [...references].map(async (reference): Promise<[string, string][]> => {
      const id = listed.get(reference) ?? (await engine.image(reference))?.id;
      return id === undefined ? [] : [[reference, id]];
    }),
  );
  return new Map(found.flat());
}
