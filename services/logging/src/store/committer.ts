/** Records of the buffer -> rows: decoded, each once, what cannot be stored set aside with its reason. */
import type { BufferedRecord } from '../buffer/stretch.ts';
import { decodeIntake } from '../event/wire.ts';
import type { Booked } from './books.ts';
import type { DeadLetter } from './dead-letters.ts';
import { isEnvironmental } from './errors.ts';
import type { Numbered } from './insert.ts';
import type { StoreStretch } from './port.ts';

/** One transaction. */
export interface StoreBatch {
  readonly events: readonly Numbered[];
  readonly throughSequence: number;
  readonly quarantined: number;
  readonly refused: readonly DeadLetter[];
  /** Lifetime counts of what was accepted, for the sources that changed. */
  readonly accepted: ReadonlyMap<string, number>;
}

/** What of a stretch does not become an event. */
interface Aside {
  readonly quarantined: number;
  readonly refused: readonly DeadLetter[];
}

const NOTHING_ASIDE: Aside = { quarantined: 0, refused: [] };

export class Committer {
  readonly #booked: Booked;
  readonly #commit: (batch: StoreBatch) => Promise<void>;

  constructor(booked: Booked, commit: (batch: StoreBatch) => Promise<void>) {
    this.#booked = booked;
    this.#commit = commit;
  }

  /** @param storedSequence records up to here are stored: an earlier attempt got that far */
  async take(stretch: StoreStretch, storedSequence: number): Promise<readonly string[]> {
    const events: Numbered[] = [];
    const refused: DeadLetter[] = [];
    const records = stretch.records.filter(({ sequence }) => sequence > storedSequence);
    for (const record of records) {
      const decoded = decode(record);
      if (decoded instanceof Error) refused.push(letterOf(record, decoded));
      else events.push(decoded);
    }
    const aside = { quarantined: stretch.missing, refused };
    const found = await this.#store(events, { ...stretch, records }, aside);
    return [...refused, ...found].map(({ reason }) => reason);
  }

  /** Commits; where the data itself is refused, halves until the one record is found that is at fault. */
  async #store(events: readonly Numbered[], stretch: StoreStretch, aside: Aside): Promise<DeadLetter[]> {
    try {
      await this.#storeOnce(events, stretch.throughSequence, aside);
      return [];
    } catch (error) {
      if (isEnvironmental(error) || events.length === 0) throw error;
      return this.#storeHalves(events, stretch, aside, asError(error));
    }
  }

  async #storeHalves(
    events: readonly Numbered[],
    stretch: StoreStretch,
    aside: Aside,
    error: Error,
  ): Promise<DeadLetter[]> {
    const [first] = events;
    if (events.length === 1 && first !== undefined) {
      const record = stretch.records.find(({ sequence }) => sequence === first.sequence);
      const letters = record === undefined ? [] : [letterOf(record, error)];
      const refused = [...aside.refused, ...letters];
      await this.#storeOnce([], stretch.throughSequence, { ...aside, refused });
      return letters;
    }
    const middle = Math.ceil(events.length / 2);
    const left = events.slice(0, middle);
    const leftEnd = left.at(-1)?.sequence ?? stretch.throughSequence;
    const inLeft = await this.#store(left, { ...stretch, throughSequence: leftEnd }, NOTHING_ASIDE);
    return [...inLeft, ...(await this.#store(events.slice(middle), stretch, aside))];
  }

  async #storeOnce(events: readonly Numbered[], throughSequence: number, aside: Aside): Promise<void> {
    const accepted = this.#booked.with(
      events.map(({ intake }) => intake.event.source),
      aside.quarantined + aside.refused.length,
    );
    await this.#commit({ events, throughSequence, ...aside, accepted });
    this.#booked.keep(accepted);
  }
}

function decode({ sequence, payload }: BufferedRecord): Numbered | Error {
  try {
    return { sequence, intake: decodeIntake(payload) };
  } catch (error) {
    return asError(error);
  }
}

function letterOf({ sequence, payload }: BufferedRecord, error: Error): DeadLetter {
  const reason = error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
  const text = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString('utf8');
  return { sequence, destination: 'store', reason, atUs: Date.now() * 1000, payload: text };
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
