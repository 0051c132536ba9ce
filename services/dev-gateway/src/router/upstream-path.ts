import type { Route } from '../model/entities.ts';

/** Leftovers such as `../x` after a stripped prefix would climb out of the service's path. */
const withoutLeadingDots = (rest: string): string => {
  if (rest === '.' || rest === '..') return '';
  if (rest.startsWith('./')) return rest.slice(2);
  return rest.startsWith('../') ? rest.slice(3) : rest;
};

/** `v0` joins the service's path and the rest with exactly one slash. */
const joinWithSlash = (base: string, rest: string, requestPath: string): string => {
  const baseWithoutSlash = base.endsWith('/') ? base.slice(0, -1) : base;
  if (rest !== '') return `${baseWithoutSlash}/${rest}`;
  const wantsSlash = requestPath.length > 1 && requestPath.endsWith('/');
  return wantsSlash || baseWithoutSlash === '' ? `${baseWithoutSlash}/` : baseWithoutSlash;
};

/** `v1` puts the two together as they stand, dropping one of two slashes that meet. */
const concatenate = (base: string, rest: string): string =>
  base.endsWith('/') && rest.startsWith('/') ? base + rest.slice(1) : base + rest;

export interface UpstreamPathInput {
  readonly route: Pick<Route, 'strip_path' | 'path_handling'>;
  readonly servicePath: string | null;
  /** Normalised, without query. */
  readonly requestPath: string;
  readonly matchedPath: string | undefined;
}

/** The path that the upstream is asked for, without query. */
export const upstreamPath = ({ route, servicePath, requestPath, matchedPath }: UpstreamPathInput): string => {
  const base = servicePath ?? '/';
  const isStripped = route.strip_path && matchedPath !== undefined;
  if (route.path_handling === 'v1') {
    return isStripped
      ? concatenate(base, withoutLeadingDots(requestPath.slice(matchedPath.length)))
      : base + requestPath.slice(1);
  }
  if (isStripped) {
    const rest = requestPath.slice(matchedPath.length);
    return joinWithSlash(base, withoutLeadingDots(rest.startsWith('/') ? rest.slice(1) : rest), requestPath);
  }
  if (base.endsWith('/')) return base + requestPath.slice(1);
  return requestPath === '/' ? base : base + requestPath;
};
