import { parse } from 'yaml';
import { readGraph } from '../stack/graph.ts';
import type { ComposeTree } from '../stack/render/compose-tree.ts';
import { composeFile, type Project } from './project.ts';
import type { World } from './world.ts';

export interface ExpectedServices {
  readonly services: readonly string[];
  readonly jobs: ReadonlySet<string>;
  readonly leftOut: { readonly name: string; readonly why: string }[];
}

/** What should be there, from the file that the last `up` rendered; nothing is expected where there is none. */
export async function expectedServices(
  world: Pick<World, 'files'>,
  project: Project,
): Promise<ExpectedServices> {
  const bytes = await world.files.read(composeFile(project.root));
  if (bytes === null) return { services: [], jobs: new Set(), leftOut: [] };
  const compose = parse(bytes.toString('utf8')) as ComposeTree & { 'x-left-out'?: Record<string, string> };
  const graph = readGraph(compose.services);
  return {
    services: graph.map(({ name }) => name),
    jobs: new Set(graph.filter(({ isJob }) => isJob).map(({ name }) => name)),
    leftOut: Object.entries(compose['x-left-out'] ?? {}).map(([name, why]) => ({ name, why })),
  };
}
