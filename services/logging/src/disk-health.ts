/** Remembers that the disk refuses writes, and finds out by itself when it takes them again. */
import { setTimeout as delay } from 'node:timers/promises';
import { probeDisk } from './buffer/probe.ts';

const PROBE_EVERY_MS = 1000;

export class DiskHealth {
  readonly #directory: string;
  readonly #signal: AbortSignal;
  #reason: string | undefined;
  #isProbing = false;

  constructor(directory: string, signal: AbortSignal) {
    this.#directory = directory;
    this.#signal = signal;
  }

  /** Why the disk is not well, undefined while it is. */
  get reason(): string | undefined {
    return this.#reason;
  }

  fails(error: Error): void {
    this.#reason = error.message;
    if (!this.#isProbing) void this.#probe();
  }

  works(): void {
    this.#reason = undefined;
  }

  /** Without traffic nothing else would notice that there is space again. */
  async #probe(): Promise<void> {
    this.#isProbing = true;
    while (this.#reason !== undefined && !this.#signal.aborted) {
      await delay(PROBE_EVERY_MS, undefined, { signal: this.#signal }).catch(() => undefined);
      if (this.#signal.aborted) break;
      await probeDisk(this.#directory).then(
        () => this.works(),
        () => undefined,
      );
    }
    this.#isProbing = false;
  }
}
