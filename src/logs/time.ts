import { durationMs } from '../core/duration.ts';
import { ApictlError, EXIT } from '../core/errors.ts';

const YEAR_MS = 366 * 86_400_000;
/** Nobody has older logs, and the engine's clock ends somewhere. */
const MOST_MS = 100 * YEAR_MS;

/**
 * A moment as people give it: `10m` or `2h30m` ago, or a date as `2026-11-23T10:00:00Z`. In milliseconds since the epoch.
 * @throws ApictlError OPTION_INVALID (64).
 */
export function momentOf(option: string, text: string, nowMs: number): number {
  const agoMs = durationMs(text);
  if (agoMs !== null && agoMs <= MOST_MS) return nowMs - agoMs;
  const ms = isDay(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(ms)) return ms;
  throw new ApictlError({
    code: 'OPTION_INVALID',
    exitCode: EXIT.usage,
    message: `${option} is neither a duration nor a date: "${text}"`,
    object: option,
    hint: 'Give a duration as 10m or 2h30m, or a date as 2026-11-23T10:00:00Z.',
  });
}

/** Whether a text begins with a day that there is: of 30 February the language makes 2 March. */
function isDay(text: string): boolean {
  const [day] = /^\d{4}-\d\d-\d\d/.exec(text) ?? [];
  if (day === undefined) return false;
  const ms = Date.parse(`${day}T00:00:00Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(day);
}

/** The same moment as RFC 3339 in UTC; a date keeps its nanoseconds. */
export function timestampOf(option: string, text: string, nowMs: number): string {
  const moment = new Date(momentOf(option, text, nowMs)).toISOString();
  const fraction = /\.(\d{4,9})(?:Z|[+-]\d\d:\d\d)$/.exec(text)?.[1];
  return fraction === undefined ? moment : `${moment.slice(0, 20)}${fraction.padEnd(9, '0')}Z`;
}

interface Span {
  readonly since?: string | undefined;
  readonly until?: string | undefined;
}

/**
 * @param span RFC 3339
 * @throws ApictlError OPTION_INVALID (64) where it ends before it begins, so that no line can lie in it
 */
export function refuseReversed({ since, until }: Span): void {
  if (since === undefined || until === undefined || Date.parse(since) <= Date.parse(until)) return;
  throw new ApictlError({
    code: 'OPTION_INVALID',
    exitCode: EXIT.usage,
    message: `--since ${since} is later than --until ${until}, so no line can lie between them`,
    object: '--since',
    hint: 'Exchange them. A duration is how long ago: --since 2h --until 1h is the hour before the last one.',
  });
}
