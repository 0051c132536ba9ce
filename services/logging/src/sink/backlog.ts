/**
 * What Elasticsearch is still to get. Measured in steps that are kept, so that a backlog of millions is looked at once and not at
 * every measurement: only its first step shrinks, and only its end grows.
 */
import type { Row, Store } from '../store/port.ts';
import { SHIPPED } from '../store/sink-ledger.ts';

/** Numbers of the buffer in one step: looked through within some hundredths of a second. */
const STEP = 50_000;
/** A measurement ends in time; after a restart with a long backlog the next one goes on where it ended. */
const MAX_STEPS = 40;
const QUERY_TIMEOUT_MS = 30_000;

export interface Backlog {
  readonly events: number;
  /** Of the records as they are kept. */
  readonly bytes: number;
  /** When the oldest of them was received, in microseconds since 1970; undefined when there are none. */
  readonly oldestUs: number | undefined;
}

/** After `from`, up to and with `through`. */
interface Step extends Backlog {
  readonly from: number;
  readonly through: number;
}

export const NO_BACKLOG: Backlog = { events: 0, bytes: 0, oldestUs: undefined };

export class BacklogMeter {
  readonly #store: Pick<Store, 'ledger' | 'sink' | 'query'>;
  readonly #stepSize: number;
  #steps: Step[] = [];

  constructor(store: Pick<Store, 'ledger' | 'sink' | 'query'>, stepSize = STEP) {
    this.#store = store;
    this.#stepSize = stepSize;
  }

  async measure(): Promise<Backlog> {
    const { sink, ledger } = this.#store;
    const kept = this.#steps.filter(({ through }) => through > sink.throughSequence);
    const last = kept.at(-1);
    // A step that is not full grows with what was stored since.
    if (last !== undefined && last.through - last.from < this.#stepSize) kept.pop();
    this.#steps = await this.#withoutSettled(kept, sink.throughSequence);
    let from = this.#steps.at(-1)?.through ?? Math.max(sink.throughSequence, kept.at(-1)?.through ?? 0);
    for (let count = 0; from < ledger.storedSequence && count < MAX_STEPS; count += 1) {
      const step = await this.#look(from, Math.min(from + this.#stepSize, ledger.storedSequence));
      if (step.events > 0) this.#steps.push(step);
      from = step.through;
    }
    return this.#steps.reduce(add, NO_BACKLOG);
  }

  /** The beginning may be settled, or removed by retention; what comes after it is as it was. */
  async #withoutSettled(steps: readonly Step[], settled: number): Promise<Step[]> {
    for (const [index, step] of steps.entries()) {
      const again = await this.#look(Math.max(step.from, settled), step.through);
      if (again.events > 0) return [again, ...steps.slice(index + 1)];
    }
    return [];
  }

  async #look(from: number, through: number): Promise<Step> {
    const [row] = await this.#store.query(
      `SELECT count(*) AS events, sum(strlen(attributes))::BIGINT AS bytes, min(observed) AS oldest FROM events
        WHERE seq > ${from} AND seq <= ${through} AND ${SHIPPED}`,
      [],
      QUERY_TIMEOUT_MS,
    );
    return { from, through, ...backlogOf(row) };
  }
}

function backlogOf(row: Row | undefined): Backlog {
  const oldest = row?.oldest;
  return {
    events: Number(row?.events ?? 0),
    bytes: Number(row?.bytes ?? 0),
    oldestUs: oldest === null || oldest === undefined ? undefined : Number(oldest),
  };
}

function add(one: Backlog, other: Backlog): Backlog {
  const times = [one.oldestUs, other.oldestUs].filter((time) => time !== undefined);
  return {
    events: one.events + other.events,
    bytes: one.bytes + other.bytes,
    oldestUs: times.length === 0 ? undefined : Math.min(...times),
  };
}
