import { ApictlError, EXIT } from '../core/errors.ts';
import type { ContainerSummary } from '../core/ports/engine.ts';
import type { WantedPort } from '../stack/published-ports.ts';
import type { World } from './world.ts';

/** A port that somebody else holds. */
export interface HeldPort extends WantedPort {
  /** `nginx (pid 812)`, `container shop-web-1`, or what is known instead. */
  readonly holder: string;
  readonly hint: string;
}

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
  if (!/^(unix|npipe):/.test(engineEndpoint)) return [];
  const ours = new Set(
    own
      .filter(({ state }) => state === 'running')
      .flatMap(({ ports }) => ports.map(({ hostPort }) => hostPort)),
  );
  const asked = wanted.filter(({ port }) => !ours.has(port));
  const answers = await Promise.all(asked.map((want) => heldPort(world, want)));
  return answers.filter((held) => held !== null);
}

async function heldPort(
  world: Pick<World, 'sockets' | 'engine'>,
  want: WantedPort,
): Promise<HeldPort | null> {
  const state = await world.sockets.probe(want.address, want.port);
  const setting = 'choose another port in apictl.yaml (section ports)';
  if (state === 'free') return null;
  if (state === 'forbidden')
    return {
      ...want,
      holder: 'reserved for privileged users',
      hint: `Use a port of 1024 or above: ${setting}.`,
    };
  if (state === 'no-address')
    return {
      ...want,
      holder: `not possible: this machine has no address ${want.address}`,
      hint: 'Correct bind in apictl.yaml.',
    };
  const container = await world.engine.publisher(want.port);
  if (container !== null) {
    const hint =
      container.project === ''
        ? `docker stop ${container.name}`
        : `docker compose -p ${container.project} down`;
    return {
      ...want,
      holder: `held by container ${container.name}`,
      hint: `Stop it ("${hint}"), or ${setting}.`,
    };
  }
  const process = await world.sockets.holder(want.address, want.port);
  return {
    ...want,
    holder:
      process === null
        ? 'held by a process that this user may not see'
        : `held by ${process.command} (pid ${process.pid})`,
    hint: `Stop it, or ${setting}.`,
  };
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
    hint: first.hint,
  });
}
