import type { ContainerSummary, Engine, ImageFacts } from '../../core/ports/engine.ts';
import { type Graph, readGraph } from '../../stack/graph/graph.ts';
import {
  planStack,
  type StackPlan,
  toBeStarted,
  type WantedService,
  withNamelessAnew,
} from '../../stack/plan/plan.ts';
import { isBackend } from '../../stack/render/backends.ts';
import { mapAt } from '../../stack/render/compose-tree.ts';
import { DIGEST_LABEL } from '../../stack/render/labels.ts';
import type { RenderedStack } from '../../stack/render/render-stack.ts';
import type { World } from '../world.ts';

/** What a plan is made for. */
export interface PlanWork {
  readonly project: string;
  readonly graph: Graph;
  readonly stack: RenderedStack;
  readonly containers: readonly ContainerSummary[];
  readonly imageIds: Promise<ImageIds>;
  /** The same stack with one replica more; asked for where replicas are replaced. */
  readonly surgeStack: () => Promise<RenderedStack>;
}

/** The containers as they are, compared with what is rendered. */
export async function planFor(
  world: Pick<World, 'engine'>,
  work: PlanWork,
  engine: Pick<Engine, 'networks' | 'inspect'> = world.engine,
): Promise<StackPlan> {
  const { graph, stack, containers } = work;
  const [networks, imageIds] = await Promise.all([engine.networks(work.project), work.imageIds]);
  const live = {
    containers,
    networkIds: new Set(networks.map(({ id }) => id)),
    gatewayRuns: containers.some(({ service, state }) => service === 'kong' && state === 'running'),
  };
  const planned = async (part: Graph, of: RenderedStack): Promise<StackPlan> => {
    const plan = planStack({ ...live, graph: part, wanted: wantedServices(of, imageIds) });
    const aliases = await Promise.all(
      toBeStarted(plan).map(async (id) => [id, (await engine.inspect(id)).aliases] as const),
    );
    return withNamelessAnew(plan, new Map(aliases));
  };
  const plan = await planned(graph, stack);
  if (!plan.operations.some(({ drains }) => drains)) return plan;
  const larger = await work.surgeStack();
  const node = readGraph(larger.compose.services).find(
    ({ name }) => isBackend(name) && !(name in stack.compose.services),
  );
  if (node === undefined) throw new Error('a stack of one replica more has no replica more');
  const { operations } = await planned([node], larger);
  return { ...plan, surge: operations.map((operation) => ({ operation, node })).at(0) ?? null };
}

function wantedServices(stack: RenderedStack, imageIds: ImageIds): Readonly<Record<string, WantedService>> {
  const wanted = Object.entries(stack.compose.services).map(([service, definition]) => {
    const { image, labels } = definition;
    const facts = {
      digest: labels[DIGEST_LABEL] ?? '',
      imageId: imageIds.get(image) ?? null,
      needsNetwork: Object.keys(mapAt(definition, 'networks')).length > 0,
    };
    return [service, facts] as const;
  });
  return Object.fromEntries(wanted);
}

/** Reference -> id, of the images that are there. */
export type ImageIds = ReadonlyMap<string, string>;

/**
 * One listing has them all but those that are named by their digest.
 * @param images the engine's, which may have been asked for before there was a stack
 */
export async function imageIdsOf(
  engine: Pick<Engine, 'image'>,
  images: readonly ImageFacts[],
  stack: RenderedStack,
): Promise<ImageIds> {
  const references = new Set(Object.values(stack.compose.services).map(({ image }) => image));
  const listed = new Map(images.flatMap(({ id, tags }) => tags.map((tag) => [tag, id])));
  const found = await Promise.all(
    [...references].map(async (reference): Promise<[string, string][]> => {
      const id = listed.get(reference) ?? (await engine.image(reference))?.id;
      return id === undefined ? [] : [[reference, id]];
    }),
  );
  return new Map(found.flat());
}
