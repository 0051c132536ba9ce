import { createHash } from 'node:crypto';
import type { Route } from '../model/entities.ts';

/** The namespace in which Kong names the parts of a route. */
const NAMESPACE = Buffer.from('7f145bf90dce4f9198ebdebbce4b9f6b', 'hex');

/** A UUID of version 5 (RFC 9562). */
function nameUuid(name: string): string {
  const bytes = createHash('sha1').update(NAMESPACE).update(name).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/**
 * The identifier of the matcher that each path of a route belongs to. Kong cuts a route with paths of several kinds into
 * one matcher for each length of a prefix and one for all expressions, and names these after the route.
 */
export function matcherIds({ id, paths }: Pick<Route, 'id' | 'paths'>): readonly string[] {
  const kinds = (paths ?? []).map((path) => (path.startsWith('~') ? 0 : Buffer.byteLength(path)));
  const groups = [...new Set(kinds)];
  return kinds.map((kind) => (groups.length < 2 ? id : nameUuid(`${id}#${groups.indexOf(kind) + 1}`)));
}
