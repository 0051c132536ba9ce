import { dirname, join, relative } from 'node:path';
import type { World } from '../world.ts';
import { apictlFolder, DEFAULT_FILE, type Project } from './project.ts';

type Looking = Pick<World, 'files' | 'workingFolder'>;

/**
 * The configuration file of the nearest folder above one that has none and has not been used for a stack either: whoever stands there
 * may believe to be inside of that project. Null where there is none; the folder is a project of its own all the same.
 */
export async function configurationAbove(
  { files }: Looking,
  { root, file }: Project,
): Promise<string | null> {
  if (file === undefined || (await files.stat(file)) !== null) return null;
  if ((await files.stat(apictlFolder(root))) !== null) return null;
  for (let folder = dirname(root); ; folder = dirname(folder)) {
    const path = join(folder, DEFAULT_FILE);
    if ((await files.stat(path))?.kind === 'file') return path;
    if (folder === dirname(folder)) return null;
  }
}

/** What is said of it, with what to type. */
export const aboveWarning = (
  { workingFolder }: Pick<World, 'workingFolder'>,
  root: string,
  above: string,
): string =>
  `there is no ${DEFAULT_FILE} in ${root}, so this is about a project of its own; for the one of ${dirname(above)} go there, or give --config ${relative(workingFolder, above)}`;
