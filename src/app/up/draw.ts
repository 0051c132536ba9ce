import type { Engine, ImageFacts } from '../../core/ports/engine.ts';
import { type Graph, readGraph, withDependencies } from '../../stack/graph/graph.ts';
import type { ImagePlan } from '../../stack/images/model.ts';
import type { StackPlan } from '../../stack/plan/plan.ts';
import type { RenderedStack } from '../../stack/render/render-stack.ts';
import { type Project, withOneReplicaMore } from '../project/project.ts';
import { renderProject } from '../render/rendered.ts';
import type { World } from '../world.ts';
import type { UpVariant } from './model.ts';
import { type ImageIds, imageIdsOf, planFor } from './plan.ts';
import type { Choice } from './prepare.ts';

/** What is wanted, and what has to be done for it. */
export interface Drawn {
  readonly stack: RenderedStack;
  readonly graph: Graph;
  readonly plan: StackPlan;
  /** The same stack with one replica more. */
  readonly surgeStack: () => Promise<RenderedStack>;
}

export interface Drawing {
  /** Renders and plans; what has been read of the engine is not read again. Writes nothing. */
  draw(project: Project, composeVersion: string | undefined): Promise<Drawn>;
  /** Plans the same stack anew from what is there now. @param imagesAre whether they have changed as well */
  planAgain(
    project: Project,
    drawn: Drawn,
    engine: Pick<Engine, 'containers' | 'networks' | 'inspect'>,
    imagesAre: 'same' | 'changed',
  ): Promise<StackPlan>;
}

/** Renders the stack of these choices and compares it with the engine. */
export function drawing(
  world: World,
  choice: Choice,
  built: Promise<Pick<ImagePlan, 'references'>>,
  servicesOf: UpVariant['services'],
): Drawing {
  // Asked for at once: the engine looks its images up while the stack is rendered here.
  const images = world.engine.images();
  // It may fail while nobody waits for it yet.
  images.catch(() => {});
  const idsIn = async (listed: Promise<readonly ImageFacts[]>, stack: RenderedStack) =>
    imageIdsOf(world.engine, await listed, stack);
  let imageIds: Promise<ImageIds> | undefined;
  return {
    draw: async (project, composeVersion) => {
      const choices = {
        flavour: choice.flavour,
        profiles: choice.profiles,
        engineApiVersion: choice.facts.apiVersion,
        composeVersion,
        images: (await built).references,
      };
      const stack = await renderProject(world, project, choices);
      const surgeStack = () => renderProject(world, withOneReplicaMore(project), choices);
      const services = await servicesOf(stack, surgeStack);
      const whole = readGraph(stack.compose.services);
      const graph = services.length === 0 ? whole : withDependencies(whole, services);
      imageIds ??= idsIn(images, stack);
      const { containers } = choice;
      const name = project.config.project;
      const work = { project: name, graph, stack, containers, imageIds, surgeStack };
      return { stack, graph, surgeStack, plan: await planFor(world, work) };
    },
    planAgain: async (project, { stack, graph, surgeStack }, engine, imagesAre) => {
      if (imagesAre === 'changed' || imageIds === undefined) imageIds = idsIn(world.engine.images(), stack);
      const name = project.config.project;
      const containers = await engine.containers(name);
      return planFor(world, { project: name, graph, stack, containers, imageIds, surgeStack }, engine);
    },
  };
}
