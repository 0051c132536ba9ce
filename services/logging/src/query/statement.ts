/** A search -> one SQL statement; every value is bound, no text of a client becomes SQL. */
import type { DuckDBValue } from '@duckdb/node-api';
import { requestHash } from '../store/tables.ts';
import type { Search, TimeRange } from './parameters.ts';

export interface Statement {
  readonly sql: string;
  readonly values: readonly DuckDBValue[];
}

/** Collects conditions and their values. */
class Conditions {
  readonly values: DuckDBValue[] = [];
  readonly #parts: string[] = [];

  bind(value: DuckDBValue): string {
    this.values.push(value);
    return `$${this.values.length}`;
  }
  /** Times and numbers are bound with their type, or the engine would take them for 32-bit. */
  bindInteger(value: number): string {
    return `${this.bind(BigInt(value))}::BIGINT`;
  }
  add(part: string): void {
    this.#parts.push(part);
  }
  anyOf(column: string, values: readonly string[] | undefined): void {
    if (values === undefined || values.length === 0) return;
    this.add(`${column} IN (${values.map((value) => this.bind(value)).join(', ')})`);
  }
  range({ since, until }: TimeRange): void {
    if (since !== undefined) this.add(`ts >= ${this.bindInteger(since)}`);
    if (until !== undefined) this.add(`ts < ${this.bindInteger(until)}`);
  }
  toString(): string {
    return this.#parts.length === 0 ? 'true' : this.#parts.join(' AND ');
  }
}

/** Words, and phrases in double quotes; all of them have to occur. */
export function searchTerms(query: string): string[] {
  return [...query.matchAll(/"([^"]+)"|(\S+)/g)].map(([, phrase, word]) =>
    (phrase ?? word ?? '').toLowerCase(),
  );
}

function addTerm(conditions: Conditions, term: string): void {
  const inBody = conditions.bind(term);
  // Attributes are JSON text: what is escaped there has to be escaped in the word as well.
  const inAttributes = conditions.bind(JSON.stringify(term).slice(1, -1));
  conditions.add(`(contains(lower(body), ${inBody}) OR contains(lower(attributes), ${inAttributes}))`);
}

/** One row more than asked for tells whether there is another page. */
export function searchStatement(search: Search): Statement {
  const conditions = new Conditions();
  conditions.range(search);
  if (search.request_id !== undefined) {
    conditions.add(`request_hash = ${conditions.bind(requestHash(search.request_id))}::BIGINT`);
    conditions.add(`request_id = ${conditions.bind(search.request_id)}`);
  }
  if (search.trace_id !== undefined) conditions.add(`trace_id = ${conditions.bind(search.trace_id)}`);
  conditions.anyOf('source', search.source);
  conditions.anyOf('service', search.service);
  conditions.anyOf('route', search.route);
  conditions.anyOf('consumer', search.consumer);
  conditions.anyOf('kind', search.kind);
  if (search.status !== undefined) {
    const ranges = search.status.map(({ from, to }) => `status BETWEEN ${from} AND ${to}`);
    conditions.add(`(${ranges.join(' OR ')})`);
  }
  if (search.level !== undefined) conditions.add(`severity_number >= ${search.level}`);
  for (const term of search.q === undefined ? [] : searchTerms(search.q)) addTerm(conditions, term);
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

/** One row for each service and route that the gateway answered for. */
export function routeStatistics(range: TimeRange): Statement {
  const conditions = new Conditions();
  conditions.range(range);
  conditions.add("kind = 'access'");
  return {
    sql: `SELECT service, route, count(*) AS requests,
        count(*) FILTER (status >= 500) AS server_errors,
        count(*) FILTER (status BETWEEN 400 AND 499) AS client_errors,
        quantile_cont(duration_ms, [0.5, 0.95, 0.99]) AS duration,
        quantile_cont(upstream_ms, [0.5, 0.95, 0.99]) AS upstream
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
