import { Slots } from '../../core/slots.ts';

/** More at once would slow down the very services that are starting. */
const CHECKS_AT_ONCE = 2;
/** Of all services together. One run costs about 60 ms of CPU, so this is a third of two cores. */
const CHECKS_PER_SECOND = 10;
const SHORTEST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 1_000;
/** A service that took 8 s is asked every 400 ms: what is lost by asking late stays a small part of what it took. */
const PART_OF_BOOT = 20;
/** Between these parts of the boot that is expected a service is asked at the shortest pause: it will be ready any moment. */
const EXPECTED = { from: 0.9, to: 1.3 } as const;

/**
 * Shares the health checks that we run ourselves among the services that are watched at the same time: a service that many
 * wait for is asked more often, and first.
 */
export class CheckPace {
  readonly #slots = new Slots(CHECKS_AT_ONCE);
  #watchedWeight = 0;
  #startUnderWay: Promise<unknown> = Promise.resolve();

  /**
   * Keeps checks from beginning while a container is being started: on a small machine a check beside a start makes it take
   * twice as long. A check waits for one start at most, however many follow.
   */
  async aroundStart(start: () => Promise<void>): Promise<void> {
    const started = start();
    this.#startUnderWay = started.catch(() => {});
    await started;
  }

  /**
   * Takes part until `leave` is called.
   * @param dependants how many services wait for this one
   * @param expectedBootMs how long it took before; null where that is not known
   */
  join(dependants: number, expectedBootMs: number | null = null): PacedCheck {
    const weight = 1 + dependants;
    this.#watchedWeight += weight;
    return {
      run: async (work) => {
        await this.#startUnderWay;
        return this.#slots.use(work, dependants);
      },
      firstPauseMs: expectedBootMs === null ? 0 : untilExpected(expectedBootMs, 0),
      pauseMs: (bootingMs) => {
        if (expectedBootMs !== null && bootingMs < expectedBootMs * EXPECTED.to)
          return Math.max(SHORTEST_PAUSE_MS, untilExpected(expectedBootMs, bootingMs));
        const share = (1_000 * this.#watchedWeight) / (CHECKS_PER_SECOND * weight);
        return Math.min(LONGEST_PAUSE_MS, Math.max(SHORTEST_PAUSE_MS, bootingMs / PART_OF_BOOT, share));
      },
      leave: () => {
        this.#watchedWeight -= weight;
      },
    };
  }
}

/** The longest pause, or what is left until the service is likely to be ready. */
const untilExpected = (expectedBootMs: number, bootingMs: number): number =>
  Math.min(LONGEST_PAUSE_MS, Math.max(0, expectedBootMs * EXPECTED.from - bootingMs));

/** One service's part of the pace. */
export interface PacedCheck {
  run<T>(work: () => Promise<T>): Promise<T>;
  /** How long the first run can wait after the start. */
  readonly firstPauseMs: number;
  /** How long to wait before the next run, for a service that has been booting for `bootingMs`. */
  pauseMs(bootingMs: number): number;
  leave(): void;
}
