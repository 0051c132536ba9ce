/**
 * One canonical spelling per path, so that `/%61pi`, `//api` and `/x/../api` cannot slip past a route or its plugins.
 * Escapes of unreserved characters are decoded, other escapes are written in capitals, dot segments and doubled slashes go.
 */

const UNRESERVED = /[A-Za-z0-9\-._~]/;
const NEEDS_WORK = /%|\/\/|\/\./;

/** Characters that may not stand unescaped in a request line. */
const escapeCharacter = (character: string): string => encodeURIComponent(character);

/** Escapes what a path from the configuration may hold but a request line may not: blanks, quotes, non-ASCII. */
export const escapePath = (path: string): string =>
  path.replace(/[^\x21-\x7e]|["<>\\^`{|}]/gu, escapeCharacter);

const decodeUnreserved = (path: string): string =>
  path.replace(/%([0-9A-Fa-f]{2})/g, (triplet, hex: string) => {
    const character = String.fromCharCode(Number.parseInt(hex, 16));
    return UNRESERVED.test(character) ? character : triplet.toUpperCase();
  });

/** `/a/./b//c/../d` is `/a/b/d`. */
export const removeDotSegments = (path: string): string => {
  const kept: string[] = [];
  const segments = path.split('/').slice(1);
  const last = segments.length - 1;
  for (const [index, segment] of segments.entries()) {
    const isLast = index === last;
    if (segment === '..') {
      kept.pop();
      if (isLast) kept.push('');
    } else if (segment === '.') {
      if (isLast) kept.push('');
    } else if (segment !== '' || isLast) {
      kept.push(segment);
    }
  }
  return `/${kept.join('/')}`;
};

/** @param path the part of the request target before `?`, starting with a slash */
export const normalizePath = (path: string): string => {
  if (!NEEDS_WORK.test(path)) return path;
  return removeDotSegments(decodeUnreserved(path));
};
