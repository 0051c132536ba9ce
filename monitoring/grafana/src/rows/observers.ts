import { BytesIEC, CountsPerSecond, Seconds, Short } from '@grafana/grafana-foundation-sdk/units';
import type { Row } from '../dashboard.ts';
import { above, anyIsBad, noLimit } from '../limits.ts';
import { graph, stat } from '../panels.ts';

export const prometheus: Row = {
  title: 'Prometheus',
  panels: [
    stat({
      title: 'Series',
      description:
        'Series in memory. It costs some kilobytes each; a sudden growth is a label with too many values.',
      unit: Short,
      limits: above(100_000, 250_000),
      queries: { series: 'max(prometheus_tsdb_head_series)' },
      width: 6,
    }),
    stat({
      title: 'Data on disk',
      description:
        'Blocks and write-ahead log. retention.prometheus in apictl.yaml decides how much is kept.',
      unit: BytesIEC,
      limits: noLimit,
      queries: {
        bytes:
          'max(prometheus_tsdb_storage_blocks_bytes) + max(prometheus_tsdb_wal_storage_size_bytes) + max(prometheus_tsdb_head_chunks_storage_size_bytes)',
      },
      width: 6,
    }),
    stat({
      title: 'Rules that failed',
      description:
        'Evaluations of rules that failed within five minutes: alerts that depend on them do not fire.',
      unit: Short,
      limits: anyIsBad,
      queries: { failed: 'sum(increase(prometheus_rule_evaluation_failures_total[5m]))' },
      width: 6,
    }),
    stat({
      title: 'Alerts not delivered',
      description: 'Alerts that Prometheus could not hand to Alertmanager within five minutes.',
      unit: Short,
      limits: anyIsBad,
      queries: { dropped: 'sum(increase(prometheus_notifications_dropped_total[5m]))' },
      width: 6,
    }),
    graph({
      title: 'Samples',
      description: 'Samples stored in a second.',
      unit: CountsPerSecond,
      limits: noLimit,
      queries: { samples: 'sum(rate(prometheus_tsdb_head_samples_appended_total[$__rate_interval]))' },
      width: 8,
    }),
    graph({
      title: 'Time of a scrape',
      description: 'How long each service takes to tell its metrics. At 10 s Prometheus gives up.',
      unit: Seconds,
      limits: above(5, 10),
      queries: { '{{job}} {{instance}}': 'scrape_duration_seconds' },
      width: 8,
    }),
    graph({
      title: 'Time of rules',
      description: 'How long each group of rules takes. At 15 s it is late for its next turn.',
      unit: Seconds,
      limits: above(5, 15),
      queries: { '{{rule_group}}': 'max by (rule_group) (prometheus_rule_group_last_duration_seconds)' },
      width: 8,
    }),
  ],
};

export const alertmanager: Row = {
  title: 'Alertmanager',
  panels: [
    graph({
      title: 'Alerts by state',
      description:
        'Active ones are notified, suppressed ones silenced or inhibited by another alert. The watchdog is always one of the active ones.',
      unit: Short,
      limits: noLimit,
      queries: { '{{state}}': 'sum by (state) (alertmanager_alerts)' },
      width: 8,
    }),
    graph({
      title: 'Notifications',
      description: 'Notifications sent within five minutes, and those that a receiver did not take.',
      unit: Short,
      limits: noLimit,
      queries: {
        'sent {{integration}}': 'sum by (integration) (increase(alertmanager_notifications_total[5m]))',
        'failed {{integration}}':
          'sum by (integration) (increase(alertmanager_notifications_failed_total[5m]))',
      },
      width: 8,
    }),
    graph({
      title: 'Time of a notification',
      description: 'Mean time until a receiver has taken a notification.',
      unit: Seconds,
      limits: above(5, 10),
      queries: {
        '{{integration}}':
          'sum by (integration) (increase(alertmanager_notification_latency_seconds_sum[15m])) / (sum by (integration) (increase(alertmanager_notification_latency_seconds_count[15m])) > 0)',
      },
      width: 8,
      whenEmpty: 'none sent',
    }),
  ],
};
