/**
 * Health checks that must pass in a row before a service that has flapped is believed again: as many as an engine wants to fail
 * before it says "unhealthy" where nobody tells it otherwise. One is as likely as not the moment before its next end.
 */
const PASSES_IN_A_ROW = 3;
/** Between two that count: closer together they would say the same thing again. The longest pause between checks of a boot. */
const BETWEEN_PASSES_MS = 1_000;

/**
 * Whether a service stays healthy. One that has not flapped does so at its first word; one that was healthy and then was not, or
 * that the engine had to start again, when its health check has passed several times in a row.
 */
export class Steadiness {
  #hasFlapped: boolean;
  #wasHealthy = false;
  #passes = 0;
  #countedMs = Number.NEGATIVE_INFINITY;

  /** @param hasFlapped known of it before its wait */
  constructor(hasFlapped: boolean) {
    this.#hasFlapped = hasFlapped;
  }

  get hasFlapped(): boolean {
    return this.#hasFlapped;
  }

  /** The least pause before the next check, where one has passed that is not enough. */
  get leastPauseMs(): number {
    return this.#passes > 0 ? BETWEEN_PASSES_MS : 0;
  }

  /** The engine had to start it again. */
  restarted(): void {
    this.#hasFlapped = true;
    this.#passes = 0;
  }

  /** It was healthy in this life of its container, before anybody waited for it. */
  wasHealthyBefore(): void {
    this.#wasHealthy = true;
  }

  /** It is known to have become unhealthy after that; passes since then stand. */
  relapsed(): void {
    this.#hasFlapped = true;
  }

  /** A check fails now. */
  unhealthy(): void {
    if (this.#wasHealthy) this.#hasFlapped = true;
    this.#passes = 0;
  }

  /** A check has passed; answers whether that is enough. */
  passed(nowMs: number): boolean {
    this.#wasHealthy = true;
    if (!this.#hasFlapped) return true;
    if (nowMs - this.#countedMs >= BETWEEN_PASSES_MS || this.#passes === 0) {
      this.#passes += 1;
      this.#countedMs = nowMs;
    }
    return this.#passes >= PASSES_IN_A_ROW;
  }
}
