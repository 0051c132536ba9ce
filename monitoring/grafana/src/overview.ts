import {
  BoolYesNo,
  DurationSeconds,
  Milliseconds,
  PercentUnit,
  RequestsPerSecond,
  Short,
} from '@grafana/grafana-foundation-sdk/units';
import { dashboard, type Row } from './dashboard.ts';
import { above, anyIsBad, below, failedRequests, latencyMs, noLimit, oneIsGood } from './limits.ts';
import { graph, stacked, stat, states, table } from './panels.ts';
import { UID } from './uids.ts';

const DAY_SECONDS = 86_400;

const now: Row = {
  title: 'Now',
  panels: [
    stat({
      title: 'Alerts firing',
      description:
        'Alerts that fire, without the watchdog, which always does. docs/alerts.md says what to do about each.',
      unit: Short,
      limits: anyIsBad,
      queries: { firing: 'count(ALERTS{alertstate="firing", alertname!="Watchdog"}) or vector(0)' },
    }),
    stat({
      title: 'Targets down',
      description: 'Services that do not answer Prometheus.',
      unit: Short,
      limits: anyIsBad,
      queries: { down: 'count(up == 0) or vector(0)' },
    }),
    stat({
      title: 'Requests',
      description: 'Requests that the gateway answers, over all routes.',
      unit: RequestsPerSecond,
      limits: noLimit,
      queries: { requests: 'sum(rate(kong_http_requests_total[$__rate_interval]))' },
      more: UID.gateway,
    }),
    stat({
      title: 'Failed requests',
      description:
        'Answers with a status of 500 and above, by all answers, over the window of the alert HighErrorRate. Red from its default limit on.',
      unit: PercentUnit,
      limits: failedRequests,
      queries: { failed: 'gateway:error_ratio' },
      whenEmpty: 'no traffic',
      more: UID.gateway,
    }),
    stat({
      title: 'Slowest of a hundred',
      description: 'Of a hundred requests, one takes this long or longer; over all routes and five minutes.',
      unit: Milliseconds,
      limits: latencyMs,
      queries: {
        p99: 'histogram_quantile(0.99, sum by (le) (rate(kong_request_latency_ms_bucket[5m])))',
      },
      whenEmpty: 'no traffic',
      more: UID.gateway,
    }),
    stat({
      title: 'Healthy backends',
      description: 'Targets to which the gateway sends requests, by all targets of its upstreams.',
      unit: PercentUnit,
      limits: below(1, 0.5),
      queries: {
        healthy:
          'avg(max by (upstream, target) (kong_upstream_target_health{state=~"healthy|healthchecks_off"}))',
      },
      more: UID.backends,
    }),
    stat({
      title: 'Gateway from outside',
      description: 'Whether the gateway answers its health route, over HTTP and over TLS.',
      unit: BoolYesNo,
      limits: oneIsGood,
      queries: { answers: 'min(probe_success{job=~"gateway-.+"})' },
    }),
    stat({
      title: 'Certificate expires in',
      description:
        'What is left of the certificate that the gateway shows. "apictl certs renew" makes a new one.',
      unit: DurationSeconds,
      limits: below(30 * DAY_SECONDS, 7 * DAY_SECONDS),
      queries: { left: 'min(probe_ssl_earliest_cert_expiry) - time()' },
    }),
    stat({
      title: 'Error budget, 6 hours',
      description:
        'Failed by all requests of the last six hours, health checks left out. Red from the ratio on at which a month’s budget of 0.1 % is gone in five days.',
      unit: PercentUnit,
      limits: above(0.001, 0.006),
      queries: { failed: 'gateway:error_budget_ratio:rate6h' },
      whenEmpty: 'no traffic',
      more: UID.gateway,
    }),
    stat({
      title: 'Oldest log event waiting',
      description: 'Age of the oldest event that the logging service has on disk but not in its store yet.',
      unit: DurationSeconds,
      limits: above(30, 300),
      queries: { age: 'max(logging_oldest_unstored_seconds)' },
      more: UID.logging,
    }),
    stat({
      title: 'Memory left',
      description: 'Memory of the machine that programs can still have.',
      unit: PercentUnit,
      limits: below(0.2, 0.1),
      queries: { left: 'min(node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes)' },
      more: UID.hosts,
    }),
    stat({
      title: 'Fullest disk, left',
      description: 'Space that is left on the fullest file system of the machine.',
      unit: PercentUnit,
      limits: below(0.25, 0.05),
      queries: {
        left: 'min(node_filesystem_avail_bytes{fstype!~"tmpfs|overlay|squashfs|ramfs"} / node_filesystem_size_bytes)',
      },
      more: UID.hosts,
    }),
  ],
};

const traffic: Row = {
  title: 'Traffic',
  panels: [
    stacked({
      title: 'Requests by status',
      description:
        'What the gateway answers, by status: 5xx are failures of the platform, 4xx mostly the clients’.',
      unit: RequestsPerSecond,
      limits: noLimit,
      queries: { '{{code}}': 'sum by (code) (rate(kong_http_requests_total[$__rate_interval]))' },
      width: 8,
      more: UID.gateway,
    }),
    graph({
      title: 'Failed requests',
      description: 'Failed by all requests of each route, over five minutes.',
      unit: PercentUnit,
      limits: failedRequests,
      queries: { '{{service}} / {{route}}': 'service_route:error_ratio:rate5m' },
      width: 8,
      more: UID.gateway,
    }),
    graph({
      title: 'Latency, one of a hundred',
      description: 'Of a hundred requests to a route, one takes this long or longer, over five minutes.',
      unit: Milliseconds,
      limits: latencyMs,
      queries: { '{{service}} / {{route}}': 'service_route:request_latency_ms:p99_5m' },
      width: 8,
      more: UID.gateway,
    }),
  ],
};

const services: Row = {
  title: 'Services',
  panels: [
    states({
      title: 'Services that answer',
      description: 'Whether each service answers Prometheus. A gap means that Prometheus itself did not run.',
      unit: BoolYesNo,
      limits: oneIsGood,
      queries: { '{{job}} {{instance}}': 'max by (job, instance) (up)' },
      good: 'answers',
      bad: 'does not answer',
    }),
    table({
      title: 'Alerts',
      description:
        'Alerts that wait for their time (pending) or fire. The watchdog always fires: where it is missing, alerting does not work.',
      unit: Short,
      limits: noLimit,
      queries: { alerts: 'ALERTS' },
      hidden: ['Time', 'Value', '__name__', 'stack'],
    }),
  ],
};

export const overview = dashboard({
  uid: UID.overview,
  title: 'Platform overview',
  description: 'Is the platform well, and if not, where to look.',
  rows: [now, traffic, services],
});
