import type { Route, Service } from '../model/entities.ts';
import { type AddressPattern, compileAddresses } from './address-pattern.ts';
import { compileHeader, type HeaderPattern } from './header-pattern.ts';
import { compileHost, type HostPattern } from './host-pattern.ts';
import { matcherIds } from './matcher-ids.ts';
import { compilePath, type PathPattern } from './path-pattern.ts';

/** A route with one of its paths, ready to match. A route with several paths yields several, as each has its own rank. */
export interface CompiledRoute {
  readonly route: Route;
  readonly service: Service | undefined;
  readonly methods: ReadonlySet<string> | undefined;
  readonly hosts: readonly HostPattern[] | undefined;
  readonly headers: readonly HeaderPattern[] | undefined;
  readonly snis: readonly HostPattern[] | undefined;
  readonly sources: AddressPattern | undefined;
  readonly destinations: AddressPattern | undefined;
  readonly path: PathPattern | undefined;
  readonly acceptsHttp: boolean;
  readonly acceptsHttps: boolean;
  readonly rank: RouteRank;
}

/** What decides between two routes that both match, most weighty first. */
export interface RouteRank {
  /** How many of methods, hosts, headers, SNIs and paths the route states. */
  readonly statedCategories: number;
  readonly hasOnlyPlainHosts: boolean;
  readonly headerCount: number;
  readonly isRegex: boolean;
  readonly regexPriority: number;
  readonly prefixLength: number;
  /** Of two that are equal in everything else the greater one is looked at first. */
  readonly matcherId: string;
}

const nonEmpty = <T>(list: readonly T[] | null): readonly T[] | undefined =>
  list === null || list.length === 0 ? undefined : list;

const withoutFinalDot = (name: string): string =>
  name.length > 1 && name.endsWith('.') ? name.slice(0, -1) : name;

/** @throws SyntaxError when a regular expression of the route cannot be compiled */
export const compileRoute = (route: Route, service: Service | undefined): CompiledRoute[] => {
  const methods = nonEmpty(route.methods);
  const hosts = nonEmpty(route.hosts)?.map(compileHost);
  const snis = nonEmpty(route.snis);
  const sources = nonEmpty(route.sources);
  const destinations = nonEmpty(route.destinations);
  const headerEntries = Object.entries(route.headers ?? {});
  const headers = headerEntries.map(([name, values]) => compileHeader(name, values));
  const paths = nonEmpty(route.paths);
  const statedCategories = [methods, hosts, snis, paths, nonEmpty(headers)].filter(Boolean).length;
  const acceptsHttps = route.protocols.includes('https') || route.protocols.includes('grpcs');

  const base = {
    route,
    service,
    methods: methods && new Set(methods),
    hosts,
    headers: nonEmpty(headers),
    snis: snis?.map(withoutFinalDot).map(compileHost),
    sources: sources && compileAddresses(sources),
    destinations: destinations && compileAddresses(destinations),
    acceptsHttp: route.protocols.includes('http') || route.protocols.includes('grpc'),
    acceptsHttps,
  };
  const rank = {
    statedCategories,
    hasOnlyPlainHosts: hosts?.every((host) => host.isPlain) ?? false,
    headerCount: headers.length,
  };
  const compiledPaths: (PathPattern | undefined)[] = paths?.map(compilePath) ?? [undefined];
  const ids = matcherIds(route);
  return compiledPaths.map((path, index) => ({
    ...base,
    path,
    rank: {
      ...rank,
      isRegex: path?.isRegex ?? false,
      regexPriority: path?.isRegex ? route.regex_priority : 0,
      prefixLength: path?.prefixLength ?? 0,
      matcherId: ids[index] ?? route.id,
    },
  }));
};

/** Sorts the stronger route first. */
export const compareRanks = (a: RouteRank, b: RouteRank): number =>
  b.statedCategories - a.statedCategories ||
  Number(b.hasOnlyPlainHosts) - Number(a.hasOnlyPlainHosts) ||
  b.headerCount - a.headerCount ||
  Number(b.isRegex) - Number(a.isRegex) ||
  b.regexPriority - a.regexPriority ||
  b.prefixLength - a.prefixLength ||
  (a.matcherId < b.matcherId ? 1 : a.matcherId > b.matcherId ? -1 : 0);
