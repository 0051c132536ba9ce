/** Which names this listener answers to, and which pages may send to it. */
import { isIP } from 'node:net';

/** The host of a Host header without its port; undefined when it is no such header. */
function hostName(header: string): string | undefined {
  const match = /^(?:\[([0-9a-f:.]+)\]|([^:\s/@]+))(?::\d{1,5})?$/i.exec(header);
  return (match?.[1] ?? match?.[2])?.toLowerCase();
}

/**
 * A page of another site reaches this listener only under a name that its owner can point here; addresses and local
 * names are not such names.
 * @param names further names, from the configuration
 */
export function isKnownHost(header: string | undefined, names: readonly string[]): boolean {
  const name = header === undefined ? undefined : hostName(header);
  if (name === undefined) return false;
  return isIP(name) !== 0 || name === 'localhost' || name.endsWith('.localhost') || names.includes(name);
}

/** True when a request was sent by a page of this listener, or by no page at all. */
export function isSameOrigin(origin: string | undefined, host: string | undefined): boolean {
  if (origin === undefined) return true;
  return URL.canParse(origin) && new URL(origin).host === host?.toLowerCase();
}
