/** One entry of `KONG_PROXY_LISTEN`, such as `0.0.0.0:8443 http2 ssl`. */
export interface ListenAddress {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  readonly isTls: boolean;
  readonly speaksHttp2: boolean;
}

/** Flags of nginx that mean nothing here: the process shares no port and sets no backlog. */
const IGNORED_FLAG =
  /^(reuseport|deferred|bind|proxy_protocol|backlog=\d+|ipv6only=(on|off)|so_keepalive=\S+)$/;

const parseOne = (entry: string): ListenAddress => {
  const [address = '', ...flags] = entry.trim().split(/\s+/);
  const found = /^(\[[^\]]+\]|[^:]+):(\d+)$/.exec(address);
  const port = Number(found?.[2]);
  if (!found || port > 65_535)
    throw new Error(`listen address "${entry.trim()}" is not HOST:PORT with a port up to 65535`);
  const unknown = flags.find((flag) => flag !== 'ssl' && flag !== 'http2' && !IGNORED_FLAG.test(flag));
  if (unknown !== undefined)
    throw new Error(`listen address "${entry.trim()}" has the unknown flag "${unknown}"`);
  return {
    host: (found[1] ?? '').replace(/^\[|\]$/g, ''),
    port,
    isTls: flags.includes('ssl'),
    speaksHttp2: flags.includes('http2'),
  };
};

/** Parses a comma-separated list; `off` is none. @throws Error that names the entry */
export const parseListenAddresses = (text: string): ListenAddress[] =>
  text.trim() === 'off' ? [] : text.split(',').map(parseOne);
