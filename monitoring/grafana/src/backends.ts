import {
  BoolYesNo,
  PercentUnit,
  RequestsPerSecond,
  Seconds,
  Short,
} from '@grafana/grafana-foundation-sdk/units';
import { dashboard, type Row } from './dashboard.ts';
import { above, anyIsBad, failedRequests, latencySeconds, noLimit, oneIsGood } from './limits.ts';
import { graph, stacked, stat, states, table } from './panels.ts';
import { UID } from './uids.ts';
import { labelValues } from './variables.ts';

const CHOSEN = 'instance=~"$instance"';
/** Without what the health checks and Prometheus ask for. */
const USERS = `${CHOSEN}, route!~"/healthz.*|/metrics"`;

const requests = (labels: string): string => `rate(backend_http_requests_total{${labels}}[$__rate_interval])`;

const percentile = (quantile: number, by: string): string =>
  `histogram_quantile(${quantile}, sum by (${by}, le) (rate(backend_http_request_duration_seconds_bucket{${USERS}}[$__rate_interval])))`;

const instances: Row = {
  title: 'Instances',
  panels: [
    graph({
      title: 'Requests by instance',
      description:
        'Requests that each instance answers, health checks left out. The gateway gives each its share.',
      unit: RequestsPerSecond,
      limits: noLimit,
      queries: { '{{instance}}': `sum by (instance) (${requests(USERS)})` },
    }),
    graph({
      title: 'Failed requests by instance',
      description:
        'Answers with a status of 500 and above, by all answers of the instance. One alone: restart it; all of them: look at what they share.',
      unit: PercentUnit,
      limits: failedRequests,
      queries: {
        '{{instance}}': `(sum by (instance) (${requests(`${USERS}, status=~"5.."`)}) or 0 * sum by (instance) (${requests(USERS)})) / sum by (instance) (${requests(USERS)})`,
      },
      whenEmpty: 'no traffic',
    }),
    graph({
      title: 'Latency by instance',
      description: 'From the first middleware to the finished answer: half and 99 of a hundred are faster.',
      unit: Seconds,
      limits: latencySeconds,
      queries: {
        'p50 {{instance}}': percentile(0.5, 'instance'),
        'p99 {{instance}}': percentile(0.99, 'instance'),
      },
      whenEmpty: 'no traffic',
    }),
    graph({
      title: 'In flight',
      description:
        'Requests being worked on at the moment of the scrape, which is one of them. Many: the workers do not keep up.',
      unit: Short,
      limits: above(16, 64),
      queries: { '{{instance}}': `sum by (instance) (backend_http_requests_in_flight{${CHOSEN}})` },
    }),
    states({
      title: 'As the gateway sees them',
      description: 'Whether the gateway sends requests to each target of its upstreams.',
      unit: BoolYesNo,
      limits: oneIsGood,
      queries: {
        '{{target}}': 'max by (target) (kong_upstream_target_health{state=~"healthy|healthchecks_off"})',
      },
      good: 'healthy',
      bad: 'unhealthy',
    }),
    states({
      title: 'As Prometheus sees them',
      description: 'Whether each instance answers its metrics.',
      unit: BoolYesNo,
      limits: oneIsGood,
      queries: { '{{instance}}': `up{job="backends", ${CHOSEN}}` },
      good: 'answers',
      bad: 'does not answer',
    }),
  ],
};

const routes: Row = {
  title: 'Routes',
  panels: [
    stacked({
      title: 'Requests by route and status',
      description: 'What the chosen instances answer, health checks included.',
      unit: RequestsPerSecond,
      limits: noLimit,
      queries: { '{{route}} {{status}}': `sum by (route, status) (${requests(CHOSEN)})` },
    }),
    graph({
      title: 'Latency by route',
      description: '95 of a hundred requests to the route are faster.',
      unit: Seconds,
      limits: latencySeconds,
      queries: { '{{route}}': percentile(0.95, 'route') },
      whenEmpty: 'no traffic',
    }),
  ],
};

const processes: Row = {
  title: 'Processes',
  panels: [
    stat({
      title: 'Log lines lost',
      description:
        'Lines that could not be written to the log file within five minutes: its volume is full or not writable.',
      unit: Short,
      limits: anyIsBad,
      queries: { lost: `sum(increase(backend_log_file_lines_lost_total{${CHOSEN}}[5m]))` },
      width: 6,
    }),
    stat({
      title: 'Versions',
      description:
        'How many versions of the backend run at the same time. More than one outside of a roll-out: an instance was left behind.',
      unit: Short,
      limits: above(2, 3),
      queries: { versions: 'count(count by (version) (backend_build_info))' },
      width: 6,
    }),
    table({
      title: 'What runs',
      description: 'Version of the backend, of Django and of Python in each instance.',
      unit: Short,
      limits: noLimit,
      queries: { instances: `backend_build_info{${CHOSEN}}` },
      hidden: ['Time', 'Value', '__name__', 'job', 'instance_name'],
    }),
  ],
};

export const backends = dashboard({
  uid: UID.backends,
  title: 'Backends',
  description: 'How each instance of the backend does, and whether they share the work.',
  variables: [labelValues('instance', 'up{job="backends"}')],
  rows: [instances, routes, processes],
});
