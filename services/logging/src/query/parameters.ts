/** Query parameters -> checked filters. */
import { z } from 'zod';
import { parseDurationMs } from '../config/quantity.ts';
import { severityNumber } from '../event/severity.ts';
import { parseTimestampUs } from '../event/timestamp.ts';

const MAX_VALUES = 20;

/** Statuses from..to, both included. */
export interface StatusRange {
  readonly from: number;
  readonly to: number;
}

/** A field of the record as it was received, and its value. */
export interface AttributeFilter {
  readonly name: string;
  readonly value: string;
}

function parseStatus(text: string): StatusRange | undefined {
  const family = /^([1-5])xx$/i.exec(text)?.[1];
  if (family !== undefined) return { from: Number(family) * 100, to: Number(family) * 100 + 99 };
  const [, from, to] = /^(\d{3})(?:-(\d{3}))?$/.exec(text) ?? [];
  return from === undefined ? undefined : { from: Number(from), to: Number(to ?? from) };
}

function parseAttribute(text: string): AttributeFilter | undefined {
  const [, name, value] = /^([^="\\\p{Cc}]{1,256})=(.*)$/su.exec(text) ?? [];
  return name === undefined || value === undefined ? undefined : { name, value };
}

export function converted<T>(convert: (text: string) => T | undefined, problem: string) {
  return z
    .string()
    .max(2000)
    .transform((text, context) => {
      const value = convert(text);
      if (value !== undefined) return value;
      context.addIssue({ code: 'custom', message: problem });
      return z.NEVER;
    });
}

/** A whole number in a query. */
export function count(min: number, max: number, fallback: number) {
  return converted((text) => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    return value >= min && value <= max ? value : undefined;
  }, `is no number from ${min} to ${max}`).prefault(String(fallback));
}

/** An absolute time, or a duration that is taken back from now. */
function time(nowMs: () => number) {
  return converted((text) => {
    const agoMs = parseDurationMs(text);
    return agoMs === undefined ? parseTimestampUs(text) : (nowMs() - agoMs) * 1000;
  }, 'is no time: give ISO 8601, seconds or milliseconds since 1970, or how long ago (15m, 2h, 7d)');
}

/** Repeating a parameter means any of its values. */
function anyOf<T extends z.ZodType>(item: T) {
  return z
    .union([item, z.array(item).max(MAX_VALUES)])
    .transform((value) => (Array.isArray(value) ? value : [value]) as z.output<T>[])
    .optional();
}

const name = z.string().min(1).max(256);
const statuses = converted((text) => {
  const ranges = text.split(',').map(parseStatus);
  return ranges.every((range) => range !== undefined) ? ranges : undefined;
}, 'is no status: give 404, 5xx, 500-599 or several with commas');

export function rangeShape(nowMs: () => number) {
  return {
    since: time(nowMs).optional().describe('From this time on: ISO 8601, or how long ago (15m, 2h, 7d).'),
    until: time(nowMs).optional().describe('Before this time.'),
  };
}

/** What search, histogram, values and tail have in common. */
export function filterShape(nowMs: () => number) {
  return {
    ...rangeShape(nowMs),
    q: z
      .string()
      .min(1)
      .max(500)
      .optional()
      .describe('Words and "phrases" that all occur; -word must not. Case does not matter.'),
    request_id: name.optional(),
    trace_id: name.optional(),
    source: anyOf(name).describe('Which instance wrote it: kong, backend-1, alertmanager.'),
    service: anyOf(name),
    route: anyOf(name),
    consumer: anyOf(name),
    method: anyOf(name),
    path: anyOf(name),
    kind: anyOf(z.enum(['access', 'log', 'alert'])),
    status: statuses.optional().describe('404, 5xx, 500-599, or several with commas.'),
    level: converted(severityNumber, 'is no level: give trace, debug, info, warn, error or fatal')
      .optional()
      .describe('This level and above.'),
    attribute: anyOf(
      converted(parseAttribute, 'is no name=value, the name without quotes and backslashes'),
    ).describe('name=value of a field of the record as it was received; dots go into objects.'),
  };
}

type Shape = ReturnType<typeof filterShape>;
export type Filters = z.output<z.ZodObject<Shape>>;
export type TimeRange = Pick<Filters, 'since' | 'until'>;

const HOUR_US = 3_600_000_000;

/** Statistics need both ends: without them it is the last hour. */
export function closedRange(
  range: TimeRange,
  nowMs: number,
): { readonly since: number; readonly until: number } {
  const until = range.until ?? nowMs * 1000;
  return { since: range.since ?? until - HOUR_US, until };
}
