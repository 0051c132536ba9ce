import { BlockList, isIPv6 } from 'node:net';
import type { AddressMatch } from '../model/entities.ts';

/** The `sources` and `destinations` of a route: one of the entries must fit, each with an address or range, a port, or both. */
export type AddressPattern = (ip: string, port: number) => boolean;

const familyOf = (ip: string): 'ipv4' | 'ipv6' => (isIPv6(ip) ? 'ipv6' : 'ipv4');

const compileRange = (range: string): ((ip: string) => boolean) => {
  const list = new BlockList();
  const [address = '', prefix] = range.split('/');
  if (prefix === undefined) list.addAddress(address, familyOf(address));
  else list.addSubnet(address, Number(prefix), familyOf(address));
  return (ip) => list.check(ip, familyOf(ip));
};

export const compileAddresses = (entries: readonly AddressMatch[]): AddressPattern => {
  const compiled = entries.map(({ ip, port }) => {
    const ipFits = ip === null ? () => true : compileRange(ip);
    return (actualIp: string, actualPort: number) =>
      ipFits(actualIp) && (port === null || port === actualPort);
  });
  return (ip, port) => compiled.some((fits) => fits(ip, port));
};
