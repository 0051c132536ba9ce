import { BlockList, isIPv6 } from 'node:net';
import type { HeaderList } from './header-list.ts';

/** Which peers may say who their client is, and in which header (`KONG_TRUSTED_IPS`, `KONG_REAL_IP_HEADER`). */
export interface TrustSettings {
  readonly trustedRanges: readonly string[];
  /** `X-Real-IP`, or `X-Forwarded-For` whose last address is the client's. */
  readonly realIpHeader: string;
}

export interface AddressBook {
  isTrusted(ip: string): boolean;
  /** The client's address: what a trusted peer says, else the peer's own. */
  clientIp(remoteIp: string, headers: HeaderList): string;
}

const IP = /^[0-9a-fA-F.:]+$/;

/** An IPv4 address that came in on a socket for both families is written as an IPv4 address. */
export const plainIp = (ip: string): string => (ip.startsWith('::ffff:') ? ip.slice('::ffff:'.length) : ip);

export const addressBook = (settings: TrustSettings): AddressBook => {
  const trusted = new BlockList();
  for (const range of settings.trustedRanges) {
    const [address = '', prefix] = range.split('/');
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    if (prefix === undefined) trusted.addAddress(address, family);
    else trusted.addSubnet(address, Number(prefix), family);
  }
  const isTrusted = (ip: string): boolean =>
    settings.trustedRanges.length > 0 && trusted.check(ip, isIPv6(ip) ? 'ipv6' : 'ipv4');
  return {
    isTrusted,
    clientIp: (remoteIp, headers) => {
      if (!isTrusted(remoteIp)) return remoteIp;
      const said = headers.get(settings.realIpHeader)?.split(',').at(-1)?.trim();
      return said !== undefined && IP.test(said) ? said : remoteIp;
    },
  };
};
