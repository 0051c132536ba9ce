import { HealthState } from './health-state.ts';

/** One IP address and port of a target, with what the balancer knows about it. */
export class Address {
  readonly targetId: string;
  /** The target's host as it was given: the `Host` header and TLS name towards the upstream. */
  readonly hostname: string;
  readonly ip: string;
  readonly port: number;
  weight: number;
  readonly health = new HealthState();
  /** Requests that are under way, for least-connections. */
  activeRequests = 0;
  /** Exponentially weighted response time in milliseconds, for the latency algorithm; 0 until the first answer. */
  latencyMs = 0;

  constructor(input: { targetId: string; hostname: string; ip: string; port: number; weight: number }) {
    this.targetId = input.targetId;
    this.hostname = input.hostname;
    this.ip = input.ip;
    this.port = input.port;
    this.weight = input.weight;
  }

  get isAvailable(): boolean {
    return this.weight > 0 && this.health.isHealthy;
  }

  observeLatency(latencyMs: number): void {
    this.latencyMs = this.latencyMs === 0 ? latencyMs : this.latencyMs * 0.8 + latencyMs * 0.2;
  }
}
