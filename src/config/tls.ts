import type { Config } from './schema.ts';

/** Names by which only this machine is called: no authority but a local one signs them. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);

/**
 * The name of `tls.hosts` by which our own clients ask for a certificate, whatever address they connect to: one that also a
 * certificate of the user's own has, where there is any. Undefined where there are addresses only.
 */
export function askedHost(hosts: readonly string[]): string | undefined {
  const names = hosts.filter((host) => !host.includes(':') && !/^[\d.]+$/.test(host));
  // A wildcard holds for every name at its place.
  return (names.find((host) => !isLoopback(host)) ?? names[0])?.replace(/^\*/, 'probe');
}

/** Which doors speak TLS: Elasticsearch has one port, for people and for those that ship to it. */
export const tlsDoors = ({ doors, internal }: Config['tls']): Config['tls']['doors'] => ({
  ...doors,
  elasticsearch: doors.elasticsearch || internal,
});
