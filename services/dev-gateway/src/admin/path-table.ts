import type { AdminPath } from './request.ts';

interface Entry {
  readonly segments: readonly string[];
  readonly path: AdminPath;
}

export interface PathMatch {
  readonly path: AdminPath;
  readonly params: Readonly<Record<string, string>>;
}

const isVariable = (segment: string): boolean => segment.startsWith('{');

/** Fixed segments go before variables, from the left: `/plugins/enabled` is not a plugin of that name. */
function byPrecision(a: Entry, b: Entry): number {
  if (a.segments.length !== b.segments.length) return a.segments.length - b.segments.length;
  for (const [index, segment] of a.segments.entries()) {
    const difference = Number(isVariable(segment)) - Number(isVariable(b.segments[index] ?? ''));
    if (difference !== 0) return difference;
  }
  return 0;
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/** Finds the entry of the Admin API for a path. */
export class PathTable {
  readonly #entries: readonly Entry[];

  constructor(paths: readonly AdminPath[]) {
    this.#entries = paths
      .map((path) => ({ path, segments: path.path.split('/').filter((segment) => segment !== '') }))
      .sort(byPrecision);
  }

  /** All paths in alphabetical order, as `GET /endpoints` lists them. */
  names(): string[] {
    return this.#entries.map(({ path }) => path.path).sort();
  }

  /** The entry and the variables of a path; undefined when nothing is there. A slash at the end is ignored. */
  match(path: string): PathMatch | undefined {
    const given = path.replace(/\/+$/, '').split('/').slice(1);
    for (const { path: entry, segments } of this.#entries) {
      if (segments.length !== given.length) continue;
      const params: Record<string, string> = {};
      const isMatch = segments.every((segment, index) => {
        const text = decoded(given[index] ?? '');
        if (!isVariable(segment)) return segment === text;
        params[segment.slice(1, -1)] = text;
        return text !== '';
      });
      if (isMatch) return { path: entry, params };
    }
    return undefined;
  }
}
