/**
 * Which ids were stored lately, as a Bloom filter: "certainly not", or "ask the store". Most batches are newer than everything
 * that is not in it, so no look into the store is needed to know that they are new. Fixed memory, nothing to collect.
 */

const BITS = 2 ** 22;
const PROBES = 4;
/** With this many ids, one in four hundred is asked for in vain. */
const DEFAULT_IDS_PER_HALF = 262_144;

class Half {
  readonly #bits = new Uint8Array(BITS / 8);
  count = 0;
  newestUs = Number.NEGATIVE_INFINITY;

  mayHave(first: number, second: number): boolean {
    for (let probe = 0; probe < PROBES; probe += 1) {
      const bit = (first + probe * second) % BITS;
      if (((this.#bits[bit >> 3] ?? 0) & (1 << (bit & 7))) === 0) return false;
    }
    return true;
  }

  add(first: number, second: number): void {
    for (let probe = 0; probe < PROBES; probe += 1) {
      const bit = (first + probe * second) % BITS;
      this.#bits[bit >> 3] = (this.#bits[bit >> 3] ?? 0) | (1 << (bit & 7));
    }
  }
}

/** Two numbers out of an id, which is a hash already. */
function numbersOf(id: string): readonly [number, number] {
  return [Number.parseInt(id.slice(0, 8), 16), (Number.parseInt(id.slice(8, 16), 16) | 1) >>> 0];
}

export class RecentIds {
  readonly #idsPerHalf: number;
  #older = new Half();
  #newer = new Half();
  /** The store may hold events up to this time that are not known here. */
  #unknownUntilUs: number;

  /** @param newestStoredUs time of the newest event that an earlier run stored; microseconds */
  constructor(newestStoredUs: number, idsPerHalf = DEFAULT_IDS_PER_HALF) {
    this.#unknownUntilUs = newestStoredUs;
    this.#idsPerHalf = idsPerHalf;
  }

  /** True when an event with this id and time is certainly not in the store. */
  isNew(id: string, timestampUs: number): boolean {
    if (timestampUs <= this.#unknownUntilUs) return false;
    const [first, second] = numbersOf(id);
    return !this.#newer.mayHave(first, second) && !this.#older.mayHave(first, second);
  }

  /** Committed to the store. */
  add(id: string, timestampUs: number): void {
    if (this.#newer.count >= this.#idsPerHalf) {
      this.#unknownUntilUs = Math.max(this.#unknownUntilUs, this.#older.newestUs);
      this.#older = this.#newer;
      this.#newer = new Half();
    }
    const [first, second] = numbersOf(id);
    this.#newer.add(first, second);
    this.#newer.count += 1;
    this.#newer.newestUs = Math.max(this.#newer.newestUs, timestampUs);
  }
}
