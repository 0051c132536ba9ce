/** Counts over time, as the bars of a chart and as a sentence. */
import type { HistogramAnswer } from '../api/answers.ts';
import { counted } from './format.ts';
import { microseconds, stretch } from './time.ts';

/** Where each bucket begins, seconds since 1970. */
export function startsOf({ buckets }: HistogramAnswer): number[] {
  return buckets.map(({ from }) => microseconds(from) / 1e6);
}

export interface Bars {
  /** Where each bar begins, seconds since 1970. */
  readonly starts: readonly number[];
  readonly widthSeconds: number;
  /** Of each bar: all events; those of them that are warnings or errors; those that are errors. Drawn over each other. */
  readonly all: readonly number[];
  readonly notable: readonly number[];
  readonly errors: readonly number[];
}

export function barsOf(answer: HistogramAnswer): Bars {
  const { buckets, bucket_seconds } = answer;
  return {
    starts: startsOf(answer),
    widthSeconds: bucket_seconds,
    all: buckets.map(({ events }) => events),
    notable: buckets.map(({ errors, warnings }) => errors + warnings),
    errors: buckets.map(({ errors }) => errors),
  };
}

export interface Totals {
  readonly events: number;
  readonly warnings: number;
  readonly errors: number;
}

/** @param from, to positions of the first and the last bar; without them all */
export function totalsOf(bars: Bars, from = 0, to = bars.all.length - 1): Totals {
  const sum = (values: readonly number[]): number =>
    values.slice(from, to + 1).reduce((total, value) => total + value, 0);
  const errors = sum(bars.errors);
  return { events: sum(bars.all), warnings: sum(bars.notable) - errors, errors };
}

/** "2,345 events, 3 warnings, 1 error": what there is none of is not said. */
export function totalsText({ events, warnings, errors }: Totals): string {
  const parts = [counted(events, 'event')];
  if (warnings > 0) parts.push(counted(warnings, 'warning'));
  if (errors > 0) parts.push(counted(errors, 'error'));
  return parts.join(', ');
}

/** Both ends of a run of bars, milliseconds since 1970. */
export function endsOf(bars: Bars, from: number, to: number): readonly [number, number] {
  const since = (bars.starts[from] ?? 0) * 1000;
  const until = ((bars.starts[to] ?? 0) + bars.widthSeconds) * 1000;
  return [since, until];
}

/** A run of bars, for those who do not see it. */
export function runText(bars: Bars, from: number, to: number): string {
  return `${stretch(...endsOf(bars, from, to))}: ${totalsText(totalsOf(bars, from, to))}`;
}
