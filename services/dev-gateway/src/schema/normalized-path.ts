import { removeDotSegments } from '../router/normalize-path.ts';

/** Characters whose escapes mean something else than they themselves. */
const RESERVED = new Set("!*'();:@&=+$,/?%#[]");

/** The one spelling in which a route's path has to be written: no escape without need, no dot segments, no doubled slashes. */
export function normalizedRoutePath(path: string): string {
  const decoded = path.replace(/(?:%[0-9A-Fa-f]{2})+/g, (escapes) => {
    const bytes = escapes.split('%').slice(1);
    const kept = bytes.map((hex) => {
      const character = String.fromCharCode(Number.parseInt(hex, 16));
      return RESERVED.has(character) ? `%${hex.toUpperCase()}` : character;
    });
    return Buffer.from(kept.join(''), 'latin1').toString('utf8');
  });
  return path === '' ? path : removeDotSegments(decoded);
}
