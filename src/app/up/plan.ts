import type { ContainerSummary, Engine } from '../../core/ports/engine.ts';
import type { Graph } from '../../stack/graph.ts';
import { planStack, type StackPlan } from '../../stack/plan.ts';
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
  },
  engine: Pick<Engine, 'networks'> = world.engine,
): Promise<StackPlan> {
  const { graph, stack, containers } = work;
  const [networks, imageIds] = await Promise.all([
    engine.networks(work.project),
    imageIdsOf(world.engine, stack),
  ]);
  const wanted = Object.entries(stack.compose.services).map(([service, definition]) => {
    const { image, labels } = definition;
    const facts = {
      digest: labels[DIGEST_LABEL] ?? '',
      imageId: imageIds.get(image) ?? null,
      needsNetwork: Object.keys(mapAt(definition, 'networks')).length > 0,
    };
    return [service, facts] as const;
  });
  return planStack({
    graph,
    wanted: Object.fromEntries(wanted),
    containers,
    networkIds: new Set(networks.map(({ id }) => id)),
  });
}

/** Reference -> id. One listing has them all but those that are named by their digest. */
async function imageIdsOf(
  engine: Pick<Engine, 'images' | 'image'>,
  stack: RenderedStack,
): Promise<ReadonlyMap<string, string>> {
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
