import type { Upstream } from '../model/entities.ts';

/** How often something must happen before an address changes its state; 0 means never. */
export interface HealthThresholds {
  readonly successes: number;
  readonly httpFailures: number;
  readonly tcpFailures: number;
  readonly timeouts: number;
}

export type Observation = 'success' | 'http-failure' | 'tcp-failure' | 'timeout';

/**
 * The circuit of one address. Passive and active checks count into the same counters. A success that does not reach its
 * threshold leaves the failures counted, so a target that fails now and then is taken out as Kong does.
 */
export class HealthState {
  #isHealthy = true;
  #successes = 0;
  readonly #failures = { 'http-failure': 0, 'tcp-failure': 0, timeout: 0 };

  get isHealthy(): boolean {
    return this.#isHealthy;
  }

  /** Answers whether the state changed. */
  observe(observation: Observation, thresholds: HealthThresholds): boolean {
    if (observation === 'success') {
      const hasFailures =
        this.#failures['http-failure'] + this.#failures['tcp-failure'] + this.#failures.timeout > 0;
      if (thresholds.successes === 0 || (this.#isHealthy && !hasFailures)) return false;
      this.#successes += 1;
      return this.#successes >= thresholds.successes ? this.set(true) : false;
    }
    const limit = {
      'http-failure': thresholds.httpFailures,
      'tcp-failure': thresholds.tcpFailures,
      timeout: thresholds.timeouts,
    }[observation];
    if (limit === 0) return false;
    this.#successes = 0;
    if (!this.#isHealthy) return false;
    this.#failures[observation] += 1;
    return this.#failures[observation] >= limit ? this.set(false) : false;
  }

  /** Forces the state and forgets all counts. Answers whether the state changed. */
  set(isHealthy: boolean): boolean {
    const changed = this.#isHealthy !== isHealthy;
    this.#isHealthy = isHealthy;
    this.#successes = 0;
    this.#failures['http-failure'] = 0;
    this.#failures['tcp-failure'] = 0;
    this.#failures.timeout = 0;
    return changed;
  }
}

type Healthchecks = Upstream['healthchecks'];

export const activeThresholds = ({ active }: Healthchecks): HealthThresholds => ({
  successes: active.healthy.successes,
  httpFailures: active.unhealthy.http_failures,
  tcpFailures: active.unhealthy.tcp_failures,
  timeouts: active.unhealthy.timeouts,
});

export const passiveThresholds = ({ passive }: Healthchecks): HealthThresholds => ({
  successes: passive.healthy.successes,
  httpFailures: passive.unhealthy.http_failures,
  tcpFailures: passive.unhealthy.tcp_failures,
  timeouts: passive.unhealthy.timeouts,
});

/** An upstream without any check has no opinion on its targets: `HEALTHCHECKS_OFF`. */
export const hasHealthchecks = ({ active, passive }: Healthchecks): boolean =>
  active.healthy.interval > 0 ||
  active.unhealthy.interval > 0 ||
  passive.unhealthy.tcp_failures > 0 ||
  passive.unhealthy.timeouts > 0 ||
  passive.unhealthy.http_failures > 0;
