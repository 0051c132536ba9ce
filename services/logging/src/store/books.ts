/** Counts that must balance: accepted = stored + duplicates + quarantined + buffered. */

/** Sources are named by senders; a metric with one series per invented name would be an attack. */
const MAX_SOURCES = 64;
const OTHER = 'other';
export const UNKNOWN = 'unknown';

export class Books {
  readonly #accepted: Map<string, number>;
  readonly #booked: Map<string, number>;

  /** @param booked lifetime counts of everything that has left the buffer */
  constructor(booked: ReadonlyMap<string, number>) {
    this.#booked = new Map(booked);
    this.#accepted = new Map(booked);
  }

  /** Lifetime counts by source. */
  get accepted(): ReadonlyMap<string, number> {
    return this.#accepted;
  }

  get acceptedTotal(): number {
    let total = 0;
    for (const count of this.#accepted.values()) total += count;
    return total;
  }

  /** Durable in the buffer, now or at the last start. */
  accept(source: string, count: number): void {
    add(this.#accepted, this.#label(source), count);
  }

  /** The counts as they stand once these have left the buffer; `keepBooked` makes it so. */
  booking(sources: Iterable<string>, unreadable: number): Map<string, number> {
    const changed = new Map<string, number>();
    const bump = (label: string, count: number): void => {
      changed.set(label, (changed.get(label) ?? this.#booked.get(label) ?? 0) + count);
    };
    for (const source of sources) bump(this.#label(source), 1);
    if (unreadable > 0) bump(UNKNOWN, unreadable);
    return changed;
  }

  keepBooked(changed: ReadonlyMap<string, number>): void {
    for (const [label, count] of changed) this.#booked.set(label, count);
  }

  #label(source: string): string {
    if (this.#accepted.has(source) || this.#accepted.size < MAX_SOURCES) return source;
    return OTHER;
  }
}

function add(counts: Map<string, number>, label: string, count: number): void {
  counts.set(label, (counts.get(label) ?? 0) + count);
}
