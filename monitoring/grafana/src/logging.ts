import {
  BoolYesNo,
  BytesIEC,
  CountsPerSecond,
  DurationSeconds,
  EventsPerSecond,
  PercentUnit,
  RequestsPerSecond,
  Seconds,
  Short,
} from '@grafana/grafana-foundation-sdk/units';
import { dashboard, type Row } from './dashboard.ts';
import { above, failedEvents, noLimit, oneIsGood } from './limits.ts';
import { graph, stacked, stat } from './panels.ts';
import { UID } from './uids.ts';

const rate = (metric: string): string => `rate(${metric}[$__rate_interval])`;

const percentile = (quantile: number): string =>
  `histogram_quantile(${quantile}, sum by (le) (${rate('logging_acknowledge_seconds_bucket')}))`;

const now: Row = {
  title: 'Now',
  panels: [
    stat({
      title: 'Takes events',
      description:
        'Whether the logging service takes events and stores them. GET /readyz on its port says what is not well.',
      unit: BoolYesNo,
      limits: oneIsGood,
      queries: { ready: 'min(logging_ready)' },
    }),
    stat({
      title: 'Books',
      description:
        'Accepted events less those stored, already there, waiting, dead-lettered or quarantined: 0. Anything else was lost, or counted twice.',
      unit: Short,
      limits: above(1, 1000),
      queries: {
        difference: 'abs(sum(logging_books_difference))',
      },
    }),
    stat({
      title: 'Oldest event waiting',
      description: 'Age of the oldest event that is on disk and not in the store yet.',
      unit: DurationSeconds,
      limits: above(30, 300),
      queries: { age: 'max(logging_oldest_unstored_seconds)' },
    }),
    stat({
      title: 'Dead letters',
      description:
        'Events that the store refused and that wait for another try. GET /api/v1/dead-letters says why.',
      unit: Short,
      limits: above(1, 100),
      queries: { letters: 'sum(logging_dead_letters)' },
    }),
    stat({
      title: 'Quarantined',
      description:
        'Events damaged on disk or refused for good, since the data directory began. They are kept aside.',
      unit: Short,
      limits: above(1, 100),
      queries: { events: 'sum(logging_events_quarantined_total)' },
    }),
    stat({
      title: 'Failures',
      description:
        'Failures by all events, over the window of the alert LoggingHighErrorRate. Red from its default limit on.',
      unit: PercentUnit,
      limits: failedEvents,
      queries: { failures: 'logging:error_ratio' },
      whenEmpty: 'no events',
    }),
  ],
};

const flow: Row = {
  title: 'Events',
  panels: [
    stacked({
      title: 'Accepted by source',
      description: 'Events made durable. A source that falls silent while it works has lost its way here.',
      unit: EventsPerSecond,
      limits: noLimit,
      queries: { '{{source}}': `sum by (source) (${rate('logging_events_accepted_total')})` },
    }),
    graph({
      title: 'Accepted and stored',
      description: 'What comes in and what becomes of it. Stored below accepted for long: the buffer grows.',
      unit: EventsPerSecond,
      limits: noLimit,
      queries: {
        accepted: `sum(${rate('logging_events_accepted_total')})`,
        stored: `sum(${rate('logging_events_stored_total')})`,
        'already there': `sum(${rate('logging_events_duplicate_total')})`,
        'removed by retention': `sum(${rate('logging_events_expired_total')})`,
      },
    }),
    graph({
      title: 'Failures by kind',
      description:
        'What the service failed at. buffer_full, disk and store: space; rejected: a sender’s fault; sink: Elasticsearch; follow and rotate: the log files.',
      unit: CountsPerSecond,
      limits: above(0.1, 1),
      queries: { '{{kind}}': `sum by (kind) (${rate('logging_errors_total')})` },
    }),
    graph({
      title: 'Time to acknowledge',
      description:
        'From a parsed batch to its being safe on disk: half, 95 and 99 of a hundred batches are faster.',
      unit: Seconds,
      limits: above(0.25, 1),
      queries: { p50: percentile(0.5), p95: percentile(0.95), p99: percentile(0.99) },
      whenEmpty: 'no events',
    }),
  ],
};

const backlog: Row = {
  title: 'Backlog',
  panels: [
    graph({
      title: 'Events waiting',
      description: 'Events that are on disk and not in the store yet.',
      unit: Short,
      limits: above(10_000, 100_000),
      queries: { buffered: 'sum(logging_buffer_events)', 'dead letters': 'sum(logging_dead_letters)' },
      width: 8,
    }),
    graph({
      title: 'Buffer',
      description: 'Bytes of the buffer in use. When it is full, senders are told to come back later.',
      unit: BytesIEC,
      limits: above(64 * 1024 ** 2, 256 * 1024 ** 2),
      queries: { used: 'sum(logging_buffer_bytes)' },
      width: 8,
    }),
    graph({
      title: 'Files not read yet',
      description: 'Bytes of the followed log files that are still to be read.',
      unit: BytesIEC,
      limits: above(8 * 1024 ** 2, 64 * 1024 ** 2),
      queries: { lag: 'sum(logging_follow_lag_bytes)' },
      width: 8,
    }),
  ],
};

const sink: Row = {
  title: 'Elasticsearch',
  panels: [
    graph({
      title: 'Offered to Elasticsearch',
      description:
        'Events by what became of them. Expired: retention removed them before Elasticsearch took them. Only where the profile elk runs.',
      unit: EventsPerSecond,
      limits: noLimit,
      queries: { '{{outcome}}': `sum by (outcome) (${rate('logging_sink_events_total')})` },
      whenEmpty: 'Elasticsearch does not run',
    }),
    graph({
      title: 'Waiting for Elasticsearch',
      description: 'Events that Elasticsearch is still to get; measured every ten seconds.',
      unit: Short,
      limits: above(10_000, 1_000_000),
      queries: { waiting: 'sum(logging_sink_backlog_events)' },
      whenEmpty: 'Elasticsearch does not run',
    }),
    graph({
      title: 'Refused by Elasticsearch',
      description:
        'Events that Elasticsearch refused and that wait for another try, and failed attempts to reach it.',
      unit: Short,
      limits: above(1, 100),
      queries: {
        refused: 'sum(logging_sink_dead_letters)',
        'failures, 5 minutes': 'sum(increase(logging_sink_retries_total[5m]))',
      },
    }),
  ],
};

const service: Row = {
  title: 'Service',
  panels: [
    stacked({
      title: 'Requests',
      description: 'What the service answers. 429 and 503: senders keep their events and come back.',
      unit: RequestsPerSecond,
      limits: noLimit,
      queries: {
        '{{listener}} {{route}} {{code}}': `sum by (listener, route, code) (${rate('logging_requests_total')})`,
      },
    }),
    graph({
      title: 'Followed files',
      description: 'Log files being followed, and what happened to them within five minutes.',
      unit: Short,
      limits: noLimit,
      queries: {
        followed: 'sum(logging_followed_files)',
        'renamed because of their size': 'sum(increase(logging_file_rotations_total[5m]))',
        'removed after they were read': 'sum(increase(logging_file_removals_total[5m]))',
        'cut or written anew': 'sum(increase(logging_file_truncations_total[5m]))',
      },
    }),
    graph({
      title: 'Memory',
      description: 'Memory of the process, as the kernel sees it, and what of it JavaScript uses.',
      unit: BytesIEC,
      limits: above(384 * 1024 ** 2, 480 * 1024 ** 2),
      queries: {
        resident: 'process_resident_memory_bytes{job="logging"}',
        heap: 'nodejs_heap_size_used_bytes{job="logging"}',
      },
    }),
    graph({
      title: 'Event loop',
      description:
        'How late the process comes to its work, the slowest of a hundred times. Above 100 ms it is short of CPU.',
      unit: Seconds,
      limits: above(0.1, 0.5),
      queries: { p99: 'nodejs_eventloop_lag_p99_seconds{job="logging"}' },
    }),
  ],
};

export const logging = dashboard({
  uid: UID.logging,
  title: 'Logging pipeline',
  description: 'Whether every log event arrives, is kept, and how far behind the pipeline is.',
  rows: [now, flow, backlog, sink, service],
});
