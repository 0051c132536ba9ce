import type { Path } from './format-locate.ts';
import type { Problem, ReadFile } from './format-read.ts';
import { Sealed } from './sealed.ts';
import type { Value } from './value.ts';

/** What may be written shorter than Kong keeps it. */

type Item = Record<string, Value>;

/** Kong gives an address without a port its default, 8000. */
export function withPort(address: string): string {
  const bracketed = /^\[.*\](:\d+)?$/.exec(address);
  if (bracketed !== null) return bracketed[1] === undefined ? `${address}:8000` : address;
  return address.includes(':') ? address : `${address}:8000`;
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
  const trimmedPath = url.pathname === '/' && !text.endsWith('/') ? null : url.pathname;
  const parts: Item = { protocol, host: url.hostname, port, path: trimmedPath };
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
