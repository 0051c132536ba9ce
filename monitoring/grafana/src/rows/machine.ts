import { BytesIEC, BytesPerSecondSI, PercentUnit, Short } from '@grafana/grafana-foundation-sdk/units';
import type { Row } from '../dashboard.ts';
import { above, below, noLimit } from '../limits.ts';
import { graph, stacked } from '../panels.ts';

const DISKS = 'fstype!~"tmpfs|overlay|squashfs|ramfs"';

export const machine: Row = {
  title: 'Machine',
  panels: [
    stacked({
      title: 'CPU',
      description:
        'Share of all CPUs by what they do. iowait: they wait for disks; steal: the host of this machine is busy.',
      unit: PercentUnit,
      limits: above(0.8, 0.95),
      queries: {
        '{{mode}}':
          'sum by (mode) (rate(node_cpu_seconds_total{mode!="idle"}[$__rate_interval])) / scalar(count(count by (cpu) (node_cpu_seconds_total)))',
      },
      width: 8,
    }),
    graph({
      title: 'Load by CPU',
      description:
        'Processes that run or wait to run, for each CPU. Above 1 for long: there is more work than CPUs.',
      unit: Short,
      limits: above(1, 2),
      queries: {
        '1 minute': 'max(node_load1) / count(count by (cpu) (node_cpu_seconds_total))',
        '15 minutes': 'max(node_load15) / count(count by (cpu) (node_cpu_seconds_total))',
      },
      width: 8,
    }),
    graph({
      title: 'Memory left',
      description:
        'Memory that programs can still have, by all memory. Below 10 % the kernel soon ends processes.',
      unit: PercentUnit,
      limits: below(0.2, 0.1),
      queries: { left: 'node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes' },
      width: 8,
    }),
    graph({
      title: 'Disks, space left',
      description: 'Space left on each file system. At 5 % of it databases stop to write.',
      unit: PercentUnit,
      limits: below(0.25, 0.05),
      queries: {
        '{{mountpoint}}': `node_filesystem_avail_bytes{${DISKS}} / node_filesystem_size_bytes`,
      },
      width: 8,
    }),
    graph({
      title: 'Disks, read and written',
      description: 'Bytes read from and written to each device.',
      unit: BytesPerSecondSI,
      limits: noLimit,
      queries: {
        'read {{device}}': 'rate(node_disk_read_bytes_total[$__rate_interval])',
        'written {{device}}': 'rate(node_disk_written_bytes_total[$__rate_interval])',
      },
      width: 8,
    }),
    graph({
      title: 'Memory of processes',
      description: 'Resident memory of what tells its own, by service.',
      unit: BytesIEC,
      limits: noLimit,
      queries: { '{{job}} {{instance}}': 'process_resident_memory_bytes' },
      width: 8,
    }),
  ],
};

export const containers: Row = {
  title: 'Containers (cAdvisor, official flavour only)',
  panels: [
    graph({
      title: 'CPU by container',
      description: 'CPUs that each container keeps busy.',
      unit: Short,
      limits: noLimit,
      queries: {
        '{{name}}': 'sum by (name) (rate(container_cpu_usage_seconds_total{name!=""}[$__rate_interval]))',
      },
      whenEmpty: 'not measured in this flavour',
    }),
    graph({
      title: 'Memory by its limit',
      description: 'Memory in use by the limit of the container. At the limit the kernel ends it.',
      unit: PercentUnit,
      limits: above(0.8, 0.9),
      queries: {
        '{{name}}':
          'max by (name) (container_memory_working_set_bytes{name!=""}) / (max by (name) (container_spec_memory_limit_bytes{name!=""}) > 0)',
      },
      whenEmpty: 'not measured in this flavour',
    }),
    graph({
      title: 'Network by container',
      description: 'Bytes that each container receives and sends.',
      unit: BytesPerSecondSI,
      limits: noLimit,
      queries: {
        'in {{name}}':
          'sum by (name) (rate(container_network_receive_bytes_total{name!=""}[$__rate_interval]))',
        'out {{name}}':
          'sum by (name) (rate(container_network_transmit_bytes_total{name!=""}[$__rate_interval]))',
      },
      whenEmpty: 'not measured in this flavour',
    }),
    graph({
      title: 'Starts by container',
      description: 'How often each container was started anew within a quarter of an hour.',
      unit: Short,
      limits: above(1, 3),
      queries: {
        '{{name}}': 'max by (name) (changes(container_start_time_seconds{name!=""}[15m]))',
      },
      whenEmpty: 'not measured in this flavour',
    }),
  ],
};
