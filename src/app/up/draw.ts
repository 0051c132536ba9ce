import type { Engine } from '../../core/ports/engine.ts';
import { type Graph, readGraph, withDependencies } from '../../stack/graph.ts';
import type { StackPlan } from '../../stack/plan.ts';
import type { RenderedStack } from '../../stack/render/render-stack.ts';
import { type Project, withOneReplicaMore } from '../project.ts';
import { renderProject } from '../rendered.ts';
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
  /** Plans the same stack anew from what is there now. @param images whether they have changed as well */
  planAgain(
    project: Project,
    drawn: Drawn,
    engine: Pick<Engine, 'containers' | 'networks' | 'inspect'>,
    images: 'same' | 'changed',
  ): Promise<StackPlan>;
}

/** Renders the stack of these choices and compares it with the engine. */
export function drawing(
  world: World,
  choice: Choice,
  /** Recipe -> reference of the image that was built from it. */
  references: Readonly<Record<string, string>>,
  servicesOf: UpVariant['services'],
): Drawing {
  let imageIds: Promise<ImageIds> | undefined;
  return {
    draw: async (project, composeVersion) => {
      const choices = {
        flavour: choice.flavour,
        profiles: choice.profiles,
        engineApiVersion: choice.facts.apiVersion,
        composeVersion,
        images: references,
      };
      const stack = await renderProject(world, project, choices);
      const surgeStack = () => renderProject(world, withOneReplicaMore(project), choices);
      const services = await servicesOf(stack, surgeStack);
      const whole = readGraph(stack.compose.services);
      const graph = services.length === 0 ? whole : withDependencies(whole, services);
      imageIds ??= imageIdsOf(world.engine, stack);
      const { containers } = choice;
      const name = project.config.project;
      const work = { project: name, graph, stack, containers, imageIds, surgeStack };
      return { stack, graph, surgeStack, plan: await planFor(world, work) };
    },
    planAgain: async (project, { stack, graph, surgeStack }, engine, images) => {
      if (images === 'changed' || imageIds === undefined) imageIds = imageIdsOf(world.engine, stack);
      const name = project.config.project;
      const containers = await engine.containers(name);
      return planFor(world, { project: name, graph, stack, containers, imageIds, surgeStack }, engine);
    },
  };
}
