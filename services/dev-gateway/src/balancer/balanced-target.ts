import type { Target } from '../model/entities.ts';
import type { AddressHealth, TargetHealth, TargetHealthState, WeightShares } from '../model/health.ts';
import { Address } from './address.ts';
import type { Resolution } from './resolver.ts';
import { splitTarget } from './target-address.ts';

/** A target with the addresses that its name resolves to now. */
export class BalancedTarget {
  readonly id: string;
  readonly host: string;
  readonly port: number;
  #weight: number;
  #addresses: Address[] = [];
  #dnsError: string | undefined;
  #isResolved = false;

  constructor(target: Target) {
    const { host, port } = splitTarget(target.target);
    this.id = target.id;
    this.host = host;
    this.port = port;
    this.#weight = target.weight;
  }

  get addresses(): readonly Address[] {
    return this.#addresses;
  }

  get isResolved(): boolean {
    return this.#isResolved;
  }

  setWeight(weight: number): void {
    this.#weight = weight;
    for (const address of this.#addresses) address.weight = weight;
  }

  /** Takes over a resolution. An address that stays keeps its health. Answers whether the set of addresses changed. */
  applyResolution(resolution: Resolution): boolean {
    const known = new Map(this.#addresses.map((address) => [address.ip, address]));
    const next = resolution.addresses.map(
      (ip) =>
        known.get(ip) ??
        new Address({ targetId: this.id, hostname: this.host, ip, port: this.port, weight: this.#weight }),
    );
    const changed = next.length !== this.#addresses.length || next.some((address) => !known.has(address.ip));
    this.#addresses = next;
    this.#dnsError = resolution.error;
    this.#isResolved = true;
    return changed;
  }

  shares(): WeightShares {
    const total = this.#addresses.reduce((sum, address) => sum + address.weight, 0);
    const available = this.#addresses
      .filter((address) => address.isAvailable)
      .reduce((sum, address) => sum + address.weight, 0);
    return { total, available, unavailable: total - available };
  }

  /** @param isChecked false when the upstream has no health checks, and so no opinion */
  report(isChecked: boolean): TargetHealth {
    const stateOf = (address: Address): TargetHealthState => {
      if (!isChecked) return 'HEALTHCHECKS_OFF';
      return address.health.isHealthy ? 'HEALTHY' : 'UNHEALTHY';
    };
    const addresses: AddressHealth[] = this.#addresses.map((address) => ({
      ip: address.ip,
      port: address.port,
      weight: address.weight,
      health: stateOf(address),
    }));
    return {
      targetId: this.id,
      host: this.host,
      port: this.port,
      nodeWeight: this.#weight,
      health: this.#state(isChecked),
      dns: this.#dnsError ?? 'A',
      addresses,
      weight: this.shares(),
    };
  }

  /** A target is well as long as one of its addresses is. */
  #state(isChecked: boolean): TargetHealthState {
    if (this.#addresses.length === 0) return 'DNS_ERROR';
    if (!isChecked) return 'HEALTHCHECKS_OFF';
    return this.#addresses.some((address) => address.health.isHealthy) ? 'HEALTHY' : 'UNHEALTHY';
  }
}
