import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** Milliseconds, as Kong 3.8.1 buckets what the gateway itself adds. */
const GATEWAY_BUCKETS = [1, 2, 5, 7, 10, 15, 20, 30, 50, 75, 100, 200, 500, 750, 1000, 3000, 6000];
const UPSTREAM_BUCKETS = [25, 50, 80, 100, 250, 400, 700, 1000, 2000, 5000, 10000, 30000, 60000];

const ROUTE_LABELS = ['service', 'route', 'workspace'] as const;

/** The families of Kong's prometheus plugin that count requests. Names and labels are Kong's, so dashboards fit. */
export const requestFamilies = (registry: Registry) => {
  const registers = [registry];
  return {
    requests: new Counter({
      name: 'kong_http_requests_total',
      help: 'HTTP status codes per consumer/service/route in Kong',
      labelNames: ['service', 'route', 'code', 'source', 'workspace', 'consumer'],
      registers,
    }),
    bandwidth: new Counter({
      name: 'kong_bandwidth_bytes',
      help: 'Total bandwidth (ingress/egress) throughput in bytes',
      labelNames: ['service', 'route', 'direction', 'workspace', 'consumer'],
      registers,
    }),
    gatewayLatency: new Histogram({
      name: 'kong_kong_latency_ms',
      help: 'Latency added by Kong and enabled plugins for each service/route in Kong',
      labelNames: ROUTE_LABELS,
      buckets: GATEWAY_BUCKETS,
      registers,
    }),
    upstreamLatency: new Histogram({
      name: 'kong_upstream_latency_ms',
      help: 'Latency added by upstream response for each service/route in Kong',
      labelNames: ROUTE_LABELS,
      buckets: UPSTREAM_BUCKETS,
      registers,
    }),
    requestLatency: new Histogram({
      name: 'kong_request_latency_ms',
      help: 'Total latency incurred during requests for each service/route in Kong',
      labelNames: ROUTE_LABELS,
      buckets: UPSTREAM_BUCKETS,
      registers,
    }),
  };
};

/** The families that describe the node and its upstreams, filled when they are read. */
export const nodeFamilies = (registry: Registry) => {
  const gauge = <T extends string>(name: string, help: string, labelNames: readonly T[]) =>
    new Gauge<T>({ name, help, labelNames, registers: [registry] });
  return {
    nodeInfo: gauge('kong_node_info', 'Kong Node metadata information', ['node_id', 'version']),
    datastoreReachable: gauge(
      'kong_datastore_reachable',
      'Datastore reachable from Kong, 0 is unreachable',
      [],
    ),
    connections: gauge('kong_nginx_connections_total', 'Number of connections by subsystem', [
      'node_id',
      'subsystem',
      'state',
    ]),
    requestsTotal: gauge('kong_nginx_requests_total', 'Number of requests total', ['node_id', 'subsystem']),
    timers: gauge('kong_nginx_timers', 'Number of nginx timers', ['state']),
    workerMemory: gauge('kong_memory_workers_lua_vms_bytes', 'Allocated bytes in the heap of the worker', [
      'node_id',
      'pid',
      'kong_subsystem',
    ]),
    targetHealth: gauge(
      'kong_upstream_target_health',
      'Health status of targets of upstream. States = healthchecks_off|healthy|unhealthy|dns_error, value is 1 when state is populated.',
      ['upstream', 'target', 'address', 'state', 'subsystem'],
    ),
    metricErrors: new Counter({
      name: 'kong_nginx_metric_errors_total',
      help: 'Number of nginx-lua-prometheus errors',
      registers: [registry],
    }),
    unsupportedPlugins: gauge(
      'apictl_gateway_unsupported_plugin',
      'Enabled plugins that the development gateway has no code for, or could not start',
      ['plugin'],
    ),
    rejectedRoutes: gauge(
      'apictl_gateway_rejected_routes',
      'Routes that could not be compiled and are not served',
      [],
    ),
  };
};
