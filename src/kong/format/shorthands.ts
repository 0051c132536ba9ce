import { Sealed } from '../model/sealed.ts';
import type { Value } from '../model/value.ts';
import type { Path } from './locate.ts';
import type { Problem, ReadFile } from './read.ts';

/** What may be written shorter than Kong keeps it. */

type Item = Record<string, Value>;

const DEFAULT_TARGET_PORT = 8000;

/**
 * A target's address as Kong keeps it: with a port, IPv6 in brackets and written out in full. What is no address stays as it is, for
 * Kong to refuse.
 */
export function targetAddress(text: string): string {
  const parts = /^\[(?<host>[^[\]]*)\](:(?<port>\d+))?$/.exec(text)?.groups;
  const isIpv6 = parts !== undefined || text.split(':').length > 2;
  const [, name = text, digits] = isIpv6 ? [] : (/^(.*):(\d+)$/.exec(text) ?? []);
  const port = Number((isIpv6 ? parts?.port : digits) ?? DEFAULT_TARGET_PORT);
  if (!isIpv6) return name.includes(':') ? text : `${name}:${port}`;
  const host = writtenOut(parts?.host ?? text);
  return host === undefined ? text : `[${host}]:${port}`;
}

function writtenOut(ipv6: string): string | undefined {
  const [before = '', after, more] = ipv6.split('::');
  const groupsOf = (part: string) => (part === '' ? [] : part.split(':'));
  const [first, last] = [groupsOf(before), groupsOf(after ?? '')];
  const left = after === undefined ? 0 : 8 - first.length - last.length;
  const groups = [...first, ...new Array<string>(Math.max(0, left)).fill('0'), ...last];
  const isAddress =
    more === undefined && groups.length === 8 && groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group));
  return isAddress ? groups.map((group) => group.padStart(4, '0').toLowerCase()).join(':') : undefined;
}

/** The shorthand `url`, taken apart as Kong does; what is given besides wins. */
export function withUrl(item: Item, file: ReadFile, path: Path, problems: Problem[]): Item {
  const { url: given, ...rest } = item;
  if (given == null) return rest;
  const text = given instanceof Sealed ? String(given.reveal()) : String(given);
  if (!URL.canParse(text)) {
    problems.push({
      place: file.placeOf([...path, 'url']),
      message: `services: url is not an address, as http://host:8000/path`,
    });
    return rest;
  }
  const url = new URL(text);
  const protocol = url.protocol.slice(0, -1);
  const port = url.port === '' ? (/^(https|grpcs|tls)$/.test(protocol) ? 443 : 80) : Number(url.port);
  const hasPath = url.pathname !== '' && (url.pathname !== '/' || text.endsWith('/'));
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const parts: Item = { protocol, host, port, path: hasPath ? url.pathname : null };
  // An address that came out of a placeholder is as secret as the placeholder was.
  const kept = given instanceof Sealed ? sealedParts(parts) : parts;
  return { ...kept, ...rest };
}

const sealedParts = (parts: Item): Item =>
  Object.fromEntries(
    Object.entries(parts).map(([field, value]) => [
      field,
      value === null ? null : new Sealed(String(value), typeof value === 'number' ? 'number' : 'string'),
    ]),
  );
