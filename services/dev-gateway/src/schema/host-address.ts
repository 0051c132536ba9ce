/** How Kong tells addresses and names apart, and what it says when a text is neither. */

export interface HostAddress {
  readonly type: 'ipv4' | 'ipv6' | 'name';
  readonly host: string;
  readonly port: number | undefined;
}

export type ParsedAddress = HostAddress | { readonly problem: string };

const BAD_PORT = 'invalid port number';

function typeOf(text: string): HostAddress['type'] {
  if (text.split(':').length > 2) return 'ipv6';
  return /^[\d.]+$/.test(text.replace(':', '')) ? 'ipv4' : 'name';
}

const portOf = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : Number(text);

function parseIpv4(text: string): ParsedAddress {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?::(\d+))?$/.exec(text);
  const numbers = parts?.slice(1, 5).map(Number) ?? [];
  if (parts === null || numbers.some((part) => part > 255))
    return { problem: `invalid ipv4 address: ${text}` };
  const port = portOf(parts[5]);
  return port !== undefined && port > 65_535
    ? { problem: BAD_PORT }
    : { type: 'ipv4', host: numbers.join('.'), port };
}

function parseIpv6(text: string): ParsedAddress {
  const bracketed = /^\[(?<host>[^[\]]*)\](?<rest>.*)$/.exec(text)?.groups;
  const rest = bracketed?.rest ?? '';
  const port = portOf(/^:(\d+)$/.exec(rest)?.[1]);
  if (rest !== '' && port === undefined) return { problem: 'invalid ipv6 address' };
  if (port !== undefined && port > 65_535) return { problem: BAD_PORT };
  let check = bracketed?.host ?? text;
  if (check.startsWith(':')) check = `0${check}`;
  if (check.endsWith(':')) check = `${check}0`;
  const colons = check.split(':').length - 1;
  check = check.replace('::', `:${'0:'.repeat(Math.max(0, 8 - colons))}`);
  const groups = check.split(':');
  if (groups.length !== 8 || !groups.every((group) => /^[0-9A-Fa-f]{1,4}$/.test(group))) {
    return { problem: `invalid ipv6 address: ${text}` };
  }
  return { type: 'ipv6', host: groups.map((group) => group.padStart(4, '0').toLowerCase()).join(':'), port };
}

function parseName(text: string): ParsedAddress {
  const digits = /:(\d+)$/.exec(text)?.[1];
  const name = digits === undefined ? text : text.slice(0, -digits.length - 1);
  const port = portOf(digits);
  if (port !== undefined && port > 65_535) return { problem: BAD_PORT };
  const segments = name.split('.');
  const isName =
    /^[A-Za-z0-9\-._]+$/.test(name) &&
    segments.every(
      (segment, index) => !segment.endsWith('-') && (segment !== '' || index === segments.length - 1),
    );
  return isName ? { type: 'name', host: name, port } : { problem: `invalid hostname: ${text}` };
}

/** Takes `10.0.0.1`, `[::1]:80`, `name`, `name:80` and their like apart; IPv6 is written out in full, without brackets. */
export function parseAddress(text: string): ParsedAddress {
  const type = typeOf(text);
  if (type === 'ipv4') return parseIpv4(text);
  return type === 'ipv6' ? parseIpv6(text) : parseName(text);
}

const text = (value: unknown): string => String(value);

/** For a host alone: a name or an address, never a port. */
export function hostProblem(value: unknown): string | undefined {
  const parsed = parseAddress(text(value));
  if ('problem' in parsed) {
    return parsed.problem === BAD_PORT ? 'must not have a port' : `invalid value: ${text(value)}`;
  }
  return parsed.port === undefined ? undefined : 'must not have a port';
}

/** For a host name alone, such as an SNI. */
export function nameOnlyProblem(value: unknown): string | undefined {
  const parsed = parseAddress(text(value));
  if ('problem' in parsed) {
    return parsed.problem === BAD_PORT ? 'must not have a port' : `invalid value: ${text(value)}`;
  }
  if (parsed.type !== 'name') return 'must not be an IP';
  return parsed.port === undefined ? undefined : 'must not have a port';
}

/** For a host name that may have one wildcard, as its first or its last character. */
export function wildcardNameProblem(value: unknown): string | undefined {
  const host = text(value);
  const position = host.indexOf('*');
  if (position === -1) return nameOnlyProblem(host);
  if (position !== 0 && position !== host.length - 1)
    return 'wildcard must be leftmost or rightmost character';
  if (host.indexOf('*', position + 1) !== -1) return 'only one wildcard must be specified';
  return nameOnlyProblem(host.replace('*', 'wildcard'));
}

/** For a host with an optional port and wildcards, as routes have them. */
export function routeHostProblem(value: unknown): string | undefined {
  const parsed = parseAddress(text(value).replaceAll('*', 'abc'));
  return 'problem' in parsed ? parsed.problem : undefined;
}
