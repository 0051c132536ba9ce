import type { Engine } from '../../../core/ports/engine.ts';
import type { Files } from '../../../core/ports/files.ts';
import { unpinned } from '../../../stack/images/pins.ts';
import { apictlFolder, type Project } from '../../project/project.ts';
import { readLoaded, readLock } from './files.ts';
import { placeOf } from './place.ts';

/** How a published image stands to images.lock; `differs`: the engine has another one under its tag, and not the locked one. */
export const LOCK_STATES = ['locked', 'unlocked', 'differs'] as const;
export type LockState = (typeof LOCK_STATES)[number];

/** Rendered reference -> its state; empty where the project has no lock. */
export async function lockStates(
  world: { readonly files: Pick<Files, 'read' | 'stat'>; readonly engine: Pick<Engine, 'image'> },
  project: Project,
  published: readonly string[],
): Promise<ReadonlyMap<string, LockState>> {
  const lock = await readLock(world.files, project.root);
  if (lock === null) return new Map();
  const loaded = await readLoaded(world.files, apictlFolder(project.root), lock);
  const keys = new Map(Object.keys(lock).map((reference) => [placeOf(project, reference), reference]));
  const stateOf = async (reference: string): Promise<LockState> => {
    const key = keys.get(unpinned(reference));
    if (key === undefined) return 'unlocked';
    const there = await world.engine.image(reference);
    const wanted = loaded[key]?.id;
    if (wanted !== undefined) return there === null || there.id === wanted ? 'locked' : 'differs';
    if (there !== null) return 'locked';
    return (await world.engine.image(unpinned(reference))) === null ? 'locked' : 'differs';
  };
  const states = await Promise.all(
    published.map(async (reference) => [reference, await stateOf(reference)] as const),
  );
  return new Map(states);
}
