/** The question of `GET /api/v1/events`, checked, and as SQL with bound values. */
import type { DuckDBValue } from '@duckdb/node-api';
import { z } from 'zod';
import { severityNumber } from '../event/severity.ts';
import { requestHash } from '../store/tables.ts';

const DURATION = /^(\d+)(s|m|h|d)$/;
const UNIT_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A date, or a duration before now. In microseconds since 1970. */
const moment = z.string().transform((text, context) => {
  const duration = DURATION.exec(text);
  if (duration !== null) return (Date.now() - Number(duration[1]) * (UNIT_MS[duration[2] ?? ''] ?? 0)) * 1000;
  const ms = Date.parse(text);
  if (!Number.isNaN(ms)) return ms * 1000;
  context.addIssue({
    code: 'custom',
    message: 'must be a date as 2026-11-23T10:00:00Z or a duration as 15m',
  });
  return z.NEVER;
});

export const eventQuerySchema = z.strictObject({
  request_id: z.string().min(1).optional(),
  trace_id: z.string().min(1).optional(),
  q: z.string().min(1).optional(),
  source: z.string().min(1).optional(),
  service: z.string().min(1).optional(),
  route: z.string().min(1).optional(),
  consumer: z.string().min(1).optional(),
  kind: z.enum(['access', 'log', 'alert']).optional(),
  /** `404`, or `5xx` for a class. */
  status: z
    .string()
    .regex(/^[1-5](\d\d|xx)$/, 'must be a status as 404 or a class as 5xx')
    .optional(),
  /** At least as severe. */
  level: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']).optional(),
  since: moment.optional(),
  until: moment.optional(),
  order: z.enum(['asc', 'desc']).default('desc'),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  /** Where the page before ended, from its `next`. */
  cursor: z
    .string()
    .regex(/^\d+\.\d+$/, 'must be the next of an answer')
    .optional(),
});
export type EventQuery = z.output<typeof eventQuerySchema>;

const COLUMNS =
  'seq, id, ts, ts_raw, severity_text, body, source, kind, service, route, consumer, request_id, trace_id, method, path, status, duration_ms, client, attributes';

export interface Statement {
  readonly sql: string;
  readonly values: readonly DuckDBValue[];
}

/** One row more than asked for tells whether there is a next page. */
export function eventStatement(query: EventQuery): Statement {
  const { where, values } = conditions(query);
  if (query.cursor !== undefined) {
    const [ts = '0', seq = '0'] = query.cursor.split('.');
    where.push(`(ts, seq) ${query.order === 'asc' ? '>' : '<'} (CAST(? AS BIGINT), CAST(? AS BIGINT))`);
    values.push(ts, seq);
  }
  const clause = where.length === 0 ? '' : ` WHERE ${where.join(' AND ')}`;
  const sql = `SELECT ${COLUMNS} FROM events${clause} ORDER BY ts ${query.order}, seq ${query.order} LIMIT ${query.limit + 1}`;
  return { sql, values };
}

/** Requests, errors and percentiles of each service and route of the gateway. */
export function statsStatement(query: Pick<EventQuery, 'since' | 'until'>): Statement {
  const { where, values } = conditions({ ...query, kind: 'access' });
  const sql = `SELECT service, route, count(*) AS requests,
      count(*) FILTER (WHERE status >= 500) AS errors,
      quantile_cont(duration_ms, 0.5) AS p50, quantile_cont(duration_ms, 0.95) AS p95, quantile_cont(duration_ms, 0.99) AS p99
    FROM events WHERE ${where.join(' AND ')} GROUP BY service, route ORDER BY requests DESC, service, route`;
  return { sql, values };
}

function conditions(query: Partial<EventQuery>): { where: string[]; values: DuckDBValue[] } {
  const where: string[] = [];
  const values: DuckDBValue[] = [];
  const add = (text: string, ...bound: DuckDBValue[]): void => {
    where.push(text);
    values.push(...bound);
  };
  if (query.request_id !== undefined)
    add('request_hash = ? AND request_id = ?', requestHash(query.request_id), query.request_id);
  for (const name of ['trace_id', 'source', 'service', 'route', 'consumer', 'kind'] as const) {
    const value = query[name];
    if (value !== undefined) add(`${name} = ?`, value);
  }
  if (query.q !== undefined)
    add('(contains(lower(body), lower(?)) OR contains(lower(attributes), lower(?)))', query.q, query.q);
  if (query.status !== undefined) {
    if (query.status.endsWith('xx')) add('status // 100 = ?', Number(query.status[0]));
    else add('status = ?', Number(query.status));
  }
  if (query.level !== undefined) add('severity_number >= ?', severityNumber(query.level) ?? 0);
  if (query.since !== undefined) add('ts >= ?', BigInt(query.since));
  if (query.until !== undefined) add('ts < ?', BigInt(query.until));
  return { where, values };
}
