import type { Status } from './model.ts';
import { byName } from './order.ts';

/** What Kong says of a target whose name leads to no address. */
const NO_ADDRESS = 'DNS_ERROR';

/**
 * Targets that the gateway finds no address for although they run and are well: the engine has lost what it knew of the network, as
 * Engine 20.10 does for every running container when it leaves a Swarm. Containers tell of nothing: each is healthy by itself.
 */
export function lostNamesWarning(
  upstreams: Status['kong']['upstreams'],
  services: Status['services'],
): string[] {
  const lost = upstreams
    .flatMap(({ targets }) => targets)
    .filter(({ health }) => health === NO_ADDRESS)
    .map(({ target }) => target.slice(0, target.lastIndexOf(':')))
    .filter((host) => services.some(({ name, health }) => name === host && health === 'healthy'));
  if (lost.length === 0) return [];
  return [
    `kong finds no address for ${[...new Set(lost)].sort(byName).join(', ')}, which run: the engine has lost the names of their network; "apictl down", then "apictl up" makes it anew`,
  ];
}
