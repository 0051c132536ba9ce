/** Query strings -> searches; every problem is told at once. */
import { z } from 'zod';
import { parseDurationMs } from '../config/quantity.ts';
import { severityNumber } from '../event/severity.ts';
import { parseTimestampUs } from '../event/timestamp.ts';
import { HttpProblem } from '../http/problem.ts';
import { type Cursor, parseCursor } from './cursor.ts';

export const DEFAULT_LIMIT = 100;
export const MAX_LIMIT = 1000;

const MAX_VALUES = 20;

/** Statuses from..to, both included. */
export interface StatusRange {
  readonly from: number;
  readonly to: number;
}

function parseStatus(text: string): StatusRange | undefined {
  const family = /^([1-5])xx$/i.exec(text)?.[1];
  if (family !== undefined) return { from: Number(family) * 100, to: Number(family) * 100 + 99 };
  const [, from, to] = /^(\d{3})(?:-(\d{3}))?$/.exec(text) ?? [];
  return from === undefined ? undefined : { from: Number(from), to: Number(to ?? from) };
}

function converted<T>(convert: (text: string) => T | undefined, problem: string) {
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

/** An absolute time, or a duration that is taken back from now. */
function time(nowMs: number) {
  return converted((text) => {
    const agoMs = parseDurationMs(text);
    return agoMs === undefined ? parseTimestampUs(text) : (nowMs - agoMs) * 1000;
  }, 'is no time: give ISO 8601, seconds or milliseconds since 1970, or how long ago (15m, 2h, 7d)');
}

/** Repeating a parameter means any of its values. */
function anyOf<T extends z.ZodType>(item: T) {
  return z.preprocess(
    (value) => (value === undefined || Array.isArray(value) ? value : [value]),
    z.array(item).max(MAX_VALUES).optional(),
  );
}

const name = z.string().min(1).max(256);
const statuses = converted((text) => {
  const ranges = text.split(',').map(parseStatus);
  return ranges.every((range) => range !== undefined) ? ranges : undefined;
}, 'is no status: give 404, 5xx, 500-599 or several with commas');

function searchSchema(nowMs: number) {
  return z.strictObject({
    request_id: name.optional(),
    trace_id: name.optional(),
    q: z.string().min(1).max(500).optional(),
    source: anyOf(name),
    service: anyOf(name),
    route: anyOf(name),
    consumer: anyOf(name),
    kind: anyOf(z.enum(['access', 'log', 'alert'])),
    status: statuses.optional(),
    level: converted(severityNumber, 'is no level: give trace, debug, info, warn, error or fatal').optional(),
    since: time(nowMs).optional(),
    until: time(nowMs).optional(),
    order: z.enum(['asc', 'desc']).default('desc'),
    limit: converted(
      (text) =>
        /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= MAX_LIMIT ? Number(text) : undefined,
      `is no number from 1 to ${MAX_LIMIT}`,
    ).default(DEFAULT_LIMIT),
    cursor: converted(
      (text): Cursor | undefined => parseCursor(text),
      'is no cursor of an earlier answer',
    ).optional(),
  });
}

export type Search = z.output<ReturnType<typeof searchSchema>>;

function rangeSchema(nowMs: number) {
  return z.strictObject({ since: time(nowMs).optional(), until: time(nowMs).optional() });
}

export type TimeRange = z.output<ReturnType<typeof rangeSchema>>;

function parse<T extends z.ZodType>(schema: T, query: unknown): z.output<T> {
  const result = schema.safeParse(query);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) =>
    issue.code === 'unrecognized_keys'
      ? `unknown parameter ${issue.keys.map((key) => JSON.stringify(key.slice(0, 40))).join(', ')}`
      : `${issue.path[0] === undefined ? 'query' : String(issue.path[0])} ${issue.message}`,
  );
  throw new HttpProblem(400, 'BAD_QUERY', problems.join('; '));
}

/** @throws HttpProblem 400 */
export function parseSearch(query: unknown, nowMs: number): Search {
  return parse(searchSchema(nowMs), query);
}

/** @throws HttpProblem 400 */
export function parseRange(query: unknown, nowMs: number): TimeRange {
  return parse(rangeSchema(nowMs), query);
}
