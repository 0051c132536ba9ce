import { seedPlan } from '../../kong/seed.ts';
import type { Project } from '../project/project.ts';
import type { World } from '../world.ts';
import { DEFAULT_SEED, seedInput } from './seed.ts';

/** In how many entities Kong differs from the declared state; null where that cannot be told. */
export async function kongDrift(world: World, project: Project, timeoutMs: number): Promise<number | null> {
  try {
    const plan = await seedPlan({ ...(await seedInput(world, project, DEFAULT_SEED)), timeoutMs });
    return plan.changes.length;
  } catch {
    return null;
  }
}
