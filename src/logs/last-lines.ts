import type { LogLine } from '../core/ports/engine.ts';

/** Keeps the last lines that were added. */
export class LastLines {
  readonly #most: number;
  #lines: LogLine[] = [];

  constructor(most: number) {
    this.#most = most;
  }

  add(line: LogLine): void {
    this.#lines.push(alone(line));
    // Cut now and then instead of every time, which keeps adding cheap.
    if (this.#lines.length > 2 * this.#most + 1000) this.#lines = this.lines();
  }

  /** Oldest first. */
  lines(): LogLine[] {
    return this.#most === 0 ? [] : this.#lines.slice(-this.#most);
  }
}

/** A line is cut out of the piece of the log in which it came; kept as it is, it would keep the whole piece in memory. */
const alone = (line: LogLine): LogLine => ({
  ...line,
  timestamp: copied(line.timestamp),
  text: copied(line.text),
});

const copied = (text: string): string => Buffer.from(text).toString();
