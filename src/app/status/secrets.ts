import { ApictlError } from '../../core/errors.ts';
import { secretsOf } from '../../secrets/model.ts';
import { lostFindings } from '../../secrets/plan.ts';
import { readSecretStates } from '../../secrets/read.ts';
import { readUnfinished, unfinishedFindings } from '../../secrets/rotation-journal.ts';
import type { Project } from '../project/project.ts';
import { volumeKeys } from '../project/volume-keys.ts';
import type { World } from '../world.ts';

/** A rotation that has not ended, and files without which the next `up` would stop, although what runs may go on without them. */
export async function secretWarnings(
  world: Pick<World, 'engine' | 'files'>,
  { root, config }: Project,
): Promise<string[]> {
  const specs = secretsOf(config);
  const names = specs.map(({ name }) => name);
  try {
    const [states, unfinished] = await Promise.all([
      readSecretStates(world.files, root, specs),
      readUnfinished(world.files, root, names),
    ]);
    const lost = states.some(({ state }) => state === 'missing')
      ? lostFindings(specs, states, volumeKeys(await world.engine.volumes(config.project), config.project))
      : [];
    return [...unfinishedFindings(unfinished), ...lost].map(
      ({ object, found, fix }) => `${object} ${found}. ${fix}`,
    );
  } catch (thrown) {
    if (!(thrown instanceof ApictlError) || thrown.code !== 'SECRETS_ELSEWHERE') throw thrown;
    return [`${thrown.message}. ${thrown.hint ?? ''}`.trim()];
  }
}
