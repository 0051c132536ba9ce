import { ApictlError } from '../../core/errors.ts';
import { type SecretSpec, secretsOf } from '../../secrets/model.ts';
import { isUnfinished, readUnfinished } from '../../secrets/rotation-journal.ts';
import { isChangedAtRest, planRotation, type RotationFacts, serviceOf } from '../../secrets/rotation-plan.ts';
import type { Project } from '../project/project.ts';
import type { World } from '../world.ts';
import type { BringServices } from './run-rotation.ts';

/**
 * Finishes a rotation that was broken off, before anything is started with a value that may not be the one that opens. What holds such
 * a value in its data is brought up for it, and nothing else is. Says whether there was one.
 */
export async function healRotation(world: World, project: Project, bring: BringServices): Promise<boolean> {
  const specs = secretsOf(project.config);
  const unfinished = await readUnfinished(
    world.files,
    project.root,
    specs.map(({ name }) => name),
  );
  if (!isUnfinished(unfinished)) return false;
  const broken = specs.filter(({ name }) => [...unfinished.begun, ...unfinished.swapped].includes(name));
  const names = broken.map(({ name }) => name).join(', ');
  world.emit({ type: 'note', text: `the rotation of ${names} was broken off; it is finished first` });
  const { rotationFacts } = await import('./rotation-facts.ts');
  const { runRotation } = await import('./run-rotation.ts');
  const look = async () =>
    rotationFacts(world, project, await world.engine.containers(project.config.project));
  for (const holder of holdersOf(broken, await look())) await bringWhereKnown(holder, bring);
  const plan = planRotation(specs, [], await look());
  for (const { name, why } of plan.waiting) {
    world.emit({ type: 'warning', text: `the rotation of ${name} waits: ${why}` });
  }
  await runRotation(world, project, [], { plan, keyOverlapSeconds: 0, bring });
  return true;
}

/** Services that keep one of these values in data that is there, and are not as they have to be for it. */
function holdersOf(
  broken: readonly SecretSpec[],
  { running, containers, volumes }: RotationFacts,
): readonly NeededHolder[] {
  const atRest = new Set(broken.flatMap(({ holder }) => (isChangedAtRest(holder) ? serviceOf(holder) : [])));
  const services = broken.flatMap(({ holder, boundTo }) => {
    const service = serviceOf(holder);
    if (service === null || boundTo === undefined || !volumes.has(boundTo)) return [];
    return (atRest.has(service) ? containers : running).has(service) ? [] : [service];
  });
  return [...new Set(services)].map((service) => ({ service, isAtRest: atRest.has(service) }));
}

interface NeededHolder {
  readonly service: string;
  /** It must not be started with what lies there. */
  readonly isAtRest: boolean;
}

/** What is no part of the stack at the moment is not started with the wrong value either. */
async function bringWhereKnown({ service, isAtRest }: NeededHolder, bring: BringServices): Promise<void> {
  await bring([service], isAtRest ? 'created' : undefined).catch((thrown: unknown) => {
    if (!(thrown instanceof ApictlError) || thrown.code !== 'SERVICE_UNKNOWN') throw thrown;
  });
}
