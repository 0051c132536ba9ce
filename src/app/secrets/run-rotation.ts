import { secretsOf } from '../../secrets/model.ts';
import { applyRotation, type Rotated } from '../../secrets/rotation-apply.ts';
import type { RotationPlan } from '../../secrets/rotation-plan.ts';
import type { Project } from '../project/project.ts';
import type { World } from '../world.ts';
import { doorFor } from './doors.ts';
import { rotationFacts } from './rotation-facts.ts';

/**
 * Brings these services and what they depend on up, as "apictl up" does; answers those that were made anew or started.
 * `created`: only makes the containers that are missing.
 */
export type BringServices = (services: readonly string[], until?: 'created') => Promise<readonly string[]>;

/** Rotates what an earlier run has begun, then these. The project's lock is held. */
export async function runRotation(
  world: World,
  project: Project,
  names: readonly string[],
  settings: {
    readonly plan: Pick<RotationPlan, 'unfinished' | 'waiting'>;
    readonly keyOverlapSeconds: number;
    readonly bring: BringServices;
  },
): Promise<Rotated> {
  const { root, config } = project;
  const { unfinished, waiting } = settings.plan;
  const specs = secretsOf(config);
  const containers = await world.engine.containers(config.project);
  const doors = new Map(
    specs.map(({ name, holder }) => [name, doorFor(holder, world, project, containers, settings)]),
  );
  const wanted = specs.filter(({ name }) => unfinished.begun.includes(name) || names.includes(name));
  return applyRotation(
    wanted.map(({ name, bytes }) => ({ name, bytes: bytes ?? 0 })),
    { ...unfinished, swapped: unfinished.swapped.filter((name) => !names.includes(name)) },
    {
      ...world,
      waiting: waiting.map(({ name }) => name),
      doorOf: (name) => doors.get(name),
      renewReaders: async (changed) => {
        const now = await world.engine.containers(config.project);
        const { readers, present } = await rotationFacts(world, project, now);
        const services = changed
          .flatMap((name) => readers[name] ?? [])
          .filter(({ service, live }) => !live && present.has(service))
          .map(({ service }) => service);
        return services.length === 0 ? [] : settings.bring([...new Set(services)]);
      },
    },
    root,
  );
}
