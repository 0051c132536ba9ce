import type { Target } from '../model/entities.ts';
import type { BalancerHealth, TargetHealth, UpstreamHealth } from '../model/health.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { type BalancerWorld, UpstreamBalancer } from './upstream-balancer.ts';

const byUpstream = (targets: Snapshot['targets']): Map<string, Target[]> => {
  const grouped = new Map<string, Target[]>();
  for (const target of targets.values()) {
    const list = grouped.get(target.upstream.id);
    if (list) list.push(target);
    else grouped.set(target.upstream.id, [target]);
  }
  return grouped;
};

/** The balancers of all upstreams, kept in step with the snapshots. What did not change keeps its health and its turn. */
export class Upstreams implements UpstreamHealth {
  readonly #world: BalancerWorld;
  readonly #byId = new Map<string, UpstreamBalancer>();
  #byName = new Map<string, UpstreamBalancer>();

  constructor(world: BalancerWorld) {
    this.#world = world;
  }

  apply(snapshot: Pick<Snapshot, 'upstreams' | 'targets'>): void {
    for (const [id, balancer] of this.#byId) {
      if (snapshot.upstreams.has(id)) continue;
      balancer.stop();
      this.#byId.delete(id);
    }
    const targets = byUpstream(snapshot.targets);
    const byName = new Map<string, UpstreamBalancer>();
    for (const upstream of snapshot.upstreams.values()) {
      const balancer = this.#byId.get(upstream.id) ?? new UpstreamBalancer(upstream, this.#world);
      balancer.setUpstream(upstream);
      balancer.setTargets(targets.get(upstream.id) ?? []);
      this.#byId.set(upstream.id, balancer);
      byName.set(upstream.name.toLowerCase(), balancer);
    }
    this.#byName = byName;
  }

  /** A service whose host is an upstream's name is balanced over that upstream. */
  named(host: string): UpstreamBalancer | undefined {
    return this.#byName.get(host) ?? this.#byName.get(host.toLowerCase());
  }

  all(): Iterable<UpstreamBalancer> {
    return this.#byId.values();
  }

  targetHealth(upstreamId: string): readonly TargetHealth[] {
    return this.#byId.get(upstreamId)?.targetHealth() ?? [];
  }

  balancerHealth(upstreamId: string): BalancerHealth | undefined {
    return this.#byId.get(upstreamId)?.balancerHealth();
  }

  setTargetHealth(upstreamId: string, targetId: string, address: string | null, healthy: boolean): boolean {
    return this.#byId.get(upstreamId)?.setHealth(targetId, address, healthy) ?? false;
  }

  stop(): void {
    for (const balancer of this.#byId.values()) balancer.stop();
    this.#byId.clear();
    this.#byName = new Map();
  }
}
