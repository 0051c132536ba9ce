import type { ContainerSummary } from '../../core/ports/engine.ts';
import { secretsOf } from '../../secrets/model.ts';
import { readUnfinished } from '../../secrets/rotation-journal.ts';
import type { RotationFacts } from '../../secrets/rotation-plan.ts';
import type { Project } from '../project/project.ts';
import { volumeKeys } from '../project/volume-keys.ts';
import type { World } from '../world.ts';
import { containerSecrets } from './mounts.ts';

/** What runs, what reads which secret, and what an earlier run has left. */
export async function rotationFacts(
  world: Pick<World, 'engine' | 'files'>,
  { root, config }: Project,
  containers: readonly ContainerSummary[],
): Promise<RotationFacts> {
  const mounted = await containerSecrets(world.engine, containers);
  const specs = secretsOf(config);
  const readers = specs.map(({ name }) => {
    const reading = mounted.filter(({ secrets }) => secrets.includes(name));
    return [
      name,
      reading.map(({ container, live }) => ({ service: container.service, live: live.has(name) })),
    ] as const;
  });
  const running = containers.filter(({ state }) => state === 'running');
  return {
    // Of a stack that is stopped nothing is started: the next "apictl up" makes anew what reads another value.
    present: new Set(running.length === 0 ? [] : containers.map(({ service }) => service)),
    running: new Set(running.map(({ service }) => service)),
    containers: new Set(containers.map(({ service }) => service)),
    volumes: volumeKeys(await world.engine.volumes(config.project), config.project),
    readers: Object.fromEntries(readers),
    unfinished: await readUnfinished(
      world.files,
      root,
      specs.map(({ name }) => name),
    ),
  };
}
