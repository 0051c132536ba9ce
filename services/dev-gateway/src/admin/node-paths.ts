import { hostname } from 'node:os';
import { badRequest } from '../errors/admin-error.ts';
import { GATEWAY_VERSION, TAGLINE } from '../identity.ts';
import type { CachedResponses, MetricsSource, NodeReadiness } from '../model/health.ts';
import type { SnapshotSource } from '../model/snapshot.ts';
import { BUNDLED_PLUGINS, PLUGINS } from '../schema/registry.ts';
import type { AdminAnswer, AdminPath } from './request.ts';

export interface NodeView {
  readonly nodeId: string;
  readonly readiness: NodeReadiness;
  readonly metrics: MetricsSource;
  readonly cache: CachedResponses;
  readonly snapshots: SnapshotSource;
  /** The settings of the gateway that may be shown, by Kong's names. */
  readonly configuration: Readonly<Record<string, unknown>>;
}

const UNITS: Readonly<Record<string, { readonly name: string; readonly bytes: number }>> = {
  k: { name: 'KiB', bytes: 1024 },
  m: { name: 'MiB', bytes: 1024 ** 2 },
  g: { name: 'GiB', bytes: 1024 ** 3 },
};
const MOST_DIGITS = 100;

/** `unit` (b, k, m or g) and `scale` (digits after the point) of the query say how memory is written. */
function memoryFormat(query: URLSearchParams): (bytes: number) => string {
  const given = query.get('unit') ?? 'm';
  const scale = query.has('scale') ? Number(query.get('scale')) : 2;
  if (['', 'b'].includes(given.toLowerCase())) return (bytes) => String(Math.floor(bytes));
  if (!(scale >= 0 && scale <= MOST_DIGITS)) throw badRequest('scale must be equal or greater than 0');
  const unit = UNITS[given.toLowerCase()];
  if (unit === undefined) throw badRequest(`invalid unit '${given}' (expected 'k/K', 'm/M', or 'g/G')`);
  return (bytes) => `${(bytes / unit.bytes).toFixed(Math.floor(scale))} ${unit.name}`;
}

/** `GET /status`: the database, this process' memory and the connections of the proxy. */
export async function nodeStatus(
  { readiness }: Pick<NodeView, 'readiness'>,
  query = new URLSearchParams(),
): Promise<AdminAnswer> {
  const written = memoryFormat(query);
  const connections = readiness.connections();
  const { heapUsed } = process.memoryUsage();
  return {
    status: 200,
    body: {
      database: { reachable: await readiness.databaseReachable() },
      memory: {
        workers_lua_vms: [{ pid: process.pid, http_allocated_gc: written(heapUsed) }],
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
  { path: '/status', methods: { GET: ({ query }) => nodeStatus(view, query) } },
  { path: '/metrics', methods: { GET: () => metricsAnswer(view.metrics) } },
  {
    path: '/plugins/enabled',
    methods: {
      GET: () => ({ status: 200, body: { enabled_plugins: BUNDLED_PLUGINS } }),
    },
  },
];
