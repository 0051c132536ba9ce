import type { LogLine } from '../core/ports/engine.ts';
import { textHash } from '../core/text-hash.ts';

/**
 * The two streams of a container take their timestamps side by side, so their lines can stand in the log a little out of
 * the order of time. Reading goes on this far before the last line seen.
 */
const OVERLAP_MS = 2_000;
/** So many of the last lines are remembered at least. */
const REMEMBERED = 10_000;

/**
 * How far a container's log has been read, so that it can be read on without a line twice and without a gap. A line is
 * known by its stream, its time to the nanosecond and its text: the engine gives lines again not only after the overlap
 * but also, by a fault of its own, when it rotates a log that is being followed.
 */
export class Cursor {
  readonly #start: string | undefined;
  #first: string | undefined;
  #latest = '';
  /** The last lines, oldest first -> their time. */
  readonly #seen = new Map<string, string>();
  #hasForgotten = false;

  /** @param start where the log is to be read from when nothing has been seen yet: RFC 3339, undefined for its beginning. */
  constructor(start?: string) {
    this.#start = start;
  }

  /** The moment from which reading must go on, itself included; lines that come again are known. */
  resume(): string | undefined {
    if (this.#first === undefined) return this.#start;
    const latestMs = Date.parse(`${this.#latest.slice(0, 23)}Z`);
    const overlap = `${new Date(latestMs - OVERLAP_MS).toISOString().slice(0, 23)}000000Z`;
    const [oldest = this.#first] = this.#seen.values();
    const known = this.#hasForgotten ? oldest : this.#first;
    return overlap > known ? overlap : known;
  }

  /** Whether the line is new; it counts as seen from now on. */
  accept({ stream, timestamp, text }: LogLine): boolean {
    const key = `${timestamp} ${stream} ${textHash(text)}`;
    if (this.#seen.has(key)) return false;
    this.#seen.set(key, timestamp);
    if (this.#first === undefined || timestamp < this.#first) this.#first = timestamp;
    if (timestamp > this.#latest) this.#latest = timestamp;
    if (this.#seen.size > 2 * REMEMBERED) this.#forget();
    return true;
  }

  #forget(): void {
    let tooMany = this.#seen.size - REMEMBERED;
    for (const key of this.#seen.keys()) {
      if (tooMany === 0) break;
      this.#seen.delete(key);
      tooMany -= 1;
    }
    this.#hasForgotten = true;
  }
}
