import { readdirSync, readFileSync } from 'node:fs';

/** Metrics of test/fixtures/metrics, as Prometheus has them once it has scraped their targets. */

const folder = new URL('../fixtures/metrics/', import.meta.url);

export interface Series {
  readonly name: string;
  /** Between braces, with job and instance. */
  readonly labels: string;
  readonly value: number;
  /** It only grows: counters, and the buckets, sums and counts of histograms. */
  readonly grows: boolean;
}

const LOGSTASH = 'http://logstash:9600/_node/stats/pipelines/main';

/** Job and instance of each recorded target, as in monitoring/prometheus/prometheus.yml. */
const TARGETS: Readonly<Record<string, readonly [string, string]>> = {
  alertmanager: ['alertmanager', 'alertmanager:9093'],
  backend: ['backends', 'backend-1:8000'],
  'blackbox-exporter-http': ['gateway-http', 'http://kong:8000/healthz'],
  'blackbox-exporter-tls': ['gateway-tls', 'https://kong:8443/healthz'],
  'blackbox-exporter-logstash': ['logstash', LOGSTASH],
  'blackbox-exporter-logstash-dead-letters': ['logstash-dead-letters', LOGSTASH],
  'blackbox-exporter-logstash-queue': ['logstash-queue', LOGSTASH],
  cadvisor: ['containers', 'cadvisor:8080'],
  'elasticsearch-exporter': ['elasticsearch', 'elasticsearch-exporter:9114'],
  kong: ['kong', 'kong:8100'],
  logging: ['logging', 'logging:8081'],
  'node-exporter': ['node', 'node-exporter:9100'],
  'postgres-exporter': ['postgres', 'postgres-exporter:9187'],
  prometheus: ['prometheus', '127.0.0.1:9090'],
};

const SAMPLE = /^(?<name>[a-zA-Z_:][\w:]*)(?:\{(?<labels>.*)\})? (?<value>\S+)$/;

/** What the targets of a flavour tell, and what Prometheus adds for each. */
export function recordedSeries(flavour: 'embedded' | 'official'): readonly Series[] {
  return readdirSync(new URL(`${flavour}/`, folder)).flatMap((file) => {
    const target = TARGETS[file.replace('.txt', '')];
    if (target === undefined) throw new Error(`no target is known for ${flavour}/${file}`);
    const own = `job="${target[0]}",instance="${target[1]}"`;
    return [
      { name: 'up', labels: own, value: 1, grows: false },
      { name: 'scrape_duration_seconds', labels: own, value: 0.01, grows: false },
      ...readSamples(readFileSync(new URL(`${flavour}/${file}`, folder), 'utf8'), own),
    ];
  });
}

function readSamples(text: string, ownLabels: string): Series[] {
  const growing = new Set<string>();
  return text.split('\n').flatMap((line) => {
    const [, family, type] = /^# TYPE (\S+) (\S+)$/.exec(line) ?? [];
    if (family !== undefined && (type === 'counter' || type === 'histogram' || type === 'summary')) {
      for (const suffix of ['', '_bucket', '_sum', '_count']) growing.add(family + suffix);
    }
    if (line === '' || line.startsWith('#')) return [];
    const { name = '', labels = '', value = '' } = SAMPLE.exec(line)?.groups ?? {};
    if (name === '') throw new Error(`no sample of a metric: ${line}`);
    return [
      {
        name,
        labels: labels === '' ? ownLabels : `${labels},${ownLabels}`,
        value: Number(value.replace('Inf', 'Infinity')),
        grows: growing.has(name),
      },
    ];
  });
}
