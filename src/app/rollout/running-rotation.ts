import type { Rotation } from '../../stack/rollout/rotation.ts';
import type { Project } from '../project/project.ts';
import type { World } from '../world.ts';
import { gatewayRotation } from './rotation.ts';

const nothing = async (): Promise<void> => {};

/** Where no gateway runs, nobody sends requests, and there is nothing to be taken out of. */
const NO_GATEWAY: Rotation = {
  takeOut: nothing,
  putBack: nothing,
  rejoin: nothing,
  add: nothing,
  forget: nothing,
};

/** The rotation of the gateway that runs, asked for once: whoever comes first looks whether there is one. */
export function runningRotation(world: World, project: Project): () => Promise<Rotation> {
  let found: Promise<Rotation> | undefined;
  const find = async (): Promise<Rotation> => {
    const containers = await world.engine.containers(project.config.project);
    const isRunning = containers.some(({ service, state }) => service === 'kong' && state === 'running');
    return isRunning ? gatewayRotation(world, project) : NO_GATEWAY;
  };
  return () => {
    found ??= find();
    return found;
  };
}
