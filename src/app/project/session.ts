import { join } from 'node:path';
import type { HeldLock } from '../../core/ports/lock.ts';
import type { World } from '../world.ts';
import { refuseOtherProject, refuseOtherRoot } from './ownership.ts';
import { apictlFolder, type Project } from './project.ts';

/**
 * Does the work while holding the project's lock.
 * @throws ApictlError PROJECT_ELSEWHERE, FOLDER_IN_USE (64), LOCKED (11)
 */
export async function withLock<T>(
  world: Pick<World, 'lock' | 'signal' | 'files' | 'engine'>,
  project: Project,
  request: { readonly command: string; readonly waitSeconds: number },
  work: (lock: HeldLock) => Promise<T>,
): Promise<T> {
  await refuseOtherRoot(world, project);
  await refuseOtherProject(world, project);
  return holdingLock(world, project, request, work);
}

/** The same for what changes no container: the engine is not asked. @throws ApictlError LOCKED (11) */
export async function holdingLock<T>(
  world: Pick<World, 'lock' | 'signal'>,
  { root }: Project,
  request: { readonly command: string; readonly waitSeconds: number },
  work: (lock: HeldLock) => Promise<T>,
): Promise<T> {
  const lock = await world.lock.take({
    path: join(apictlFolder(root), 'lock'),
    command: request.command,
    waitMs: request.waitSeconds * 1000,
    signal: world.signal,
  });
  try {
    return await work(lock);
  } finally {
    lock.release();
  }
}
