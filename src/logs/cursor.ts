import type { LogLine } from '../core/ports/engine.ts';

/**
 * The streams of one container take their timestamps side by side, so their lines can stand in the log a little out of
 * the order of time. Reading goes on this far before the last line seen; what comes again is known by its place.
 */
const OVERLAP_MS = 2_000;

interface Point {
  readonly timestamp: string;
  /** Lines of the stream that have this very timestamp. */
  readonly count: number;
}

/** How far a container's log has been read, so that it can be read on without a line twice and without a gap. */
export class Cursor {
  readonly #start: string | undefined;
  #first: string | undefined;
  readonly #seen = new Map<LogLine['stream'], Point>();
  /** Where the streams stood when reading began anew, and how many lines of that moment have come again. */
  #known = new Map<LogLine['stream'], Point & { again: number }>();

  /** @param start where the log is to be read from when nothing has been seen yet: RFC 3339, undefined for its beginning. */
  constructor(start?: string) {
    this.#start = start;
  }

  /** Says that reading begins anew, and from which moment on, itself included. */
  resume(): string | undefined {
    this.#known = new Map([...this.#seen].map(([stream, point]) => [stream, { ...point, again: 0 }]));
    const latest = [...this.#seen.values()]
      .map(({ timestamp }) => timestamp)
      .sort()
      .at(-1);
    if (latest === undefined || this.#first === undefined) return this.#start;
    const overlap = `${new Date(Date.parse(`${latest.slice(0, 23)}Z`) - OVERLAP_MS).toISOString().slice(0, 23)}000000Z`;
    return overlap > this.#first ? overlap : this.#first;
  }

  /** Whether the line is new; it counts as seen from now on. */
  accept({ stream, timestamp }: LogLine): boolean {
    const known = this.#known.get(stream);
    if (known !== undefined && timestamp < known.timestamp) return false;
    if (known !== undefined && timestamp === known.timestamp && known.again < known.count) {
      known.again += 1;
      return false;
    }
    if (this.#first === undefined || timestamp < this.#first) this.#first = timestamp;
    const seen = this.#seen.get(stream);
    if (seen === undefined || timestamp > seen.timestamp) this.#seen.set(stream, { timestamp, count: 1 });
    else if (timestamp === seen.timestamp) this.#seen.set(stream, { timestamp, count: seen.count + 1 });
    return true;
  }
}
