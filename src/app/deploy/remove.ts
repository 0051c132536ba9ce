import type { Project } from '../project/project.ts';
import { withLock } from '../project/session.ts';
import type { World } from '../world.ts';
import type { RemoveResult } from './model.ts';
import { requireManager } from './preflight.ts';
import { stackCommand } from './stack-command.ts';

const LOOK_EVERY_MS = 500;

/**
 * Takes the stack away from Swarm: services, networks, secrets and configs. Volumes stay where they are. Ends when no task is left.
 * @throws ApictlError SWARM_* (5), STACK_REFUSED (5)
 */
export async function removeDeployed(
  world: World,
  project: Project,
  options: { readonly waitLockSeconds: number },
): Promise<RemoveResult> {
  await requireManager(world);
  const stack = project.config.project;
  const lock = { command: 'deploy rm', waitSeconds: options.waitLockSeconds };
  return withLock(world, project, lock, async () => {
    const services = await world.swarm.services(stack);
    if (services.length > 0)
      await stackCommand(world, 'remove the stack', ['rm', stack], () => untilGone(world, stack));
    const volumes = await world.engine.volumes(stack);
    return {
      removed: services.map(({ name }) => name).sort(),
      volumes: volumes.map(({ name }) => name).sort(),
    };
  });
}

/** A container is removed after its task, and keeps its volumes until then. */
async function untilGone(world: Pick<World, 'swarm' | 'clock' | 'signal'>, stack: string): Promise<void> {
  while ((await world.swarm.tasks(stack)).length + (await world.swarm.containers(stack)) > 0) {
    await world.clock.sleep(LOOK_EVERY_MS, world.signal);
    world.signal.throwIfAborted();
  }
}
