/** Splits a target's `host:port`; an IPv6 address stands in brackets, which are dropped. */
export const splitTarget = (target: string): { readonly host: string; readonly port: number } => {
  const colon = target.lastIndexOf(':');
  const host = target.slice(0, colon);
  return { host: host.startsWith('[') ? host.slice(1, -1) : host, port: Number(target.slice(colon + 1)) };
};

/** Joins an address and a port as they stand in a URL or a health report. */
export const joinHostPort = (host: string, port: number): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
