import type { ContainerSummary } from '../../core/ports/engine.ts';
import type { Project } from '../project/project.ts';
import type { World } from '../world.ts';
import { refuseStale, serveCertificates } from './reload.ts';

/**
 * The last step of `up`: every door shows what lies in its file, also after a renewal that was killed before it told the
 * services. What does not read its files again is restarted, once.
 * @throws ApictlError CERTIFICATE_NOT_SERVED (3)
 */
export async function healDoors(
  world: World,
  project: Project,
  containers: readonly ContainerSummary[],
): Promise<void> {
  const { stale, pending } = await serveCertificates(world, project, containers);
  const old = [...stale, ...pending];
  if (old.length === 0) return;
  const restarted = new Map(old.map(({ containerId, service }) => [containerId, service]));
  for (const [id, service] of restarted) {
    world.emit({ type: 'warning', text: `${service} goes on with an old certificate and is restarted` });
    await world.engine.stop(id);
    await world.engine.start(id);
  }
  const restartedNow = await world.engine.containers(project.config.project);
  const after = await serveCertificates(world, project, restartedNow);
  refuseStale([...after.stale, ...after.pending]);
}
