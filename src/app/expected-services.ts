import { join } from 'node:path';
import { parse } from 'yaml';
import type { Files } from '../core/ports/files.ts';
import { readGraph } from '../stack/graph.ts';
import type { ComposeTree } from '../stack/render/compose-tree.ts';
import type { ServiceRow } from '../stack/render/render-stack.ts';
import { apictlFolder, composeFile, type Project } from './project.ts';
import type { World } from './world.ts';

export interface ExpectedServices {
  readonly services: readonly string[];
  readonly jobs: ReadonlySet<string>;
  /** Service -> the services that it depends on directly. */
  readonly dependencies: Readonly<Record<string, readonly string[]>>;
  readonly leftOut: { readonly name: string; readonly why: string }[];
}

/** What should be there, from the file that the last `up` rendered; nothing is expected where there is none. */
export async function expectedServices(
  world: Pick<World, 'files'>,
  project: Project,
): Promise<ExpectedServices> {
  const bytes = await world.files.read(composeFile(project.root));
  if (bytes === null) return { services: [], jobs: new Set(), dependencies: {}, leftOut: [] };
  const compose = parse(bytes.toString('utf8')) as ComposeTree;
  const graph = readGraph(compose.services);
  return {
    services: graph.map(({ name }) => name),
    jobs: new Set(graph.filter(({ isJob }) => isJob).map(({ name }) => name)),
    dependencies: Object.fromEntries(graph.map(({ name, dependsOn }) => [name, dependsOn])),
    leftOut: await leftOut(world.files, project.root),
  };
}

/** The table that the last `up` printed; a cache, so nothing is known where somebody removed it. */
const tableFile = (root: string): string => join(apictlFolder(root), 'services.json');

export const writeTable = (files: Files, root: string, rows: readonly ServiceRow[]): Promise<void> =>
  files.write(tableFile(root), `${JSON.stringify(rows, null, 2)}\n`);

async function leftOut(files: Files, root: string): Promise<ExpectedServices['leftOut']> {
  const bytes = await files.read(tableFile(root));
  if (bytes === null) return [];
  const rows = JSON.parse(bytes.toString('utf8')) as readonly ServiceRow[];
  return rows.filter(({ kind }) => kind === 'left out').map(({ service, why }) => ({ name: service, why }));
}
