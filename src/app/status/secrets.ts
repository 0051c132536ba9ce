import { ApictlError } from '../../core/errors.ts';
import { secretsOf } from '../../secrets/model.ts';
import { lostFindings } from '../../secrets/plan.ts';
import { readSecretStates } from '../../secrets/read.ts';
import type { Project } from '../project/project.ts';
import { volumeKeys } from '../project/volume-keys.ts';
import type { World } from '../world.ts';

/** Files without which the next `up` would stop, although what runs may go on without them. */
export async function secretWarnings(
  world: Pick<World, 'engine' | 'files'>,
  { root, config }: Project,
): Promise<string[]> {
  const specs = secretsOf(config);
  try {
    const states = await readSecretStates(world.files, root, specs);
    if (states.every(({ state }) => state !== 'missing')) return [];
    const volumes = volumeKeys(await world.engine.volumes(config.project), config.project);
    return lostFindings(specs, states, volumes).map(({ object, found, fix }) => `${object} ${found}. ${fix}`);
  } catch (thrown) {
    if (!(thrown instanceof ApictlError) || thrown.code !== 'SECRETS_ELSEWHERE') throw thrown;
    return [`${thrown.message}. ${thrown.hint ?? ''}`.trim()];
  }
}
