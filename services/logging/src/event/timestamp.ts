/** Times as senders write them -> microseconds since 1970. */

const ISO =
  /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?)?\s*(Z|UTC|[+-]\d\d(?::?\d\d)?)?$/i;

// Outside of these bounds a time says more about a broken clock than about the event.
const EARLIEST_US = Date.UTC(2000, 0, 1) * 1000;
const LATEST_AHEAD_US = 86_400_000_000;

function fromNumber(value: number): number | undefined {
  const magnitude = Math.abs(value);
  if (!Number.isFinite(value)) return undefined;
  if (magnitude < 1e11) return Math.round(value * 1e6);
  if (magnitude < 1e14) return Math.round(value * 1e3);
  if (magnitude < 1e17) return Math.round(value);
  if (magnitude < 1e20) return Math.round(value / 1e3);
  return undefined;
}

function zoneOf(text: string | undefined): string {
  // Python's and Kong's zone-less times come from containers, which run in UTC.
  if (text === undefined || /^(?:Z|UTC)$/i.test(text)) return 'Z';
  const digits = text.slice(1).replace(':', '').padEnd(4, '0');
  return `${text[0]}${digits.slice(0, 2)}:${digits.slice(2)}`;
}

function fromIso(text: string): number | undefined {
  const match = ISO.exec(text.trim());
  if (match === null) return undefined;
  const [, date, minutes = '00:00', seconds = '00', fraction = '', zone] = match;
  const wholeMs = Date.parse(`${date}T${minutes}:${seconds}${zoneOf(zone)}`);
  if (Number.isNaN(wholeMs)) return undefined;
  return wholeMs * 1000 + Number(fraction.padEnd(6, '0').slice(0, 6));
}

/**
 * Reads epoch seconds, milliseconds, microseconds or nanoseconds (number or digits) and ISO 8601.
 * @returns whole microseconds, or undefined when it is no time
 */
export function parseTimestampUs(value: unknown): number | undefined {
  if (typeof value === 'number') return fromNumber(value);
  if (typeof value !== 'string' || value.length > 64) return undefined;
  // Nanoseconds since 1970 are more than a double holds: what is below the microsecond is cut, not rounded.
  if (/^\d{18,20}$/.test(value)) return Number(BigInt(value) / 1000n);
  return /^\d+(?:\.\d+)?$/.test(value) ? fromNumber(Number(value)) : fromIso(value);
}

/** A time is believed from the year 2000 up to one day ahead of the clock; the raw text is kept anyway. */
export function isPlausible(timestampUs: number, nowUs: number): boolean {
  return timestampUs >= EARLIEST_US && timestampUs <= nowUs + LATEST_AHEAD_US;
}

/** Microseconds -> ISO 8601 in UTC with all six digits. */
export function formatTimestampUs(timestampUs: number): string {
  const wholeMs = Math.floor(timestampUs / 1000);
  const restUs = timestampUs - wholeMs * 1000;
  return `${new Date(wholeMs).toISOString().slice(0, -1)}${String(restUs).padStart(3, '0')}Z`;
}
