import { Slots } from '../core/slots.ts';

/** More at once would slow down the very services that are starting. */
const CHECKS_AT_ONCE = 2;
/** Of all services together. One run costs about 60 ms of CPU, so this is a third of two cores. */
const CHECKS_PER_SECOND = 10;
const SHORTEST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 1_000;
/** A service that took 8 s is asked every 400 ms: what is lost by asking late stays a small part of what it took. */
const PART_OF_BOOT = 20;

/**
 * Shares the health checks that we run ourselves among the services that are watched at the same time: a service that many
 * wait for is asked more often, and first.
 */
export class CheckPace {
  readonly #slots = new Slots(CHECKS_AT_ONCE);
  #watchedWeight = 0;

  /** Takes part until `leave` is called. @param dependants how many services wait for this one */
  join(dependants: number): PacedCheck {
    const weight = 1 + dependants;
    this.#watchedWeight += weight;
    return {
      run: (work) => this.#slots.use(work, dependants),
      pauseMs: (bootingMs) => {
        const share = (1_000 * this.#watchedWeight) / (CHECKS_PER_SECOND * weight);
        return Math.min(LONGEST_PAUSE_MS, Math.max(SHORTEST_PAUSE_MS, bootingMs / PART_OF_BOOT, share));
      },
      leave: () => {
        this.#watchedWeight -= weight;
      },
    };
  }
}

/** One service's part of the pace. */
export interface PacedCheck {
  run<T>(work: () => Promise<T>): Promise<T>;
  /** How long to wait before the next run, for a service that has been booting for `bootingMs`. */
  pauseMs(bootingMs: number): number;
  leave(): void;
}
