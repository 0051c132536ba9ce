import { join } from 'node:path';
import { load } from 'js-yaml';
import type { Files } from '../../core/ports/files.ts';
import { type ComposeTree, listAt } from '../../stack/render/compose-tree.ts';
import type { ServiceRow } from '../../stack/render/render-stack.ts';
import { readCached } from '../project/cache-files.ts';
import { apictlFolder, composeFile, type Project } from '../project/project.ts';
import type { World } from '../world.ts';

export interface ExpectedServices {
  readonly services: readonly string[];
  readonly leftOut: { readonly name: string; readonly why: string }[];
  /** Whether the rendered files can be read; they are a cache, which the next `up` writes again. */
  readonly isKnown: boolean;
}

/** What should be there, from the file that the last `up` rendered; nothing is expected where it is missing or damaged. */
export async function expectedServices(
  world: Pick<World, 'files'>,
  project: Project,
): Promise<ExpectedServices> {
  const services = serviceNames(await readText(world.files, composeFile(project.root)));
  return {
    services: services ?? [],
    leftOut: leftOut(await readText(world.files, tableFile(project.root))),
    isKnown: services !== null,
  };
}

/** Service -> the secrets that it has, from the same file; null where that is missing or damaged. */
export async function expectedSecrets(
  world: Pick<World, 'files'>,
  project: Project,
): Promise<Readonly<Record<string, readonly string[]>> | null> {
  const services = renderedServices(await readText(world.files, composeFile(project.root)));
  if (services === null) return null;
  return Object.fromEntries(
    Object.entries(services).map(([name, service]) => [name, listAt(service, 'secrets').map(String)]),
  );
}

function serviceNames(text: string): string[] | null {
  const services = renderedServices(text);
  return services === null ? null : Object.keys(services);
}

function renderedServices(text: string): ComposeTree['services'] | null {
  try {
    return (load(text) as Partial<ComposeTree>).services ?? null;
  } catch {
    return null;
  }
}

const readText = async (files: Pick<Files, 'read' | 'stat'>, path: string): Promise<string> =>
  (await readCached(files, path))?.toString('utf8') ?? '';

/** The table that the last `up` printed; a cache, so nothing is known where somebody removed it. */
const tableFile = (root: string): string => join(apictlFolder(root), 'services.json');

/** Writes where it differs from what lies there. */
export async function writeTable(files: Files, root: string, rows: readonly ServiceRow[]): Promise<void> {
  const text = `${JSON.stringify(rows, null, 2)}\n`;
  if (text !== (await readText(files, tableFile(root)))) await files.write(tableFile(root), text);
}

function leftOut(text: string): ExpectedServices['leftOut'] {
  try {
    const rows = JSON.parse(text) as readonly ServiceRow[];
    return rows.filter(({ kind }) => kind === 'left out').map(({ service, why }) => ({ name: service, why }));
  } catch {
    return [];
  }
}
