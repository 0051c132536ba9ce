/** The ports through which the Admin API, the status listener and the read-only page see the running proxy. */

export type AddressHealthState = 'HEALTHY' | 'UNHEALTHY';
/** `HEALTHCHECKS_OFF`: the upstream has neither active nor passive checks; `DNS_ERROR`: the name does not resolve. */
export type TargetHealthState = AddressHealthState | 'HEALTHCHECKS_OFF' | 'DNS_ERROR';

export interface AddressHealth {
  readonly ip: string;
  readonly port: number;
  readonly weight: number;
  readonly health: TargetHealthState;
}

export interface WeightShares {
  readonly total: number;
  readonly available: number;
  readonly unavailable: number;
}

/** The balancer's view of one target, as `GET /upstreams/{upstream}/health` shows it. */
export interface TargetHealth {
  readonly targetId: string;
  readonly host: string;
  readonly port: number;
  readonly nodeWeight: number;
  readonly health: TargetHealthState;
  /**
   * What the name resolved to: `A` for an address or an A record, `SRV` for an SRV record; without any address the
   * resolver's error, such as `dns server error: 3 name error`.
   */
  readonly dns: string;
  readonly addresses: readonly AddressHealth[];
  readonly weight: WeightShares;
}

/** The balancer's view of a whole upstream, as `GET /upstreams/{upstream}/health?balancer_health=1` shows it. */
export interface BalancerHealth {
  readonly health: TargetHealthState;
  readonly weight: WeightShares;
  readonly targets: readonly TargetHealth[];
}

export interface UpstreamHealth {
  /** One entry for each target of the upstream, drained ones (weight 0) too; empty when the upstream is unknown. */
  targetHealth(upstreamId: string): readonly TargetHealth[];
  /** Undefined when the upstream is unknown. */
  balancerHealth(upstreamId: string): BalancerHealth | undefined;
  /**
   * Marks one address (`ip:port`, or `ip`) of a target, or all of them when `address` is null.
   * Answers false when the upstream, the target or the address is unknown.
   */
  setTargetHealth(upstreamId: string, targetId: string, address: string | null, healthy: boolean): boolean;
}

export interface MetricsSource {
  /** The metrics in Prometheus' text format. */
  render(): Promise<string>;
}

/** What the proxy-cache plugins keep. */
export interface CachedResponses {
  /** The response under a key, as the Admin API shows it; undefined when there is none. */
  show(key: string): Readonly<Record<string, unknown>> | undefined;
  purge(key: string): void;
  flush(): void;
}

/** Connection figures for `GET /status`. */
export interface ConnectionCounts {
  readonly accepted: number;
  readonly handled: number;
  readonly active: number;
  readonly reading: number;
  readonly writing: number;
  readonly waiting: number;
  readonly totalRequests: number;
}

/** What of the running node decides whether it is ready to serve. */
export interface NodeReadiness {
  /** Whether the database answers now. */
  databaseReachable(): Promise<boolean>;
  /** Whether the proxy has built its router from a snapshot and listens. */
  proxyReady(): boolean;
  connections(): ConnectionCounts;
}
