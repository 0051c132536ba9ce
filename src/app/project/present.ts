import type { ContainerSummary, VolumeFacts } from '../../core/ports/engine.ts';
import type { World } from '../world.ts';
import type { Project } from './project.ts';

/** What the engine has of a project. */
export interface Present {
  readonly containers: readonly ContainerSummary[];
  readonly volumes: readonly VolumeFacts[];
}

/** One look at it. */
export async function presentOf(
  { engine }: Pick<World, 'engine'>,
  { config }: Pick<Project, 'config'>,
): Promise<Present> {
  const [containers, volumes] = await Promise.all([
    engine.containers(config.project),
    engine.volumes(config.project),
  ]);
  return { containers, volumes };
}
