import { hostname } from 'node:os';
import { GATEWAY_VERSION, TAGLINE } from '../identity.ts';
import type { MetricsSource, NodeReadiness } from '../model/health.ts';
import type { SnapshotSource } from '../model/snapshot.ts';
import { PLUGINS } from '../schema/registry.ts';
import type { AdminAnswer, AdminPath } from './request.ts';

const MIB = 1024 * 1024;

export interface NodeView {
  readonly nodeId: string;
  readonly readiness: NodeReadiness;
  readonly metrics: MetricsSource;
  readonly snapshots: SnapshotSource;
  /** The settings of the gateway that may be shown, by Kong's names. */
  readonly configuration: Readonly<Record<string, unknown>>;
}

/** `GET /status`: the database, this process' memory and the connections of the proxy. */
export async function nodeStatus({ readiness }: Pick<NodeView, 'readiness'>): Promise<AdminAnswer> {
  const connections = readiness.connections();
  const { heapUsed } = process.memoryUsage();
  return {
    status: 200,
    body: {
      database: { reachable: await readiness.databaseReachable() },
      memory: {
        workers_lua_vms: [{ pid: process.pid, http_allocated_gc: `${(heapUsed / MIB).toFixed(2)} MiB` }],
        lua_shared_dicts: {},
      },
      server: {
        connections_accepted: connections.accepted,
        connections_active: connections.active,
        connections_handled: connections.handled,
        connections_reading: connections.reading,
        connections_waiting: connections.waiting,
        connections_writing: connections.writing,
        total_requests: connections.totalRequests,
      },
    },
  };
}

/** `GET /metrics` in the text format of Prometheus. */
export const metricsAnswer = async (metrics: MetricsSource): Promise<AdminAnswer> => ({
  status: 200,
  headers: { 'content-type': 'text/plain; charset=UTF-8' },
  body: await metrics.render(),
});

/** `GET /`: what this is, and which plugins are there. */
function nodeInformation(view: NodeView): AdminAnswer {
  const enabled = new Set([...view.snapshots.current().plugins.values()].map(({ name }) => name));
  const available = PLUGINS.map(({ name, priority }) => [name, { version: GATEWAY_VERSION, priority }]);
  return {
    status: 200,
    body: {
      version: GATEWAY_VERSION,
      edition: 'community',
      tagline: TAGLINE,
      hostname: hostname(),
      node_id: view.nodeId,
      pids: { master: process.pid, workers: [process.pid] },
      plugins: {
        enabled_in_cluster: [...enabled].sort(),
        available_on_server: Object.fromEntries(available),
      },
      configuration: view.configuration,
    },
  };
}

export const nodePaths = (view: NodeView): AdminPath[] => [
  { path: '/', methods: { GET: () => nodeInformation(view) } },
  { path: '/status', methods: { GET: () => nodeStatus(view) } },
  { path: '/metrics', methods: { GET: () => metricsAnswer(view.metrics) } },
  {
    path: '/plugins/enabled',
    methods: {
      GET: () => ({ status: 200, body: { enabled_plugins: PLUGINS.map(({ name }) => name) } }),
    },
  },
];
