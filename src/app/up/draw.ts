import type { Engine } from '../../core/ports/engine.ts';
import { type Graph, readGraph, withDependencies } from '../../stack/graph.ts';
import type { StackPlan } from '../../stack/plan.ts';
import type { RenderedStack } from '../../stack/render/render-stack.ts';
import type { Project } from '../project.ts';
import { renderProject } from '../rendered.ts';
import type { World } from '../world.ts';
import { type ImageIds, imageIdsOf, planFor } from './plan.ts';
import type { Choice } from './prepare.ts';

/** What is wanted, and what has to be done for it. */
export interface Drawn {
  readonly stack: RenderedStack;
  readonly graph: Graph;
  readonly plan: StackPlan;
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
  services: readonly string[],
): Drawing {
  let imageIds: Promise<ImageIds> | undefined;
  return {
    draw: async (project, composeVersion) => {
      const stack = await renderProject(world, project, {
        flavour: choice.flavour,
        profiles: choice.profiles,
        engineApiVersion: choice.facts.apiVersion,
        composeVersion,
        images: references,
      });
      const whole = readGraph(stack.compose.services);
      const graph = services.length === 0 ? whole : withDependencies(whole, services);
      imageIds ??= imageIdsOf(world.engine, stack);
      const { containers } = choice;
      const name = project.config.project;
      return {
        stack,
        graph,
        plan: await planFor(world, { project: name, graph, stack, containers, imageIds }),
      };
    },
    planAgain: async (project, { stack, graph }, engine, images) => {
      if (images === 'changed' || imageIds === undefined) imageIds = imageIdsOf(world.engine, stack);
      const name = project.config.project;
      const containers = await engine.containers(name);
      return planFor(world, { project: name, graph, stack, containers, imageIds }, engine);
    },
  };
}
