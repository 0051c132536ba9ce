import type { Declared } from '../format/flatten.ts';
import { isFields, revealed, type Value } from '../model/value.ts';
import { type Probe, pluginsOn, probesOf, textsIn } from './probe.ts';

/**
 * A path of the service behind an upstream whose answer names the target that gave it. Only whoever knows the service knows such a
 * path, so that it is not in the file.
 */
export interface WhoAnswers {
  readonly upstream: string;
  /** `/api/v1/whoami`, as the target gets it. */
  readonly path: string;
  /** The field of its JSON answer. */
  readonly field: string;
  /** Target address -> what stands in the field when that target answered. */
  readonly names: Readonly<Record<string, string>>;
}

export interface ShareProbe {
  /** One for each door that leads there. */
  readonly probes: readonly Probe[];
  /** Name -> its part of all answers, the sum is 1. */
  readonly shares: Readonly<Record<string, number>>;
  readonly requests: number;
}

const REQUESTS_PER_TARGET = 30;
const DEFAULT_WEIGHT = 100;
const LIMITS = ['second', 'minute', 'hour', 'day', 'month', 'year'];

/** What to send to see that each target answers in its share, or why that cannot be told. Pure. */
export function shareProbe(
  declared: readonly Declared[],
  who: WhoAnswers,
): ShareProbe | { readonly why: string } {
  const targets = declared.filter(
    ({ kind, references: { upstream }, fields }) =>
      kind === 'target' &&
      upstream !== undefined &&
      'key' in upstream &&
      upstream.key === who.upstream &&
      weightOf(fields.weight) > 0,
  );
  if (targets.length === 0) return { why: 'the file declares no target for it' };
  const total = targets.reduce((sum, { fields }) => sum + weightOf(fields.weight), 0);
  const shares: Record<string, number> = {};
  for (const { fields } of targets) {
    const name = who.names[String(revealed(fields.target ?? null))];
    if (name === undefined) return { why: `${String(fields.target)} does not say which target it is` };
    shares[name] = (shares[name] ?? 0) + weightOf(fields.weight) / total;
  }
  const requests = REQUESTS_PER_TARGET * targets.length;
  const byRoute = probesOf(declared).flatMap((derived) => {
    if ('why' in derived || derived.probe.terminatedWith !== undefined) return [];
    const route = declared.find(({ kind, name }) => kind === 'route' && name === derived.probe.route);
    const path = route === undefined ? undefined : pathTo(who, route, declared);
    if (route === undefined || path === undefined || isLimitedBelow(2 * requests, route, declared)) return [];
    return [{ ...derived.probe, method: 'GET', path }];
  });
  const [first] = [...byRoute].sort((a, b) => Object.keys(a.headers).length - Object.keys(b.headers).length);
  if (first === undefined) return { why: `no route leads to ${who.path}` };
  return { probes: byRoute.filter(({ route }) => route === first.route), shares, requests };
}

const weightOf = (value: Value | undefined): number => {
  const weight = value == null ? DEFAULT_WEIGHT : Number(revealed(value));
  return Number.isFinite(weight) ? weight : 0;
};

/** The path to ask the proxy for, so that the service gets the wanted one; undefined where this route cannot. */
function pathTo(who: WhoAnswers, route: Declared, declared: readonly Declared[]): string | undefined {
  const methods = textsIn(route.fields.methods);
  if (methods.length > 0 && !methods.includes('GET')) return undefined;
  const to = route.references.service;
  const service = declared.find(
    ({ kind, key }) => kind === 'service' && to !== undefined && 'key' in to && to.key === key,
  );
  if (service === undefined || revealed(service.fields.host ?? null) !== who.upstream) return undefined;
  const base = String(revealed(service.fields.path ?? '')).replace(/\/+$/, '');
  if (!who.path.startsWith(`${base}/`)) return undefined;
  const below = who.path.slice(base.length);
  const prefixes = textsIn(route.fields.paths).filter((path) => path.startsWith('/'));
  if (prefixes.length === 0) return textsIn(route.fields.paths).length === 0 ? below : undefined;
  if (route.fields.strip_path === false)
    return prefixes.some((prefix) => below.startsWith(prefix)) ? below : undefined;
  return `${prefixes[0]?.replace(/\/+$/, '')}${below}`;
}

/** Whether a limit of requests would end the question before its answer. */
const isLimitedBelow = (requests: number, route: Declared, declared: readonly Declared[]): boolean =>
  pluginsOn(route, declared).some(({ fields: { name, config } }) => {
    if (name !== 'rate-limiting' || !isFields(config)) return false;
    const limits = LIMITS.map((period) => config[period]).filter((limit) => limit != null);
    return limits.some((limit) => Number(revealed(limit ?? null)) < requests);
  });
