import { EventsPerSecond, PercentUnit, Seconds, Short } from '@grafana/grafana-foundation-sdk/units';
import type { Row } from '../dashboard.ts';
import { above, anyIsBad, below, noLimit } from '../limits.ts';
import { graph, stat } from '../panels.ts';

const whenEmpty = 'Elasticsearch does not run';

export const elasticsearch: Row = {
  title: 'Elasticsearch (profile elk, official flavour only)',
  panels: [
    stat({
      title: 'Health',
      description:
        '0 green, 1 yellow: replicas are missing, 2 red: primary shards are missing, parts of the logs are not to be had.',
      unit: Short,
      limits: above(1, 2),
      queries: {
        health:
          'max(elasticsearch_cluster_health_status{color="yellow"}) + 2 * max(elasticsearch_cluster_health_status{color="red"})',
      },
      width: 6,
      whenEmpty,
    }),
    stat({
      title: 'Nodes',
      description: 'Nodes of the cluster: this stack has one.',
      unit: Short,
      limits: below(1, 1),
      queries: { nodes: 'max(elasticsearch_cluster_health_number_of_nodes)' },
      width: 6,
      whenEmpty,
    }),
    stat({
      title: 'Unassigned shards',
      description: 'Shards that are on no node. Mostly replicas that a single node cannot have.',
      unit: Short,
      limits: anyIsBad,
      queries: { shards: 'max(elasticsearch_cluster_health_unassigned_shards)' },
      width: 6,
      whenEmpty,
    }),
    stat({
      title: 'Disk left',
      description: 'Below 10 % it moves shards away, below 5 % it makes indices read-only.',
      unit: PercentUnit,
      limits: below(0.2, 0.1),
      queries: {
        left: 'min(elasticsearch_filesystem_data_available_bytes / elasticsearch_filesystem_data_size_bytes)',
      },
      width: 6,
      whenEmpty,
    }),
    graph({
      title: 'Heap in use',
      description: 'Of the memory given to Java. Above 85 % it collects garbage all the time.',
      unit: PercentUnit,
      limits: above(0.75, 0.85),
      queries: {
        '{{name}}':
          'max by (name) (elasticsearch_jvm_memory_used_bytes{area="heap"}) / max by (name) (elasticsearch_jvm_memory_max_bytes{area="heap"})',
      },
      width: 8,
      whenEmpty,
    }),
    graph({
      title: 'Documents written',
      description: 'Documents indexed, by node.',
      unit: EventsPerSecond,
      limits: noLimit,
      queries: {
        '{{name}}': 'sum by (name) (rate(elasticsearch_indices_indexing_index_total[$__rate_interval]))',
      },
      width: 8,
      whenEmpty,
    }),
    graph({
      title: 'Time of a search',
      description: 'Mean time of a query on a shard.',
      unit: Seconds,
      limits: above(0.5, 2),
      queries: {
        '{{name}}':
          'sum by (name) (rate(elasticsearch_indices_search_query_time_seconds[$__rate_interval])) / sum by (name) (rate(elasticsearch_indices_search_query_total[$__rate_interval]))',
      },
      width: 8,
      whenEmpty,
    }),
  ],
};
