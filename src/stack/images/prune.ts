import type { Engine } from '../../core/ports/engine.ts';
import type { ImageRemoval } from '../../core/ports/image-removal.ts';
import { supersededImages } from './list.ts';
import type { ImagePlan } from './model.ts';

export interface PruneResult {
  readonly removed: readonly string[];
  /** Superseded, but a container still uses them. */
  readonly kept: readonly string[];
}

/** Removes the images of earlier builds that no container uses. */
export async function pruneOldImages(
  plan: ImagePlan,
  ports: { readonly engine: Pick<Engine, 'images'>; readonly removal: ImageRemoval },
): Promise<PruneResult> {
  const removed: string[] = [];
  const kept: string[] = [];
  // One after the other: a base can go only after what stands on it.
  for (const { reference } of await supersededImages(plan, ports.engine)) {
    const outcome = await ports.removal.removeImage(reference);
    (outcome === 'in use' ? kept : removed).push(reference);
  }
  return { removed, kept };
}
