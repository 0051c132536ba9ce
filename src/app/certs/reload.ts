import { wantedCertificates } from '../../certs/model.ts';
import { ApictlError, EXIT, messageOf } from '../../core/errors.ts';
import { step } from '../../core/events.ts';
import type { ContainerSummary } from '../../core/ports/engine.ts';
import { RELOAD_LABEL } from '../../stack/render/labels.ts';
import type { Project } from '../project/project.ts';
import type { World } from '../world.ts';
import { certificateInFile, type Door, difference, openDoors } from './doors.ts';
import { staleInside } from './inside.ts';

/** A service reads its files again within a second or two; one that looks at an interval, within five. */
const PATIENCE_MS = 15_000;
const LOOK_EVERY_MS = 200;

/** A door and the certificate that it shows from now on. */
export interface ServedCertificate {
  readonly name: string;
  readonly service: string;
  readonly serialNumber: string;
}

/** A door that goes on showing another certificate than its file. */
export interface StaleDoor {
  readonly name: string;
  readonly service: string;
  readonly containerId: string;
  readonly problem: string;
}

export interface Served {
  readonly served: readonly ServedCertificate[];
  /** Doors that should show the file's certificate by now and do not. */
  readonly stale: readonly StaleDoor[];
  /** Doors of services that cannot read it again while they run: the next `up` makes their containers anew. */
  readonly pending: readonly StaleDoor[];
}

/**
 * Brings replaced certificates to the services that run, and looks whether they have them.
 * @throws ApictlError where the engine does not answer
 */
export async function serveCertificates(
  world: World,
  project: Project,
  containers: readonly ContainerSummary[],
): Promise<Served> {
  const shown = await serveDoors(world, project, containers);
  const inside = await staleInside(world, project, containers);
  return {
    ...shown,
    stale: [...shown.stale, ...inside.map(({ problem, ...door }) => staleDoor(door, problem))],
  };
}

/**
 * Brings replaced certificates to the services with doors: asks each door what it shows, tells the services whose doors show
 * another one than their file to read it again, and looks until they show it. Where all are right nothing is sent.
 */
async function serveDoors(
  world: World,
  project: Project,
  containers: readonly ContainerSummary[],
): Promise<Served> {
  const doors = openDoors(project, wantedCertificates(project.config), containers);
  const looked = await Promise.all(
    doors.map(async (door) => ({ door, problem: await problemOf(world, project, door) })),
  );
  const stale = looked.filter(({ problem }) => problem !== null).map(({ door }) => door);
  const told = stale.filter(({ container }) => container.labels[RELOAD_LABEL] !== undefined);
  const pending = looked.flatMap(({ door, problem }) =>
    problem === null || told.includes(door) ? [] : [staleDoor(door, problem)],
  );
  const others = doors.filter((door) => !stale.includes(door) || told.includes(door));
  if (told.length === 0) return { served: await servedBy(world, project, others), stale: [], pending };
  const services = [...new Set(told.map(({ container }) => container.service))];
  return step(world.emit, `hand the certificates to ${services.join(', ')}`, world.clock.now, async () => {
    const signalled = new Map(told.map(({ container }) => [container.id, container]));
    for (const container of signalled.values()) {
      const how = container.labels[RELOAD_LABEL];
      if (how !== undefined && how !== 'itself') await world.engine.signal(container.id, how);
    }
    const ends = await Promise.all(
      told.map(async (door) => ({ door, problem: await waitUntilShown(world, project, door) })),
    );
    const left = ends.flatMap(({ door, problem }) => (problem === null ? [] : [staleDoor(door, problem)]));
    const well = others.filter(({ want }) => left.every(({ name }) => name !== want.name));
    return { served: await servedBy(world, project, well), stale: left, pending };
  });
}

const staleDoor = ({ want, container }: Pick<Door, 'want' | 'container'>, problem: string): StaleDoor => ({
  name: want.name,
  service: container.service,
  containerId: container.id,
  problem,
});

/** @throws ApictlError CERTIFICATE_NOT_SERVED (3) */
export function refuseStale(stale: readonly StaleDoor[]): void {
  if (stale.length === 0) return;
  const names = stale.map(({ name }) => name).join(', ');
  throw new ApictlError({
    code: 'CERTIFICATE_NOT_SERVED',
    exitCode: EXIT.partial,
    message: `the files of ${names} are in place, but ${stale[0]?.problem}`,
    object: `certificate ${stale[0]?.name}`,
    details: stale.slice(1).map(({ problem }) => problem),
    hint: `"apictl up" restarts what does not take it; "apictl logs ${stale[0]?.service}" says why it did not.`,
  });
}

async function waitUntilShown(world: World, project: Project, door: Door): Promise<string | null> {
  const untilMs = world.clock.now() + PATIENCE_MS;
  for (;;) {
    const problem = await problemOf(world, project, door);
    if (problem === null || world.clock.now() >= untilMs) return problem;
    await world.clock.sleep(LOOK_EVERY_MS, world.signal);
    world.signal.throwIfAborted();
  }
}

/** What is wrong at a door, or null where it shows the file's certificate. */
async function problemOf(world: World, { root }: Project, door: Door): Promise<string | null> {
  const where = `${door.container.service} at ${door.host}:${door.port}`;
  try {
    const found = await difference(world, root, door);
    return found === null ? null : `${where} shows serial ${found.shown}, the file has ${found.file}`;
  } catch (thrown) {
    if (!(thrown instanceof ApictlError)) throw thrown;
    return `${where} does not shake hands: ${messageOf(thrown)}`;
  }
}

async function servedBy(
  world: World,
  { root }: Project,
  doors: readonly Door[],
): Promise<ServedCertificate[]> {
  const all = await Promise.all(
    doors.map(async ({ want, container }) => {
      const file = await certificateInFile(world, root, want.name);
      if (file === null) return [];
      return [{ name: want.name, service: container.service, serialNumber: file.serialNumber }];
    }),
  );
  return all.flat();
}
