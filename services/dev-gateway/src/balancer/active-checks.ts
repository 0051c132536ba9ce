import type { Upstream } from '../model/entities.ts';
import type { Address } from './address.ts';
import type { Observation } from './health-state.ts';
import type { Probe } from './probe.ts';

export interface ActiveChecksOptions {
  readonly upstream: Upstream;
  readonly probe: Probe;
  readonly addresses: () => readonly Address[];
  readonly onObservation: (address: Address, observation: Observation) => void;
}

const inParallel = async <T>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<void>,
): Promise<void> => {
  const queue = [...items];
  const lane = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(limit, queue.length) }, lane));
};

/**
 * Probes healthy and unhealthy addresses, each at its own interval. A round that is still running when the next is due
 * is not joined by a second one, so a slow target cannot pile up probes.
 */
export class ActiveChecks {
  readonly #options: ActiveChecksOptions;
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #abort = new AbortController();

  constructor(options: ActiveChecksOptions) {
    this.#options = options;
    const { healthy, unhealthy } = options.upstream.healthchecks.active;
    this.#start(healthy.interval, true);
    this.#start(unhealthy.interval, false);
  }

  stop(): void {
    for (const timer of this.#timers) clearInterval(timer);
    this.#abort.abort();
  }

  #start(intervalSeconds: number, ofHealthy: boolean): void {
    if (intervalSeconds <= 0) return;
    let isRunning = false;
    const round = async (): Promise<void> => {
      if (isRunning) return;
      isRunning = true;
      await this.#round(ofHealthy);
      isRunning = false;
    };
    const timer = setInterval(() => void round(), intervalSeconds * 1000);
    timer.unref();
    this.#timers.push(timer);
  }

  async #round(ofHealthy: boolean): Promise<void> {
    const { upstream, probe, addresses, onObservation } = this.#options;
    const { active } = upstream.healthchecks;
    const settings = { ...active, hostHeader: upstream.host_header };
    const due = addresses().filter((address) => address.health.isHealthy === ofHealthy);
    await inParallel(due, active.concurrency, async (address) => {
      const observation = await probe(address, settings, this.#abort.signal);
      if (observation !== undefined && !this.#abort.signal.aborted) onObservation(address, observation);
    });
  }
}
