import { describe, expect, it } from 'vitest';
import type { HistogramAnswer, RouteDocument } from '../../../web/api/answers.ts';
import { latencySeries, sortedRoutes, trafficSeries } from '../../../web/model/overview.ts';

const route = (name: string, requests: number, p95: number | null): RouteDocument => ({
  'service.name': 'backend',
  'http.route': name,
  requests,
  requests_per_second: requests / 60,
  server_errors: 0,
  client_errors: 0,
  error_rate: 0,
  duration_ms: p95 === null ? null : { p50: 1, p95, p99: p95 },
  upstream_ms: null,
});

describe('the overview', () => {
  const bucket = { events: 9, errors: 1, warnings: 0 };
  const answer: HistogramAnswer = {
    since: '2026-01-01T00:00:00.000000Z',
    until: '2026-01-01T00:00:20.000000Z',
    bucket_seconds: 10,
    buckets: [
      {
        ...bucket,
        from: '2026-01-01T00:00:00.000000Z',
        requests: 30,
        server_errors: 5,
        duration_ms: { p50: 1, p95: 2, p99: 3 },
      },
      { ...bucket, from: '2026-01-01T00:00:10.000000Z', requests: 0, server_errors: 0, duration_ms: null },
    ],
  };
  const start = Date.UTC(2026, 0, 1) / 1000;

  it('counts requests by the second, whatever the width of a bucket', () => {
    expect(trafficSeries(answer)).toEqual([
      [start, start + 10],
      [3, 0],
      [0.5, 0],
    ]);
  });

  it('leaves a gap where nothing was answered', () => {
    expect(latencySeries(answer).slice(1)).toEqual([
      [1, null],
      [2, null],
      [3, null],
    ]);
  });

  it('sorts routes by what one asks for, those without an answer last, equal ones by name', () => {
    const routes = [route('b', 5, 10), route('a', 5, null), route('c', 1, 90)];
    const names = (by: 'requests' | 'p95') => sortedRoutes(routes, by).map((each) => each['http.route']);
    expect(names('requests')).toEqual(['a', 'b', 'c']);
    expect(names('p95')).toEqual(['c', 'b', 'a']);
  });
});
