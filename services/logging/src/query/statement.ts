/** Questions -> SQL statements. */
import { addFilters, Conditions, type Statement } from './conditions.ts';
import type { Cursor } from './cursor.ts';
import type { Filters, TimeRange } from './parameters.ts';

export interface Search extends Filters {
  readonly order: 'asc' | 'desc';
  readonly limit: number;
  readonly cursor?: Cursor | undefined;
}

/** One row more than asked for tells whether there is another page. */
export function searchStatement(search: Search): Statement {
  const conditions = new Conditions();
  addFilters(conditions, search);
  if (search.cursor !== undefined) {
    const beyond = search.order === 'desc' ? '<' : '>';
    const ts = conditions.bindInteger(search.cursor.timestampUs);
    const seq = conditions.bindInteger(search.cursor.sequence);
    conditions.add(`(ts ${beyond} ${ts} OR (ts = ${ts} AND seq ${beyond} ${seq}))`);
  }
  return {
    sql: `SELECT * FROM events WHERE ${conditions} ORDER BY ts ${search.order}, seq ${search.order} LIMIT ${search.limit + 1}`,
    values: conditions.values,
  };
}

/** What was stored after a number, in the order of storing. */
export function tailStatement(filters: Filters, afterSequence: number, limit: number): Statement {
  const conditions = new Conditions();
  conditions.add(`seq > ${conditions.bindInteger(afterSequence)}`);
  addFilters(conditions, filters);
  return {
    sql: `SELECT * FROM events WHERE ${conditions} ORDER BY seq LIMIT ${limit}`,
    values: conditions.values,
  };
}

// Digests of bounded size: exact percentiles would hold every value of the range in memory.
const PERCENTILES = '[0.5, 0.95, 0.99]';

/** Counts for each stretch of `widthUs` from `sinceUs` on; stretches without events are left out. */
export function histogramStatement(filters: Filters, sinceUs: number, widthUs: number): Statement {
  const conditions = new Conditions();
  const since = conditions.bindInteger(sinceUs);
  const width = conditions.bindInteger(widthUs);
  addFilters(conditions, filters);
  return {
    sql: `SELECT (ts - ${since}) // ${width} AS bucket, count(*) AS events,
        count(*) FILTER (severity_number >= 17) AS errors,
        count(*) FILTER (severity_number BETWEEN 13 AND 16) AS warnings,
        count(*) FILTER (kind = 'access') AS requests,
        count(*) FILTER (kind = 'access' AND status >= 500) AS server_errors,
        approx_quantile(duration_ms, ${PERCENTILES}) FILTER (kind = 'access') AS duration
      FROM events WHERE ${conditions} GROUP BY bucket ORDER BY bucket`,
    values: conditions.values,
  };
}

/** The columns whose values can be listed, by their parameter's name. */
export const LISTED_COLUMNS = {
  source: 'source',
  service: 'service',
  route: 'route',
  consumer: 'consumer',
  kind: 'kind',
  method: 'method',
  status: 'status',
  level: 'severity_text',
} as const;

/** The most frequent values of one column. */
export function valuesStatement(
  filters: Filters,
  field: keyof typeof LISTED_COLUMNS,
  limit: number,
): Statement {
  const conditions = new Conditions();
  const column = LISTED_COLUMNS[field];
  conditions.add(`${column} IS NOT NULL`);
  addFilters(conditions, filters);
  return {
    sql: `SELECT ${column}::VARCHAR AS value, count(*) AS events FROM events WHERE ${conditions}
      GROUP BY value ORDER BY events DESC, value LIMIT ${limit}`,
    values: conditions.values,
  };
}

/** One row for each service and route that the gateway answered for. */
export function routeStatistics(range: TimeRange): Statement {
  const conditions = new Conditions();
  conditions.range(range);
  conditions.add("kind = 'access'");
  return {
    sql: `SELECT service, route, count(*) AS requests,
        count(*) FILTER (status >= 500) AS server_errors,
        count(*) FILTER (status BETWEEN 400 AND 499) AS client_errors,
        approx_quantile(duration_ms, ${PERCENTILES}) AS duration,
        approx_quantile(upstream_ms, ${PERCENTILES}) AS upstream
      FROM events WHERE ${conditions} GROUP BY service, route ORDER BY requests DESC LIMIT 1000`,
    values: conditions.values,
  };
}

/** One row for each source. */
export function sourceStatistics(range: TimeRange): Statement {
  const conditions = new Conditions();
  conditions.range(range);
  return {
    sql: `SELECT source, service, kind, count(*) AS events,
        count(*) FILTER (severity_number >= 17) AS errors,
        count(*) FILTER (severity_number BETWEEN 13 AND 16) AS warnings, max(ts) AS last
      FROM events WHERE ${conditions} GROUP BY source, service, kind ORDER BY events DESC LIMIT 1000`,
    values: conditions.values,
  };
}

/** The most frequent messages: numbers and long hexadecimal ids count as the same. */
export function messageStatement(filters: Filters, limit: number): Statement {
  const conditions = new Conditions();
  addFilters(conditions, filters);
  return {
    sql: `SELECT regexp_replace(substr(body, 1, 300), '\\b[0-9a-fA-F][0-9a-fA-F-]{15,}\\b|[0-9]+', '#', 'g') AS message,
        service, max(severity_number) AS severity_number, count(*) AS events, max(ts) AS last
      FROM events WHERE ${conditions} GROUP BY message, service ORDER BY events DESC, message LIMIT ${limit}`,
    values: conditions.values,
  };
}

/** The newest notification of each alert. */
export function alertStatement(range: TimeRange): Statement {
  const conditions = new Conditions();
  conditions.range(range);
  conditions.add("kind = 'alert'");
  return {
    sql: `SELECT * FROM (SELECT *, json_extract_string(attributes, '$.fingerprint') AS fingerprint FROM events
        WHERE ${conditions})
      QUALIFY row_number() OVER (PARTITION BY coalesce(fingerprint, id::VARCHAR) ORDER BY ts DESC, seq DESC) = 1
      ORDER BY ts DESC LIMIT 1000`,
    values: conditions.values,
  };
}
