import type { Target, Upstream } from '../model/entities.ts';
import type { BalancerHealth, TargetHealth, WeightShares } from '../model/health.ts';
import { ActiveChecks } from './active-checks.ts';
import type { Address } from './address.ts';
import { type Algorithm, createAlgorithm } from './algorithms.ts';
import { BalancedTarget } from './balanced-target.ts';
import { type HashInput, hashValue } from './hash-value.ts';
import { activeThresholds, hasHealthchecks, type Observation, passiveThresholds } from './health-state.ts';
import type { Probe } from './probe.ts';
import type { HostResolver } from './resolver.ts';

export interface HealthChange {
  readonly upstream: string;
  readonly address: Address;
  readonly isHealthy: boolean;
  readonly cause: string;
}

export interface BalancerWorld {
  readonly resolver: HostResolver;
  readonly probe: Probe;
  readonly onHealthChange: (change: HealthChange) => void;
  /** How many turns of round robin run side by side; 1 unless told. */
  readonly turnCount?: number;
}

interface WatchedTarget {
  readonly target: BalancedTarget;
  readonly entity: Target;
  readonly stopWatching: () => void;
}

/** How long requests wait for the first answer of the DNS about a new target. */
const FIRST_RESOLUTION_MS = 1_000;

/** The running balancer of one upstream: its targets, their addresses and health, and whose turn it is. */
export class UpstreamBalancer {
  #upstream: Upstream;
  readonly #world: BalancerWorld;
  readonly #targets = new Map<string, WatchedTarget>();
  #algorithm: Algorithm;
  #checks: ActiveChecks;
  #addresses: readonly Address[] = [];
  #whenResolved: (() => void)[] = [];
  #resolveByTick = 0;

  constructor(upstream: Upstream, world: BalancerWorld) {
    this.#upstream = upstream;
    this.#world = world;
    this.#algorithm = createAlgorithm(this.#effective(upstream), this.#world.turnCount);
    this.#checks = this.#startChecks();
  }

  get upstream(): Upstream {
    return this.#upstream;
  }

  /** Takes over a changed upstream; the health that the addresses have stays. */
  setUpstream(upstream: Upstream): void {
    if (upstream === this.#upstream) return;
    this.#upstream = upstream;
    this.#algorithm = createAlgorithm(this.#effective(upstream), this.#world.turnCount);
    this.#algorithm.rebuild(this.#addresses);
    this.#checks.stop();
    this.#checks = this.#startChecks();
  }

  /** Takes over the upstream's present targets. */
  setTargets(targets: readonly Target[]): void {
    const wanted = new Map(targets.map((target) => [target.id, target]));
    let changed = false;
    for (const [id, { stopWatching, entity }] of this.#targets) {
      const next = wanted.get(id);
      if (next && next.target === entity.target) continue;
      stopWatching();
      this.#targets.delete(id);
      changed = true;
    }
    for (const entity of targets) {
      const known = this.#targets.get(entity.id);
      if (!known) {
        this.#add(entity);
        changed = true;
      } else if (known.entity.weight !== entity.weight) {
        known.target.setWeight(entity.weight);
        this.#targets.set(entity.id, { ...known, entity });
        changed = true;
      }
    }
    if (changed) this.#rebuild();
  }

  /**
   * Resolves when the DNS has answered for every target once, so that the first request is not answered too early; or
   * after a moment, so that one name that is slow to resolve does not hold up the targets that are known.
   */
  async resolved(): Promise<void> {
    while (!this.isResolved) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.max(this.#resolveByTick - performance.now(), 1));
        this.#whenResolved.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  get isResolved(): boolean {
    return this.#isResolved() || performance.now() >= this.#resolveByTick;
  }

  /**
   * The address that serves this request, preferring those that were not tried for it. Undefined when no target is
   * available, or when less of the upstream's weight is available than its threshold asks for.
   */
  pick(input: () => HashInput, tried: ReadonlySet<Address>): Address | undefined {
    // Without a threshold there is nothing to add up: picking finds out by itself that nobody is left.
    if (this.#upstream.healthchecks.threshold > 0 && !this.#meetsThreshold()) return undefined;
    const value = this.#upstream.hash_on === 'none' ? undefined : hashValue(this.#upstream, input());
    const untried =
      tried.size === 0
        ? undefined
        : this.#algorithm.pick((address) => address.isAvailable && !tried.has(address), value);
    return untried ?? this.#algorithm.pick((address) => address.isAvailable, value);
  }

  /** What the proxy saw when it used the address. */
  observePassively(address: Address, observation: Observation): void {
    if (address.health.observe(observation, passiveThresholds(this.#upstream.healthchecks))) {
      this.#tell(address, `proxied requests (${observation})`);
    }
  }

  /** What a response status says to the passive checks: nothing, unless it is in one of the two lists. */
  observeStatus(address: Address, status: number): void {
    const { passive } = this.#upstream.healthchecks;
    if (passive.unhealthy.http_statuses.includes(status)) this.observePassively(address, 'http-failure');
    else if (passive.healthy.http_statuses.includes(status)) this.observePassively(address, 'success');
  }

  targetHealth(): TargetHealth[] {
    const isChecked = hasHealthchecks(this.#upstream.healthchecks);
    return [...this.#targets.values()].map(({ target }) => target.report(isChecked));
  }

  balancerHealth(): BalancerHealth {
    const isChecked = hasHealthchecks(this.#upstream.healthchecks);
    const state = this.#meetsThreshold() ? 'HEALTHY' : 'UNHEALTHY';
    return {
      health: isChecked ? state : 'HEALTHCHECKS_OFF',
      weight: this.#shares(),
      targets: this.targetHealth(),
    };
  }

  /** Marks addresses by hand; answers false when the target or the address is unknown. */
  setHealth(targetId: string, address: string | null, isHealthy: boolean): boolean {
    const found = (this.#targets.get(targetId)?.target.addresses ?? []).filter(
      ({ ip, port }) =>
        address === null || address === ip || address === `${ip}:${port}` || address === `[${ip}]:${port}`,
    );
    for (const one of found) if (one.health.set(isHealthy)) this.#tell(one, 'an operator');
    return found.length > 0;
  }

  stop(): void {
    this.#checks.stop();
    for (const { stopWatching } of this.#targets.values()) stopWatching();
    this.#targets.clear();
    this.#releaseWaiters();
  }

  /** An upstream that states what to hash on is balanced by hash, whatever its algorithm. */
  #effective(upstream: Upstream): Pick<Upstream, 'algorithm' | 'slots'> {
    return upstream.hash_on === 'none'
      ? upstream
      : { algorithm: 'consistent-hashing', slots: upstream.slots };
  }

  #add(entity: Target): void {
    const target = new BalancedTarget(entity);
    this.#resolveByTick = performance.now() + FIRST_RESOLUTION_MS;
    const stopWatching = this.#world.resolver.watch(target.host, (resolution) => {
      const changed = target.applyResolution(resolution);
      // A literal address is told before the target is in the map; `setTargets` rebuilds for it.
      if (changed && this.#targets.get(entity.id)?.target === target) this.#rebuild();
      if (this.#isResolved()) this.#releaseWaiters();
    });
    this.#targets.set(entity.id, { target, entity, stopWatching });
  }

  #isResolved(): boolean {
    for (const { target } of this.#targets.values()) if (!target.isResolved) return false;
    return true;
  }

  #releaseWaiters(): void {
    const waiters = this.#whenResolved;
    this.#whenResolved = [];
    for (const wake of waiters) wake();
  }

  #rebuild(): void {
    this.#addresses = [...this.#targets.values()].flatMap(({ target }) => target.addresses);
    this.#algorithm.rebuild(this.#addresses);
  }

  #shares(): WeightShares {
    const all = [...this.#targets.values()].map(({ target }) => target.shares());
    const sum = (key: keyof WeightShares): number => all.reduce((total, shares) => total + shares[key], 0);
    return { total: sum('total'), available: sum('available'), unavailable: sum('unavailable') };
  }

  #meetsThreshold(): boolean {
    const { threshold } = this.#upstream.healthchecks;
    const { total, available } = this.#shares();
    return available > 0 && (threshold === 0 || (available / total) * 100 >= threshold);
  }

  #startChecks(): ActiveChecks {
    return new ActiveChecks({
      upstream: this.#upstream,
      probe: this.#world.probe,
      addresses: () => this.#addresses,
      onObservation: (address, observation) => {
        if (address.health.observe(observation, activeThresholds(this.#upstream.healthchecks))) {
          this.#tell(address, `active checks (${observation})`);
        }
      },
    });
  }

  #tell(address: Address, cause: string): void {
    this.#world.onHealthChange({
      upstream: this.#upstream.name,
      address,
      isHealthy: address.health.isHealthy,
      cause,
    });
  }
}
