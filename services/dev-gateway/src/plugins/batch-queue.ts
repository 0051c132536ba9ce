import type { GatewayLog } from '../proxy/gateway-log.ts';

export interface BatchQueueOptions {
  readonly name: string;
  readonly maxBatchSize: number;
  /** How long an incomplete batch waits for more entries. */
  readonly maxCoalescingDelayMs: number;
  readonly maxEntries: number;
  readonly maxRetryTimeMs: number;
  readonly initialRetryDelayMs: number;
  readonly maxRetryDelayMs: number;
  /** Delivers a batch; a rejection means to try again later. */
  readonly deliver: (batch: readonly string[]) => Promise<void>;
  readonly log: GatewayLog;
  readonly now: () => number;
}

/**
 * Entries on their way to a remote place: one batch at a time, in order, tried again with growing pauses. When the queue
 * is full the oldest entries go, and when a batch could not be delivered in time it is given up; both are reported.
 */
export class BatchQueue {
  readonly #options: BatchQueueOptions;
  #entries: string[] = [];
  #running: Promise<void> | undefined;
  #dropped = 0;
  #isClosing = false;
  #wake: (() => void) | undefined;

  constructor(options: BatchQueueOptions) {
    this.#options = options;
  }

  push(entry: string): void {
    if (this.#entries.length >= this.#options.maxEntries) {
      this.#entries.shift();
      this.#dropped += 1;
      if (this.#dropped === 1)
        this.#options.log.error(`${this.#options.name}: queue full, the oldest records are dropped`);
    }
    this.#entries.push(entry);
    if (this.#entries.length >= this.#options.maxBatchSize) this.#wake?.();
    this.#running ??= this.#run();
  }

  /** Delivers what is waiting, trying each batch once more at most, and ends. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#wake?.();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (this.#entries.length > 0) {
      if (this.#entries.length < this.#options.maxBatchSize)
        await this.#pause(this.#options.maxCoalescingDelayMs);
      const batch = this.#entries.splice(0, this.#options.maxBatchSize);
      await this.#deliver(batch);
    }
    if (this.#dropped > 0) {
      this.#options.log.warn(`${this.#options.name}: records were dropped`, { dropped: this.#dropped });
      this.#dropped = 0;
    }
    this.#running = undefined;
  }

  async #deliver(batch: readonly string[]): Promise<void> {
    const { maxRetryTimeMs, initialRetryDelayMs, maxRetryDelayMs, deliver, log, name, now } = this.#options;
    const giveUpAtMs = now() + maxRetryTimeMs;
    let delayMs = initialRetryDelayMs;
    for (;;) {
      try {
        await deliver(batch);
        return;
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        if (this.#isClosing || now() + delayMs >= giveUpAtMs) {
          log.error(`${name}: ${batch.length} record(s) could not be delivered: ${reason}`);
          return;
        }
        await this.#pause(delayMs);
        delayMs = Math.min(delayMs * 2, maxRetryDelayMs);
      }
    }
  }

  #pause(delayMs: number): Promise<void> {
    if (this.#isClosing || delayMs <= 0) return Promise.resolve();
    return new Promise((resolve) => {
      const finish = (): void => {
        clearTimeout(timer);
        this.#wake = undefined;
        resolve();
      };
      const timer = setTimeout(finish, delayMs);
      this.#wake = finish;
    });
  }
}
