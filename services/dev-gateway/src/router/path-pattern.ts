import { compilePcre } from '../schema/pcre.ts';
import { escapePath, normalizePath } from './normalize-path.ts';

/** One entry of a route's `paths`: a prefix, or a regular expression anchored at the start when it begins with `~`. */
export interface PathPattern {
  readonly isRegex: boolean;
  /** Length of a prefix; 0 for a regular expression. Longer prefixes win. */
  readonly prefixLength: number;
  /** What of the path matched, with the named groups of a regular expression; undefined when nothing did. */
  match(path: string): PathMatch | undefined;
}

export interface PathMatch {
  readonly matched: string;
  readonly captures: Readonly<Record<string, string>> | undefined;
}

/** @throws PcreError when a regular expression uses what JavaScript's engine does not know */
export const compilePath = (pattern: string): PathPattern => {
  if (pattern.startsWith('~')) {
    // Sticky: it has to match where the path begins.
    const expression = compilePcre(pattern.slice(1), 'y');
    return {
      isRegex: true,
      prefixLength: 0,
      match: (path) => {
        expression.lastIndex = 0;
        const found = expression.exec(path);
        return found ? { matched: found[0], captures: found.groups } : undefined;
      },
    };
  }
  const prefix = normalizePath(escapePath(pattern));
  const answer: PathMatch = { matched: prefix, captures: undefined };
  return {
    isRegex: false,
    prefixLength: prefix.length,
    match: (path) => (path.startsWith(prefix) ? answer : undefined),
  };
};
