import { ApictlError, EXIT } from '../../core/errors.ts';
import type { Project } from '../project/project.ts';
import type { World } from '../world.ts';

/** A stack that runs on Swarm, as far as commands for Compose have to know of it. */
export interface Deployed {
  /** Whether every service has its replicas, and every job has ended well. */
  readonly isComplete: boolean;
  /** `backend 2 of 2`. */
  readonly services: readonly string[];
}

/** Null where nothing of this project is deployed, or this engine is no manager and so cannot know. */
export async function deployedStack(
  { swarm }: Pick<World, 'swarm'>,
  { config }: Pick<Project, 'config'>,
): Promise<Deployed | null> {
  if (!(await swarm.facts()).isManager) return null;
  const [services, tasks] = await Promise.all([swarm.services(config.project), swarm.tasks(config.project)]);
  if (services.length === 0) return null;
  const counted = services.map(({ id, name, replicas }) => {
    const own = tasks.filter(({ serviceId }) => serviceId === id);
    const done = own.some(({ state }) => state === 'complete');
    const running = own.filter(({ state, desired }) => state === 'running' && desired === 'running').length;
    return {
      isWell: done || running >= replicas,
      text: done ? `${name} done` : `${name} ${running} of ${replicas}`,
    };
  });
  return {
    isComplete: counted.every(({ isWell }) => isWell),
    services: counted.map(({ text }) => text).sort(),
  };
}

/** What is left for Swarm's own commands, in one sentence. */
export const deployedText = ({ services }: Deployed, project: string): string =>
  `it runs on Docker Swarm: ${services.join(', ')} ("docker stack ps ${project}" shows the tasks, "docker service logs ${project}_kong" a log)`;

/** @throws ApictlError STACK_ON_SWARM (64) where its volumes are Swarm's at the moment */
export async function refuseDeployed(world: Pick<World, 'swarm'>, project: Project): Promise<void> {
  if ((await deployedStack(world, project)) === null) return;
  const { project: name } = project.config;
  throw new ApictlError({
    code: 'STACK_ON_SWARM',
    exitCode: EXIT.usage,
    message: `the project ${name} runs on Docker Swarm, which uses its volumes; nothing was touched`,
    object: `project ${name}`,
    hint: 'Run "apictl deploy rm" first.',
  });
}
