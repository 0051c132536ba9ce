/** Counts that must balance: accepted = stored + duplicates + dead-lettered + quarantined + buffered. */

/** Sources are named by senders; a metric with one series per invented name would be an attack. */
const MAX_SOURCES = 64;
const OTHER = 'other';
export const UNKNOWN = 'unknown';

/** The name under which a source is counted. Sources come in the order of arrival, so both books choose alike. */
function labelOf(source: string, known: ReadonlyMap<string, number>): string {
  return known.has(source) || known.size < MAX_SOURCES ? source : OTHER;
}

/** Everything that was acknowledged, by source. */
export class Books {
  readonly #accepted: Map<string, number>;

  /** @param booked lifetime counts of everything that has left the buffer */
  constructor(booked: ReadonlyMap<string, number>) {
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
    const label = labelOf(source, this.#accepted);
    this.#accepted.set(label, (this.#accepted.get(label) ?? 0) + count);
  }
}

/** What of it has left the buffer: the part of the books that is on disk. */
export class Booked {
  readonly #counts: Map<string, number>;

  constructor(counts: ReadonlyMap<string, number>) {
    this.#counts = new Map(counts);
  }

  /** The changed counts once these have left the buffer too; `keep` makes it so. */
  with(sources: Iterable<string>, unreadable: number): Map<string, number> {
    const changed = new Map<string, number>();
    const bump = (source: string, count: number): void => {
      const label = changed.has(source) ? source : labelOf(source, this.#counts);
      changed.set(label, (changed.get(label) ?? this.#counts.get(label) ?? 0) + count);
    };
    for (const source of sources) bump(source, 1);
    if (unreadable > 0) bump(UNKNOWN, unreadable);
    return changed;
  }

  keep(changed: ReadonlyMap<string, number>): void {
    for (const [label, count] of changed) this.#counts.set(label, count);
  }
}
