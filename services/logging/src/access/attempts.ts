/** Counts failed attempts for each client address, so that nobody guesses a token by trying. */

/** Addresses are the client's to choose on some networks; the memory of them is bounded. */
const MAX_ADDRESSES = 10_000;

interface Window {
  readonly endsMs: number;
  failures: number;
}

export class Attempts {
  readonly #limit: number;
  readonly #windowMs: number;
  readonly #nowMs: () => number;
  readonly #windows = new Map<string, Window>();

  constructor(limit: number, windowMs: number, nowMs: () => number = Date.now) {
    this.#limit = limit;
    this.#windowMs = windowMs;
    this.#nowMs = nowMs;
  }

  /** Seconds until this address may try again; 0 when it may now. */
  waitSeconds(address: string): number {
    const window = this.#windows.get(address);
    if (window === undefined || window.failures < this.#limit) return 0;
    return Math.max(0, Math.ceil((window.endsMs - this.#nowMs()) / 1000));
  }

  fail(address: string): void {
    const now = this.#nowMs();
    const window = this.#windows.get(address);
    if (window !== undefined && window.endsMs > now) {
      window.failures += 1;
      return;
    }
    if (this.#windows.size >= MAX_ADDRESSES) this.#forgetEnded(now);
    this.#windows.set(address, { endsMs: now + this.#windowMs, failures: 1 });
  }

  #forgetEnded(now: number): void {
    for (const [address, { endsMs }] of this.#windows) if (endsMs <= now) this.#windows.delete(address);
    // All of them recent: the oldest goes, whoever fills the table gains one more try.
    const oldest = this.#windows.keys().next();
    if (this.#windows.size >= MAX_ADDRESSES && oldest.done !== true) this.#windows.delete(oldest.value);
  }
}
