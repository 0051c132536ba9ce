/** Stretches of the buffer -> transactions; where the data itself is refused, the record at fault is set aside alone. */
import type { BufferedRecord } from '../buffer/stretch.ts';
import type { DeadLetter } from './dead-letters.ts';
import { isEnvironmental } from './errors.ts';
import type { StoreStretch } from './port.ts';
import { letterOf } from './read-records.ts';

/** One transaction. */
export interface Portion {
  readonly records: readonly BufferedRecord[];
  readonly throughSequence: number;
  readonly quarantined: number;
  /** Refused before, with the reason. */
  readonly refused: readonly DeadLetter[];
}

/** What of a stretch does not become an event. */
type Aside = Pick<Portion, 'quarantined' | 'refused'>;

const NOTHING_ASIDE: Aside = { quarantined: 0, refused: [] };

export class Committer {
  readonly #commit: (portion: Portion) => Promise<readonly DeadLetter[]>;

  /** @param commit stores a portion in one transaction, and says what of it was no event */
  constructor(commit: (portion: Portion) => Promise<readonly DeadLetter[]>) {
    this.#commit = commit;
  }

  /** @param storedSequence records up to here are stored: an earlier attempt got that far */
  async take(stretch: StoreStretch, storedSequence: number): Promise<readonly string[]> {
    const records = stretch.records.filter(({ sequence }) => sequence > storedSequence);
    const { throughSequence, missing: quarantined } = stretch;
    const letters = await this.#store({ records, throughSequence, quarantined, refused: [] });
    return letters.map(({ reason }) => reason);
  }

  /** Commits; where the data itself is refused, halves until the one record is found that is at fault. */
  async #store(portion: Portion): Promise<readonly DeadLetter[]> {
    try {
      return await this.#commit(portion);
    } catch (error) {
      if (isEnvironmental(error) || portion.records.length === 0) throw error;
      return this.#storeHalves(portion, error);
    }
  }

  async #storeHalves(portion: Portion, error: unknown): Promise<readonly DeadLetter[]> {
    const { records, throughSequence } = portion;
    const [first] = records;
    if (records.length === 1 && first !== undefined) {
      const letter = letterOf(first, error);
      await this.#commit({ ...portion, records: [], refused: [...portion.refused, letter] });
      return [letter];
    }
    const middle = Math.ceil(records.length / 2);
    const left = records.slice(0, middle);
    const leftEnd = left.at(-1)?.sequence ?? throughSequence;
    const inLeft = await this.#store({ records: left, throughSequence: leftEnd, ...NOTHING_ASIDE });
    return [...inLeft, ...(await this.#store({ ...portion, records: records.slice(middle) }))];
  }
}
