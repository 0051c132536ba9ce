import { BlockList, isIPv6 } from 'node:net';
import { messageReply } from '../proxy/reply.ts';
import { ConfigReader } from './config-reader.ts';
import type { PluginKind } from './phases.ts';

const familyOf = (ip: string): 'ipv4' | 'ipv6' => (isIPv6(ip) ? 'ipv6' : 'ipv4');

/** A set of addresses and ranges in CIDR notation. */
export const compileRanges = (ranges: readonly string[]): ((ip: string) => boolean) => {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = '', prefix] = range.split('/');
    if (prefix === undefined) list.addAddress(address, familyOf(address));
    else list.addSubnet(address, Number(prefix), familyOf(address));
  }
  return (ip) => list.check(ip, familyOf(ip));
};

/** Lets clients in by address. The deny list is looked at first. */
export const ipRestriction: PluginKind = {
  name: 'ip-restriction',
  priority: 990,
  create: (plugin) => {
    const config = new ConfigReader(plugin.config);
    const allow = config.texts('allow') ?? [];
    const isDenied = compileRanges(config.texts('deny') ?? []);
    const isAllowed = compileRanges(allow);
    const status = config.number('status') ?? 403;
    const message = config.text('message');
    return {
      access: (exchange) => {
        const ip = exchange.clientIp;
        if (!isDenied(ip) && (allow.length === 0 || isAllowed(ip))) return undefined;
        return messageReply({
          status,
          message: message ?? `IP address not allowed: ${ip}`,
          requestId: exchange.id,
          accept: exchange.headers.get('accept'),
        });
      },
    };
  },
};
