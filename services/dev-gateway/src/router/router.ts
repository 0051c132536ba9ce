import type { Route, Service } from '../model/entities.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { type CompiledRoute, compareRanks, compileRoute } from './compiled-route.ts';
import type { HostPattern } from './host-pattern.ts';

/** What of a request the router looks at. */
export interface RouteQuery {
  readonly method: string;
  readonly scheme: 'http' | 'https';
  /** Lower case, without port. */
  readonly host: string;
  /** The port that the listener accepted the request on. */
  readonly port: number;
  /** Normalised, without query. */
  readonly path: string;
  readonly sni: string | undefined;
  readonly sourceIp: string;
  readonly sourcePort: number;
  readonly destinationIp: string;
  headerValues(lowerName: string): readonly string[];
}

export interface RouteMatch {
  readonly route: Route;
  readonly service: Service | undefined;
  /** The part of the path that the route's path matched; undefined when the route has no paths. */
  readonly matchedPath: string | undefined;
  readonly captures: Readonly<Record<string, string>> | undefined;
  /** The route takes HTTPS only and the request came over HTTP: it is to be redirected, not proxied. */
  readonly mustUseHttps: boolean;
}

export interface Router {
  match(query: RouteQuery): RouteMatch | undefined;
  /** Routes that could not be compiled and are therefore not served, with the reason. */
  readonly rejected: readonly RejectedRoute[];
}

export interface RejectedRoute {
  readonly route: Route;
  readonly reason: string;
}

const STREAM_PROTOCOLS: ReadonlySet<string> = new Set(['tcp', 'tls', 'udp', 'tls_passthrough']);

const hasSni = (patterns: readonly HostPattern[], { sni, port }: RouteQuery): boolean =>
  sni !== undefined && patterns.some((pattern) => pattern.matches(sni, port));

const matchOne = (candidate: CompiledRoute, query: RouteQuery): RouteMatch | undefined => {
  if (candidate.methods && !candidate.methods.has(query.method)) return undefined;
  if (query.scheme === 'https' && !candidate.acceptsHttps) return undefined;
  let matchedPath: string | undefined;
  let captures: Readonly<Record<string, string>> | undefined;
  if (candidate.path) {
    const found = candidate.path.match(query.path);
    if (!found) return undefined;
    matchedPath = found.matched;
    captures = found.captures;
  }
  if (candidate.hosts && !candidate.hosts.some((host) => host.matches(query.host, query.port)))
    return undefined;
  if (
    candidate.headers &&
    !candidate.headers.every((header) => header.matches(query.headerValues(header.name)))
  ) {
    return undefined;
  }
  // SNIs are a condition of TLS requests only: over HTTP there is none to compare.
  if (candidate.snis && query.scheme === 'https' && !hasSni(candidate.snis, query)) return undefined;
  if (candidate.sources && !candidate.sources(query.sourceIp, query.sourcePort)) return undefined;
  if (candidate.destinations && !candidate.destinations(query.destinationIp, query.port)) return undefined;
  return {
    route: candidate.route,
    service: candidate.service,
    matchedPath,
    captures,
    mustUseHttps: query.scheme === 'http' && !candidate.acceptsHttp,
  };
};

/**
 * Compiles the routes of a snapshot into one list, strongest first; the first that matches wins.
 * Routes of disabled services and stream routes are left out, as if they were not there.
 */
export const compileRouter = (snapshot: Pick<Snapshot, 'routes' | 'services'>): Router => {
  const compiled: CompiledRoute[] = [];
  const rejected: RejectedRoute[] = [];
  for (const route of snapshot.routes.values()) {
    if (route.protocols.every((protocol) => STREAM_PROTOCOLS.has(protocol))) continue;
    const service = route.service ? snapshot.services.get(route.service.id) : undefined;
    if (route.service && !service?.enabled) continue;
    try {
      compiled.push(...compileRoute(route, service));
    } catch (error) {
      rejected.push({ route, reason: error instanceof Error ? error.message : String(error) });
    }
  }
  compiled.sort((a, b) => compareRanks(a.rank, b.rank));
  return {
    rejected,
    match: (query) => {
      for (const candidate of compiled) {
        const found = matchOne(candidate, query);
        if (found) return found;
      }
      return undefined;
    },
  };
};
