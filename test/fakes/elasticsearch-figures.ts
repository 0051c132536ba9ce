/**
 * What Elasticsearch 8 tells of itself where its exporter asks, by hand, after the documentation of the APIs: cluster health and the
 * statistics of nodes, as far as figures are made of them.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Health = 'green' | 'yellow' | 'red';

export interface MeasuredElasticsearch {
  readonly url: string;
  health: Health;
  /** Who asked, as `user:password`, in order. */
  readonly users: string[];
  close(): Promise<void>;
}

const DATA = '/usr/share/elasticsearch/data';
const DISK = { total_in_bytes: 100e9, free_in_bytes: 80e9, available_in_bytes: 77e9 };
const ROLES = [
  ...['data', 'data_cold', 'data_content', 'data_frozen', 'data_hot', 'data_warm', 'ingest', 'master'],
  ...['ml', 'remote_cluster_client', 'transform'],
];

/** https://www.elastic.co/docs/api/doc/elasticsearch/v8/operation/operation-nodes-stats */
const NODE = {
  timestamp: 1_764_151_200_000,
  ...{
    name: 'elasticsearch',
    host: '172.18.0.9',
    ip: '172.18.0.9:9300',
    transport_address: '172.18.0.9:9300',
  },
  roles: ROLES,
  attributes: {},
  indices: {
    docs: { count: 51_200, deleted: 0 },
    indexing: { index_total: 51_200, index_time_in_millis: 8_100 },
    search: { query_total: 840, query_time_in_millis: 4_200 },
  },
  jvm: {
    mem: {
      ...{ heap_used_in_bytes: 310e6, heap_committed_in_bytes: 536_870_912, heap_max_in_bytes: 536_870_912 },
      ...{ non_heap_used_in_bytes: 140e6, non_heap_committed_in_bytes: 150e6 },
    },
  },
  fs: { total: DISK, data: [{ path: DATA, mount: `${DATA} (/dev/vda)`, type: 'ext4', ...DISK }] },
  http: { current_open: 3, total_opened: 40 },
};

const NAMES = { name: 'elasticsearch', cluster_name: 'apictl' };

/** https://www.elastic.co/docs/api/doc/elasticsearch/v8/operation/operation-cluster-health */
const healthAnswer = (status: Health) => ({
  ...{ cluster_name: 'apictl', status, timed_out: false, number_of_nodes: 1, number_of_data_nodes: 1 },
  ...{ active_primary_shards: 31, active_shards: 31, relocating_shards: 0, initializing_shards: 0 },
  ...{ unassigned_shards: 0, delayed_unassigned_shards: 0, number_of_pending_tasks: 0 },
  ...{
    number_of_in_flight_fetch: 0,
    task_max_waiting_in_queue_millis: 0,
    active_shards_percent_as_number: 100,
  },
});

export async function measuredElasticsearch(): Promise<MeasuredElasticsearch> {
  const fake: { -readonly [K in keyof MeasuredElasticsearch]: MeasuredElasticsearch[K] } = {
    ...{ url: '', health: 'green', users: [] },
    close: () => new Promise((resolve) => void server.close(() => resolve())),
  };
  const answerTo = (path: string): unknown => {
    if (path === '/') return { ...NAMES, cluster_uuid: 'kXq0vJ3mQ7e1', version: { number: '8.19.20' } };
    if (path === '/_cluster/health') return healthAnswer(fake.health);
    if (path === '/_nodes/stats') return { cluster_name: 'apictl', nodes: { kXq0: NODE } };
    if (path === '/_all/_stats') return { _all: {}, indices: {} };
    return path === '/_cat/shards' ? [] : undefined;
  };
  const server = createServer((request, response) => {
    const login = request.headers.authorization?.replace('Basic ', '') ?? '';
    fake.users.push(Buffer.from(login, 'base64').toString('utf8'));
    const answer = answerTo(new URL(request.url ?? '', 'http://elasticsearch').pathname);
    response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer ?? { error: 'no handler', status: 404 }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  fake.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return fake;
}
