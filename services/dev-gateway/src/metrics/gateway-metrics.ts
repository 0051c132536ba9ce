import type { Registry } from 'prom-client';
import { joinHostPort } from '../balancer/target-address.ts';
import type { Upstreams } from '../balancer/upstreams.ts';
import type { ConnectionCounts, MetricsSource, TargetHealthState } from '../model/health.ts';
import { nodeFamilies } from './families.ts';

export interface GatewayMetricsOptions {
  readonly registry: Registry;
  readonly nodeId: string;
  readonly version: string;
  readonly upstreams: Upstreams;
  readonly connections: () => ConnectionCounts;
  readonly databaseReachable: () => Promise<boolean>;
  /** Names of enabled plugins that are not served. */
  readonly unsupportedPlugins: () => Iterable<string>;
  readonly rejectedRouteCount: () => number;
  /** Whether an enabled prometheus plugin asks for the health of targets. */
  readonly wantsTargetHealth: () => boolean;
}

const HEALTH_STATES = ['dns_error', 'healthchecks_off', 'healthy', 'unhealthy'] as const;
type HealthLabel = (typeof HEALTH_STATES)[number];

const labelOf = (state: TargetHealthState): HealthLabel => state.toLowerCase() as HealthLabel;

/** Fills what describes the node each time the metrics are read, and renders all of them. */
export const gatewayMetrics = (options: GatewayMetricsOptions): MetricsSource => {
  const families = nodeFamilies(options.registry);
  const node = { node_id: options.nodeId };

  const fillNode = async (): Promise<void> => {
    families.nodeInfo.set({ ...node, version: options.version }, 1);
    const isReachable = await options.databaseReachable().catch(() => false);
    families.datastoreReachable.set(isReachable ? 1 : 0);
    const counts = options.connections();
    for (const state of ['accepted', 'active', 'handled', 'reading', 'waiting', 'writing'] as const) {
      families.connections.set({ ...node, subsystem: 'http', state }, counts[state]);
    }
    families.connections.set({ ...node, subsystem: 'http', state: 'total' }, counts.totalRequests);
    families.requestsTotal.set({ ...node, subsystem: 'http' }, counts.totalRequests);
    const timers = process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    families.timers.set({ state: 'pending' }, timers);
    families.timers.set({ state: 'running' }, 0);
    const memory = process.memoryUsage().heapUsed;
    families.workerMemory.set({ ...node, pid: String(process.pid), kong_subsystem: 'http' }, memory);
  };

  const fillTargets = (): void => {
    families.targetHealth.reset();
    if (!options.wantsTargetHealth()) return;
    for (const balancer of options.upstreams.all()) {
      for (const target of balancer.targetHealth()) {
        const name = joinHostPort(target.host, target.port);
        const rows =
          target.addresses.length === 0
            ? [{ address: '', health: target.health }]
            : target.addresses.map(({ ip, port, health }) => ({ address: joinHostPort(ip, port), health }));
        for (const { address, health } of rows) {
          for (const state of HEALTH_STATES) {
            families.targetHealth.set(
              { upstream: balancer.upstream.name, target: name, address, state, subsystem: 'http' },
              state === labelOf(health) ? 1 : 0,
            );
          }
        }
      }
    }
  };

  return {
    render: async () => {
      await fillNode();
      fillTargets();
      families.unsupportedPlugins.reset();
      for (const plugin of options.unsupportedPlugins()) families.unsupportedPlugins.set({ plugin }, 1);
      families.rejectedRoutes.set(options.rejectedRouteCount());
      return options.registry.metrics();
    },
  };
};
