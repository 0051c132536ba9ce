/** Traffic, errors and latencies, in figures and over time. */
import type { HistogramAnswer, RouteDocument } from '../api/answers.ts';
import { startsOf } from './histogram.ts';

/** What a chart draws: seconds since 1970, and one list of values for each line; null is a gap. */
export type Series = readonly [readonly number[], ...(readonly (number | null)[])[]];

/** Requests a second, and those of them that the server failed at. */
export function trafficSeries(answer: HistogramAnswer): Series {
  const perSecond = (value: number): number => value / answer.bucket_seconds;
  return [
    startsOf(answer),
    answer.buckets.map(({ requests }) => perSecond(requests)),
    answer.buckets.map(({ server_errors }) => perSecond(server_errors)),
  ];
}

/** p50, p95 and p99 in milliseconds. */
export function latencySeries(answer: HistogramAnswer): Series {
  const percentile = (name: 'p50' | 'p95' | 'p99') =>
    answer.buckets.map(({ duration_ms }) => duration_ms?.[name] ?? null);
  return [startsOf(answer), percentile('p50'), percentile('p95'), percentile('p99')];
}

/** The columns that routes can be sorted by. */
export const ROUTE_COLUMNS = {
  requests: { title: 'requests', value: (route: RouteDocument) => route.requests },
  rate: { title: 'per second', value: (route: RouteDocument) => route.requests_per_second },
  errors: { title: '5xx', value: (route: RouteDocument) => route.error_rate },
  clientErrors: { title: '4xx', value: (route: RouteDocument) => route.client_errors },
  p50: { title: 'p50', value: (route: RouteDocument) => route.duration_ms?.p50 ?? -1 },
  p95: { title: 'p95', value: (route: RouteDocument) => route.duration_ms?.p95 ?? -1 },
  p99: { title: 'p99', value: (route: RouteDocument) => route.duration_ms?.p99 ?? -1 },
} as const;

export type RouteColumn = keyof typeof ROUTE_COLUMNS;

/** Largest first; what is equal keeps the order of its names. */
export function sortedRoutes(routes: readonly RouteDocument[], by: RouteColumn): RouteDocument[] {
  const { value } = ROUTE_COLUMNS[by];
  const name = (route: RouteDocument): string => `${route['service.name']} ${route['http.route']}`;
  return routes.toSorted((one, other) => value(other) - value(one) || name(one).localeCompare(name(other)));
}
