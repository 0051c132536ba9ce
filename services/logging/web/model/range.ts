/** The stretch of time that a question is about. */

/** How long ago, or ISO 8601, as the API takes both; without an end it is now. */
export interface Range {
  readonly since: string;
  readonly until: string | undefined;
}

export const PRESETS = [
  { since: '5m', name: 'last 5 minutes' },
  { since: '15m', name: 'last 15 minutes' },
  { since: '1h', name: 'last hour' },
  { since: '6h', name: 'last 6 hours' },
  { since: '24h', name: 'last 24 hours' },
  { since: '7d', name: 'last 7 days' },
] as const;

export const DEFAULT_RANGE: Range = { since: '1h', until: undefined };

/** Beyond these a clock shows no date any more. */
const [EARLIEST_MS, LATEST_MS] = [Date.UTC(2000), Date.UTC(2200)];

export function isPreset({ since, until }: Range): boolean {
  return until === undefined && PRESETS.some((preset) => preset.since === since);
}

/** A range with both ends, around the middle of the one given. */
export function scaled(sinceMs: number, untilMs: number, factor: number): Range {
  const middle = (sinceMs + untilMs) / 2;
  const half = ((untilMs - sinceMs) / 2) * factor;
  return between(Math.max(EARLIEST_MS, middle - half), Math.min(LATEST_MS, middle + half));
}

/** Both ends in milliseconds since 1970; whole milliseconds, and at least one. */
export function between(sinceMs: number, untilMs: number): Range {
  const since = Math.floor(sinceMs);
  const until = Math.max(since + 1, Math.ceil(untilMs));
  return { since: new Date(since).toISOString(), until: new Date(until).toISOString() };
}

/** What a `datetime-local` field holds for a moment, in this machine's time zone; empty where it is none. */
export function toLocalInput(iso: string | undefined): string {
  const ms = Date.parse(iso ?? '');
  if (Number.isNaN(ms)) return '';
  return new Date(ms - new Date(ms).getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}

/** undefined where the field is empty or holds no time. */
export function fromLocalInput(text: string): string | undefined {
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString();
}
