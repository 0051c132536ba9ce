import {
  BoolYesNo,
  BytesIEC,
  BytesPerSecondSI,
  CountsPerSecond,
  Milliseconds,
  PercentUnit,
  RequestsPerSecond,
  Short,
} from '@grafana/grafana-foundation-sdk/units';
import { dashboard, type Row } from './dashboard.ts';
import { above, anyIsBad, failedRequests, latencyMs, noLimit, oneIsGood } from './limits.ts';
import { graph, heatmap, stacked, stat, states } from './panels.ts';
import { UID } from './uids.ts';
import { labelValues } from './variables.ts';

/** What is chosen above the panels. */
const CHOSEN = 'service=~"$service", route=~"$route"';

const percentile = (quantile: number, family: string): string =>
  `histogram_quantile(${quantile}, sum by (le) (rate(${family}_bucket{${CHOSEN}}[$__rate_interval])))`;

const traffic: Row = {
  title: 'Traffic',
  panels: [
    graph({
      title: 'Requests by route',
      description: 'Requests of each route, over five minutes.',
      unit: RequestsPerSecond,
      limits: noLimit,
      queries: { '{{service}} / {{route}}': `service_route:requests:rate5m{${CHOSEN}}` },
      width: 8,
    }),
    stacked({
      title: 'Requests by status',
      description: 'What the gateway answers, by status.',
      unit: RequestsPerSecond,
      limits: noLimit,
      queries: {
        '{{code}}': `sum by (code) (rate(kong_http_requests_total{${CHOSEN}}[$__rate_interval]))`,
      },
      width: 8,
    }),
    stacked({
      title: 'Answered by the gateway itself',
      description:
        'Answers that no backend gave: 401 a missing key, 429 a limit reached, 502 to 504 a backend that was not reached in time.',
      unit: RequestsPerSecond,
      limits: noLimit,
      queries: {
        '{{code}} {{route}}': `sum by (code, route) (rate(kong_http_requests_total{source="kong", ${CHOSEN}}[$__rate_interval]))`,
      },
      width: 8,
      whenEmpty: 'none',
    }),
    graph({
      title: 'Requests by consumer',
      description: 'The ten consumers with the most requests. Requests without a consumer are not shown.',
      unit: RequestsPerSecond,
      limits: noLimit,
      queries: {
        '{{consumer}}': `topk(10, sum by (consumer) (rate(kong_http_requests_total{consumer!="", ${CHOSEN}}[$__rate_interval])))`,
      },
      width: 8,
      whenEmpty: 'none',
    }),
    stacked({
      title: 'Bandwidth',
      description: 'Bytes of requests (ingress) and answers (egress), headers included.',
      unit: BytesPerSecondSI,
      limits: noLimit,
      queries: {
        '{{direction}}': `sum by (direction) (rate(kong_bandwidth_bytes{${CHOSEN}}[$__rate_interval]))`,
      },
      width: 8,
    }),
    graph({
      title: 'Connections',
      description:
        'Connections of clients by what they do. Those that read and write grow where backends are slow.',
      unit: Short,
      limits: noLimit,
      queries: {
        '{{state}}': 'sum by (state) (kong_nginx_connections_total{state=~"active|reading|writing|waiting"})',
      },
      width: 8,
    }),
  ],
};

const errors: Row = {
  title: 'Failures',
  panels: [
    graph({
      title: 'Failed requests by route',
      description: 'Answers with a status of 500 and above, by all answers of the route, over five minutes.',
      unit: PercentUnit,
      limits: failedRequests,
      queries: { '{{service}} / {{route}}': `service_route:error_ratio:rate5m{${CHOSEN}}` },
    }),
    graph({
      title: 'Error budget',
      description:
        'Failed by all requests, health checks left out, over the windows in which the error budget is watched. At 1.4 % a month’s budget of 0.1 % is gone in two days, at 0.6 % in five.',
      unit: PercentUnit,
      limits: above(0.006, 0.0144),
      queries: {
        '5 minutes': 'gateway:error_budget_ratio:rate5m',
        '30 minutes': 'gateway:error_budget_ratio:rate30m',
        '1 hour': 'gateway:error_budget_ratio:rate1h',
        '6 hours': 'gateway:error_budget_ratio:rate6h',
      },
      whenEmpty: 'no traffic',
    }),
  ],
};

const latency: Row = {
  title: 'Latency',
  panels: [
    graph({
      title: 'Latency by route',
      description:
        'From the first byte of the request to the last of the answer: half, 95 and 99 of a hundred are faster.',
      unit: Milliseconds,
      limits: latencyMs,
      queries: {
        'p50 {{route}}': `service_route:request_latency_ms:p50_5m{${CHOSEN}}`,
        'p95 {{route}}': `service_route:request_latency_ms:p95_5m{${CHOSEN}}`,
        'p99 {{route}}': `service_route:request_latency_ms:p99_5m{${CHOSEN}}`,
      },
    }),
    heatmap({
      title: 'Spread of latency',
      description:
        'How many requests took how long. Two bands are two kinds of requests, or two kinds of backends.',
      unit: Milliseconds,
      limits: noLimit,
      queries: {
        '{{le}}': `sum by (le) (increase(kong_request_latency_ms_bucket{${CHOSEN}}[$__rate_interval]))`,
      },
    }),
    graph({
      title: 'Gateway’s own and backend’s time',
      description:
        '95 of a hundred are faster. What the gateway and its plugins add is some milliseconds; where the backend’s time grows, look at the backends.',
      unit: Milliseconds,
      limits: latencyMs,
      queries: {
        gateway: percentile(0.95, 'kong_kong_latency_ms'),
        backend: percentile(0.95, 'kong_upstream_latency_ms'),
        whole: percentile(0.95, 'kong_request_latency_ms'),
      },
    }),
    graph({
      title: 'Time that the gateway adds',
      description:
        'Mean time in the gateway and its plugins, by route. Above 50 ms a plugin is slow, or the machine busy.',
      unit: Milliseconds,
      limits: above(50, 200),
      queries: {
        '{{route}}': `sum by (route) (rate(kong_kong_latency_ms_sum{${CHOSEN}}[$__rate_interval])) / sum by (route) (rate(kong_kong_latency_ms_count{${CHOSEN}}[$__rate_interval]))`,
      },
    }),
  ],
};

const upstreams: Row = {
  title: 'Upstreams',
  panels: [
    states({
      title: 'Targets',
      description: 'Whether the gateway sends requests to each target.',
      unit: BoolYesNo,
      limits: oneIsGood,
      queries: {
        '{{upstream}} {{target}}':
          'max by (upstream, target) (kong_upstream_target_health{state=~"healthy|healthchecks_off"})',
      },
      good: 'healthy',
      bad: 'unhealthy',
    }),
    graph({
      title: 'Targets out of use',
      description: 'Targets that fail their health check (unhealthy) or whose name is not found (dns_error).',
      unit: Short,
      limits: anyIsBad,
      queries: {
        '{{upstream}} {{state}}':
          'sum by (upstream, state) (kong_upstream_target_health{state=~"unhealthy|dns_error"})',
      },
    }),
  ],
};

const node: Row = {
  title: 'Node',
  panels: [
    stat({
      title: 'Database',
      description:
        'Whether the gateway reaches its database. It serves on without it, but cannot be configured.',
      unit: BoolYesNo,
      limits: oneIsGood,
      queries: { reachable: 'min(kong_datastore_reachable)' },
      width: 6,
    }),
    stat({
      title: 'Metrics lost',
      description:
        'Metrics that the gateway could not count within five minutes, mostly because their shared memory is full.',
      unit: Short,
      limits: anyIsBad,
      queries: { lost: 'sum(increase(kong_nginx_metric_errors_total[5m]))' },
      width: 6,
    }),
    stat({
      title: 'Timers waiting',
      description:
        'Timers that wait for their turn: with many of them, health checks and log plugins fall behind.',
      unit: Short,
      limits: above(1000, 5000),
      queries: { pending: 'sum(kong_nginx_timers{state="pending"})' },
      width: 6,
    }),
    stat({
      title: 'Connections accepted',
      description: 'New connections in a second. As many as requests: clients do not keep their connections.',
      unit: CountsPerSecond,
      limits: noLimit,
      queries: { accepted: 'sum(rate(kong_nginx_connections_total{state="accepted"}[$__rate_interval]))' },
      width: 6,
    }),
    graph({
      title: 'Memory of workers',
      description: 'Memory of each worker’s Lua machine. One that only grows has a leak.',
      unit: BytesIEC,
      limits: above(512 * 1024 ** 2, 1024 ** 3),
      queries: { 'worker {{pid}}': 'kong_memory_workers_lua_vms_bytes' },
    }),
    graph({
      title: 'Shared memory',
      description: 'Used by what is set aside for each shared dictionary. Only the published Kong has them.',
      unit: PercentUnit,
      limits: above(0.8, 0.95),
      queries: {
        '{{shared_dict}}': 'kong_memory_lua_shared_dict_bytes / kong_memory_lua_shared_dict_total_bytes',
      },
      whenEmpty: 'not measured in this flavour',
    }),
  ],
};

export const gateway = dashboard({
  uid: UID.gateway,
  title: 'Gateway',
  description: 'What the gateway answers, how fast, and whose fault it is where it fails.',
  variables: [
    labelValues('service', 'kong_http_requests_total'),
    labelValues('route', 'kong_http_requests_total{service=~"$service"}'),
  ],
  rows: [traffic, errors, latency, upstreams, node],
});
