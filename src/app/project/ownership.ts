import { dirname } from 'node:path';
import { ApictlError, EXIT } from '../../core/errors.ts';
import type { ContainerSummary } from '../../core/ports/engine.ts';
import type { World } from '../world.ts';
import { readCached } from './cache-files.ts';
import { composeFile, type Project } from './project.ts';

/** Compose's own label: the folder that a container was made from, which is `.apictl` in the project root. */
const FOLDER_LABEL = 'com.docker.compose.project.working_dir';

/**
 * The other folder that the containers of this project's name come from; null where there is none. A folder that is gone was
 * moved or removed: then the containers are those of whoever asks. Two folders share the default name easily, and either
 * would give the other's containers its own secrets.
 */
export async function otherRoot(
  world: Pick<World, 'files'>,
  root: string,
  containers: readonly ContainerSummary[],
): Promise<string | null> {
  const own = (await world.files.realPath(root)) ?? root;
  const folders = new Set(containers.flatMap(({ labels }) => labels[FOLDER_LABEL] ?? []));
  for (const folder of folders) {
    const path = dirname(folder);
    const real = await world.files.realPath(path);
    if (real !== null && real !== own) return path;
  }
  return null;
}

/** @throws ApictlError PROJECT_ELSEWHERE (64) before anything is touched. */
export async function refuseOtherRoot(
  world: Pick<World, 'files' | 'engine'>,
  { root, config }: Project,
): Promise<void> {
  const other = await otherRoot(world, root, await world.engine.containers(config.project));
  if (other === null) return;
  throw new ApictlError({
    code: 'PROJECT_ELSEWHERE',
    exitCode: EXIT.usage,
    message: `the project "${config.project}" was brought up from ${other}, not from ${root}`,
    object: `project ${config.project}`,
    hint: 'Run this command there, or give this folder a name of its own with --project or "project" in apictl.yaml.',
  });
}

/**
 * A folder holds the files of one stack at a time: rendered for another project, they would be pulled from under its containers.
 * @throws ApictlError FOLDER_IN_USE (64) before anything is touched.
 */
export async function refuseOtherProject(
  world: Pick<World, 'files' | 'engine'>,
  { root, config }: Project,
): Promise<void> {
  const rendered = (await readCached(world.files, composeFile(root)))?.toString('utf8') ?? '';
  const other = /^name: "?([a-z0-9][a-z0-9_-]*)"?$/m.exec(rendered)?.[1];
  if (other === undefined || other === config.project) return;
  const containers = await world.engine.containers(other);
  if (containers.length === 0 || (await otherRoot(world, root, containers)) !== null) return;
  throw new ApictlError({
    code: 'FOLDER_IN_USE',
    exitCode: EXIT.usage,
    message: `${root} holds the stack of project "${other}", whose containers are still there`,
    object: `project ${config.project}`,
    hint: `Give "${config.project}" a folder of its own, or run "apictl --project ${other} down" first.`,
  });
}
