import { readGraph } from '../stack/graph/graph.ts';
import { type DrawnNode, drawnGraph } from '../stack/graph/graph-text.ts';
import { planProjectImages } from './images/images.ts';
import { type Project, withOneReplicaMore } from './project/project.ts';
import { renderChoice } from './render/choice.ts';
import { renderProject } from './render/rendered.ts';
import { imageIdsOf, planFor } from './up/plan.ts';
import type { World } from './world.ts';

/**
 * The services with what they wait for and what `up` would do to each. Without an engine the order alone, which needs none.
 * Writes nothing.
 */
export async function projectGraph(world: World, project: Project): Promise<DrawnNode[]> {
  const choice = await renderChoice(world, project);
  const images = await planProjectImages(world, project, choice);
  const choices = { ...choice, images: images.references };
  const stack = await renderProject(world, project, choices);
  const graph = readGraph(stack.compose.services);
  if (!choice.hasEngine) return drawnGraph(graph, []);
  const name = project.config.project;
  const containers = await world.engine.containers(name);
  const imageIds = imageIdsOf(world.engine, await world.engine.images(), stack);
  const { operations } = await planFor(world, {
    project: name,
    graph,
    stack,
    containers,
    imageIds,
    surgeStack: () => renderProject(world, withOneReplicaMore(project), choices),
  });
  return drawnGraph(graph, operations);
}
