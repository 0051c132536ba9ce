/** Times of events, for people: in their own time zone, to the millisecond. */

/** Microseconds since 1970 of an ISO 8601 time with up to six digits; NaN where it is none. */
export function microseconds(iso: string): number {
  const fraction = /\.(\d{1,6})\d*(?=Z|[+-]|$)/.exec(iso)?.[1] ?? '';
  const wholeMs = Date.parse(iso.replace(/\.\d+/, ''));
  return wholeMs * 1000 + Number(fraction.padEnd(6, '0'));
}

const two = (value: number): string => String(value).padStart(2, '0');

export function clock(date: Date): string {
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

export function day(date: Date): string {
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** "11:26:23.123", with the day before it where that is not today. */
export function eventTime(iso: string, now: Date): string {
  const date = new Date(Date.parse(iso));
  const time = `${clock(date)}.${String(date.getMilliseconds()).padStart(3, '0')}`;
  return day(date) === day(now) ? time : `${day(date)} ${time}`;
}

/** "2026-11-26 11:26:23", or an empty text where it is no time. */
export function fullTime(iso: string): string {
  const ms = Date.parse(iso);
  return Number.isNaN(ms) ? '' : `${day(new Date(ms))} ${clock(new Date(ms))}`;
}

/** Both ends of a stretch, the day once where it is the same. */
export function stretch(sinceMs: number, untilMs: number): string {
  const [since, until] = [new Date(sinceMs), new Date(untilMs)];
  const end = day(since) === day(until) ? clock(until) : `${day(until)} ${clock(until)}`;
  return `${day(since)} ${clock(since)} – ${end}`;
}

/** The label of a mark on a time axis: as much of it as tells it from its neighbours. */
export function tickLabel(seconds: number, stepSeconds: number): string {
  const date = new Date(seconds * 1000);
  if (stepSeconds < 60) return clock(date);
  const isMidnight = date.getHours() === 0 && date.getMinutes() === 0;
  if (stepSeconds >= 86_400 || isMidnight) return day(date).slice(5);
  return clock(date).slice(0, 5);
}

/** "3 minutes ago", roughly. */
export function ago(iso: string, nowMs: number): string {
  const seconds = Math.round((nowMs - Date.parse(iso)) / 1000);
  if (Number.isNaN(seconds)) return '';
  if (seconds < 5) return 'just now';
  for (const [unit, size] of [
    ['day', 86_400],
    ['hour', 3600],
    ['minute', 60],
    ['second', 1],
  ] as const) {
    const count = Math.floor(seconds / size);
    if (count >= 1) return `${count} ${unit}${count === 1 ? '' : 's'} ago`;
  }
  return 'just now';
}
