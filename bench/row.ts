/** One line of the table of benchmarks: what was timed, and beside what, in the same run. */
export interface BenchRow {
  readonly what: string;
  /** Our median, as `16.9 s`. */
  readonly ours: string;
  /** The peer's median and its name, as `49.2 s (docker compose up -d --wait)`. */
  readonly peer: string;
  /** Ours by the peer's; null where there is nothing to compare with, or it was not run. */
  readonly ratio: number | null;
  /** What we want, as `at most 0.40`. */
  readonly goal: string;
  readonly note?: string;
}
