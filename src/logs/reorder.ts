import { keptLine } from '../core/kept-line.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { LogLine } from '../core/ports/engine.ts';
import type { Batch } from './merge.ts';

/** How long a line waits for an earlier one of another container that is still on its way. */
const WINDOW_MS = 50;
/** So many lines go on at once, so that a flood cannot fill the memory. */
const MOST = 10_000;

/** Puts lines that arrive within a moment into the order of time. */
export class Reorder {
  readonly #clock: Clock;
  readonly #onLines: (batch: Batch) => void;
  #waiting: LogLine[] = [];

  constructor(clock: Clock, onLines: (batch: Batch) => void) {
    this.#clock = clock;
    this.#onLines = onLines;
  }

  add(line: LogLine): void {
    this.#waiting.push(keptLine(line));
    if (this.#waiting.length === 1) void this.#clock.sleep(WINDOW_MS).then(() => this.flush());
    if (this.#waiting.length >= MOST) this.flush();
  }

  flush(): void {
    const lines = this.#waiting;
    if (lines.length === 0) return;
    this.#waiting = [];
    // Sorting is stable: lines of the same moment stay in the order in which they came.
    this.#onLines(lines.sort((a, b) => (a.timestamp < b.timestamp ? -1 : a.timestamp > b.timestamp ? 1 : 0)));
  }
}
