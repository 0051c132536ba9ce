import { PORT_NAMES, type Ports } from '../../config/ports.ts';
import type { Config, PortName } from '../../config/schema.ts';
import { ApictlError, EXIT } from '../../core/errors.ts';
import type { WantedPort } from '../../stack/render/published-ports.ts';
import { type HeldPort, heldPorts } from '../preflight/preflight.ts';
import type { World } from '../world.ts';

/** Lower ones are for privileged users. */
const LOWEST = 1024;

/**
 * The next free port for each held one, from the held one upwards; each is asked for as the stack would listen.
 * @throws ApictlError PORTS_EXHAUSTED (8)
 */
export async function nextFreePorts(
  world: Pick<World, 'sockets' | 'engine'>,
  config: Config,
  held: readonly HeldPort[],
  engineEndpoint: string,
): Promise<Partial<Ports>> {
  const spoken = new Set(Object.values(config.ports));
  const isFree = async (want: WantedPort) =>
    (await heldPorts(world, [want], [], engineEndpoint)).length === 0;
  const next = async (want: HeldPort): Promise<number> => {
    for (let port = Math.max(want.port + 1, LOWEST); port <= 65_535; port += 1) {
      if (!spoken.has(port) && (await isFree({ ...want, port }))) return port;
    }
    throw new ApictlError({
      code: 'PORTS_EXHAUSTED',
      exitCode: EXIT.machine,
      message: `no port above ${want.port} is free for ${want.service}`,
      object: `port ${want.port}`,
      hint: 'Choose a lower port in apictl.yaml (section ports).',
    });
  };
  const chosen: [PortName, number][] = [];
  for (const want of held) {
    const name = PORT_NAMES.find((candidate) => config.ports[candidate] === want.port);
    // What the configuration does not know cannot be moved by it, and an address that the machine has not has no free port.
    if (name === undefined || want.isMovable === false) continue;
    const port = await next(want);
    spoken.add(port);
    chosen.push([name, port]);
  }
  return Object.fromEntries(chosen);
}
