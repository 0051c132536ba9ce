import {
  BoolYesNo,
  BytesIEC,
  DurationSeconds,
  OpsPerSecond,
  PercentUnit,
  Short,
} from '@grafana/grafana-foundation-sdk/units';
import type { Row } from '../dashboard.ts';
import { above, below, noLimit, oneIsGood } from '../limits.ts';
import { graph, stacked, stat } from '../panels.ts';

export const postgres: Row = {
  title: 'PostgreSQL',
  panels: [
    stat({
      title: 'Answers',
      description: 'Whether PostgreSQL answers its exporter.',
      unit: BoolYesNo,
      limits: oneIsGood,
      queries: { up: 'min(pg_up)' },
      width: 6,
    }),
    stat({
      title: 'Connections in use',
      description: 'By max_connections. At the limit new connections are refused, those of the gateway too.',
      unit: PercentUnit,
      limits: above(0.6, 0.8),
      queries: { used: 'sum(pg_stat_activity_count) / max(pg_settings_max_connections)' },
      width: 6,
    }),
    stat({
      title: 'Longest transaction',
      description:
        'How long the longest transaction has run. A long one keeps old rows from being cleaned away.',
      unit: DurationSeconds,
      limits: above(60, 600),
      queries: { longest: 'max(pg_stat_activity_max_tx_duration)' },
      width: 6,
    }),
    stat({
      title: 'Found in memory',
      description:
        'Blocks that were read from memory instead of disk, since the statistics began. Low: shared_buffers is too small.',
      unit: PercentUnit,
      limits: below(0.95, 0.8),
      queries: {
        hits: 'sum(pg_stat_database_blks_hit) / (sum(pg_stat_database_blks_hit) + sum(pg_stat_database_blks_read))',
      },
      width: 6,
    }),
    stacked({
      title: 'Connections by state',
      description: 'Idle in transaction: a program forgot to end it.',
      unit: Short,
      limits: noLimit,
      queries: { '{{state}}': 'sum by (state) (pg_stat_activity_count) > 0' },
      width: 8,
    }),
    graph({
      title: 'Transactions',
      description: 'Transactions that ended well (commit) or were taken back (rollback), by database.',
      unit: OpsPerSecond,
      limits: noLimit,
      queries: {
        'commit {{datname}}':
          'sum by (datname) (rate(pg_stat_database_xact_commit{datname!~"template.*|"}[$__rate_interval]))',
        'rollback {{datname}}':
          'sum by (datname) (rate(pg_stat_database_xact_rollback{datname!~"template.*|"}[$__rate_interval]))',
      },
      width: 8,
    }),
    graph({
      title: 'Size',
      description: 'Bytes of each database on disk.',
      unit: BytesIEC,
      limits: noLimit,
      queries: { '{{datname}}': 'max by (datname) (pg_database_size_bytes{datname!~"template.*"})' },
      width: 8,
    }),
    graph({
      title: 'Deadlocks',
      description:
        'Transactions that waited for each other within five minutes; PostgreSQL ended one of them.',
      unit: Short,
      limits: above(1, 10),
      queries: {
        '{{datname}}': 'sum by (datname) (increase(pg_stat_database_deadlocks{datname!~"template.*|"}[5m]))',
      },
    }),
    graph({
      title: 'Locks',
      description:
        'Locks held or waited for, by mode. Many exclusive ones: something changes tables or waits for them.',
      unit: Short,
      limits: above(100, 1000),
      queries: { '{{mode}}': 'sum by (mode) (pg_locks_count)' },
    }),
  ],
};
