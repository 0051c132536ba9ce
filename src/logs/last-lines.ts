import { keptLine } from '../core/kept-line.ts';
import type { LogLine } from '../core/ports/engine.ts';

/** Keeps the last lines that were added. */
export class LastLines {
  readonly #most: number;
  #lines: LogLine[] = [];

  constructor(most: number) {
    this.#most = most;
  }

  add(line: LogLine): void {
    this.#lines.push(keptLine(line));
    // Cut now and then instead of every time, which keeps adding cheap.
    if (this.#lines.length > 2 * this.#most + 1000) this.#lines = this.lines();
  }

  /** Oldest first. */
  lines(): LogLine[] {
    return this.#most === 0 ? [] : this.#lines.slice(-this.#most);
  }
}
