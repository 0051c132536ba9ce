import type { Config } from './schema.ts';

/** URL writes every form of an IPv6 address the same way. */
const isLoopback = (address: string): boolean =>
  address.includes(':') ? new URL(`http://[${address}]`).hostname === '[::1]' : address.startsWith('127.');

/** What other machines reach because of `bind`, in one sentence; null while it is a loopback address. Pure. */
export function exposure({ bind, ports }: Pick<Config, 'bind' | 'ports'>): string | null {
  if (isLoopback(bind)) return null;
  return `every port is published on ${bind}: whoever reaches it can reconfigure the gateway, because its Admin API (${ports.admin}, ${ports.adminTls}) asks for no password`;
}

export const EXPOSURE_FIX =
  'Set bind to 127.0.0.1 and let a proxy or a tunnel of your own publish what others need, or keep others out with a firewall in front of the engine.';
