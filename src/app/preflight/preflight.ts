import { ApictlError, EXIT } from '../../core/errors.ts';
import type { ContainerSummary, EngineFacts } from '../../core/ports/engine.ts';
import { checkDisk, type DiskNeed } from '../../diagnosis/doctor.ts';
import type { WantedPort } from '../../stack/render/published-ports.ts';
import type { Project } from '../project/project.ts';
import type { World } from '../world.ts';

/** A port that somebody else holds. */
export interface HeldPort extends WantedPort {
  /** `held by nginx (pid 812)`, `held by container shop-web-1 of project shop`, or what is known instead. */
  readonly holder: string;
  readonly hint: string;
  /** Whether another port would do; a missing address has no ports at all. */
  readonly isMovable: boolean;
}

/** Whether the engine's machine is this one, so that its ports and disks can be looked at. */
export const isHere = (endpoint: string): boolean => /^(unix|npipe):/.test(endpoint);

/**
 * The wanted ports that cannot be had. What the stack's own running containers publish already is fine. With an engine on
 * another machine nothing is known of its ports, so nothing is held.
 */
export async function heldPorts(
  world: Pick<World, 'sockets' | 'engine'>,
  wanted: readonly WantedPort[],
  own: readonly ContainerSummary[],
  engineEndpoint: string,
): Promise<HeldPort[]> {
  if (!isHere(engineEndpoint)) return [];
  const ours = new Set(
    own
      .filter(({ state }) => state === 'running' || state === 'paused')
      .flatMap(({ ports }) => ports.map(({ hostPort }) => hostPort)),
  );
  const asked = wanted.filter(({ port }) => !ours.has(port));
  const answers = await Promise.all(asked.map((want) => heldPort(world, want)));
  return answers.filter((held) => held !== null);
}

/** The same place in IPv6: "localhost" means both, and a port for everybody is published on both. */
const TWINS: Readonly<Record<string, string>> = { '127.0.0.1': '::1', '0.0.0.0': '::' };
const SETTING =
  'choose another port in apictl.yaml (ports, ports.shift), or let "apictl up --free-ports" take the next free one';

async function heldPort(
  world: Pick<World, 'sockets' | 'engine'>,
  want: WantedPort,
): Promise<HeldPort | null> {
  const twin = TWINS[want.address];
  const [state, twinState] = await Promise.all([
    world.sockets.probe(want.address, want.port),
    twin === undefined ? 'free' : world.sockets.probe(twin, want.port),
  ]);
  if (state === 'forbidden')
    return {
      ...want,
      holder: 'reserved for privileged users',
      hint: `Use a port of 1024 or above: ${SETTING}.`,
      isMovable: true,
    };
  if (state === 'no-address')
    return {
      ...want,
      holder: `not possible: this machine has no address ${want.address}`,
      hint: 'Correct bind in apictl.yaml.',
      isMovable: false,
    };
  if (state === 'taken')
    return { ...want, ...(await holderOf(world, want.address, want.port)), isMovable: true };
  if (twin === undefined || twinState !== 'taken') return null;
  const { holder, hint } = await holderOf(world, twin, want.port);
  return { ...want, holder: `${holder}, on IPv6 only ([${twin}])`, hint, isMovable: true };
}

async function holderOf(
  world: Pick<World, 'sockets' | 'engine'>,
  address: string,
  port: number,
): Promise<Pick<HeldPort, 'holder' | 'hint'>> {
  const container = await world.engine.publisher(port);
  if (container !== null) {
    const { name, project } = container;
    const command = project === '' ? `docker stop ${name}` : `docker compose -p ${project} down`;
    return {
      holder: `held by container ${name}${project === '' ? '' : ` of project ${project}`}`,
      hint: `Stop it ("${command}"), or ${SETTING}.`,
    };
  }
  const process = await world.sockets.holder(address, port);
  return process === null
    ? {
        holder: 'held by a process whose owner is not visible to this user',
        hint: `"sudo ss -ltnp 'sport = :${port}'" names it; stop it, or ${SETTING}.`,
      }
    : { holder: `held by ${process.command} (pid ${process.pid})`, hint: `Stop it, or ${SETTING}.` };
}

/** @throws ApictlError PORT_HELD (8) that names every held port and its holder. */
export function refuseHeldPorts(held: readonly HeldPort[]): void {
  const [first] = held;
  if (first === undefined) return;
  throw new ApictlError({
    code: 'PORT_HELD',
    exitCode: EXIT.machine,
    message:
      held.length === 1
        ? `port ${first.port}, wanted by ${first.service}, is ${first.holder}`
        : `${held.length} ports cannot be had`,
    object: held.map(({ port }) => `port ${port}`).join(', '),
    details:
      held.length === 1
        ? []
        : held.map(({ port, service, holder }) => `port ${port} (${service}): ${holder}`),
    hint: held.length === 1 ? first.hint : `${first.hint} "apictl doctor" says it for each of them.`,
  });
}

/** What `up` needs at the very least; `doctor` wants more. */
const LEAST_BYTES = { engine: 1024 ** 3, project: 32 * 1024 ** 2 } as const;

/**
 * Looks at the disks before anything is made: what fails half-way on a full disk is hard to tell from other failures.
 * @throws ApictlError DISK_LOW (8) with the numbers of each file system that is too full.
 */
export async function refuseLowDisk(
  world: Pick<World, 'files'>,
  project: Project,
  facts: Pick<EngineFacts, 'endpoint' | 'dataFolder'>,
): Promise<void> {
  const places = [
    { name: 'project', path: project.root, wantedBytes: LEAST_BYTES.project },
    ...(isHere(facts.endpoint)
      ? [{ name: 'engine', path: facts.dataFolder, wantedBytes: LEAST_BYTES.engine }]
      : []),
  ];
  await refuseLowPlaces(world, places);
}

/** @throws ApictlError DISK_LOW (8) with the numbers of each file system that is too full. */
export async function refuseLowPlaces(
  { files }: Pick<World, 'files'>,
  places: readonly DiskNeed[],
): Promise<void> {
  const checks = await Promise.all(
    places.map(async (place) => checkDisk(place, await files.disk(place.path))),
  );
  const low = checks.filter(({ ok }) => !ok);
  const [first] = low;
  if (first === undefined) return;
  throw new ApictlError({
    code: 'DISK_LOW',
    exitCode: EXIT.machine,
    message: low.map(({ found }) => found).join('; '),
    object: low.map(({ name }) => name).join(', '),
    hint: first.fix,
  });
}
