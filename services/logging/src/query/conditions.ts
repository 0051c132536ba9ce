/** Filters -> the WHERE of a statement; every value is bound, no text of a client becomes SQL. */
import type { DuckDBValue } from '@duckdb/node-api';
import { numbersOfRequest } from '../store/request-index.ts';
import { requestHash } from '../store/tables.ts';
import type { AttributeFilter, Filters, TimeRange } from './parameters.ts';
import { searchTerms, type Term } from './terms.ts';

export interface Statement {
  readonly sql: string;
  readonly values: readonly DuckDBValue[];
}

/** Collects conditions and their values. */
export class Conditions {
  readonly values: DuckDBValue[] = [];
  readonly #parts: string[] = [];

  bind(value: DuckDBValue): string {
    this.values.push(value);
    return `$${this.values.length}`;
  }
  /** Times and numbers are bound with their type, or the engine would take them for 32-bit. */
  bindInteger(value: number): string {
    return `${this.bind(BigInt(Math.round(value)))}::BIGINT`;
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

function addTerm(conditions: Conditions, { text, isExcluded }: Term): void {
  const inBody = conditions.bind(text);
  // Attributes are JSON text: what is escaped there has to be escaped in the word as well.
  const inAttributes = conditions.bind(JSON.stringify(text).slice(1, -1));
  const found = `(contains(lower(body), ${inBody}) OR contains(lower(attributes), ${inAttributes}))`;
  conditions.add(isExcluded ? `NOT ${found}` : found);
}

function addAttribute(conditions: Conditions, { name, value }: AttributeFilter): void {
  const paths = new Set([`$."${name}"`, `$."${name.replaceAll('.', '"."')}"`]);
  const wanted = conditions.bind(value);
  const matches = [...paths].map(
    (path) => `json_extract_string(attributes, ${conditions.bind(path)}) = ${wanted}`,
  );
  conditions.add(`(${matches.join(' OR ')})`);
}

export function addFilters(conditions: Conditions, filters: Filters): void {
  conditions.range(filters);
  if (filters.request_id !== undefined) {
    // Our own number: the engine plans with it.
    conditions.add(numbersOfRequest(`${requestHash(filters.request_id)}::BIGINT`));
    conditions.add(`request_id = ${conditions.bind(filters.request_id)}`);
  }
  if (filters.trace_id !== undefined) conditions.add(`trace_id = ${conditions.bind(filters.trace_id)}`);
  for (const column of ['source', 'service', 'route', 'consumer', 'method', 'path', 'kind'] as const) {
    conditions.anyOf(column, filters[column]);
  }
  if (filters.status !== undefined) {
    const ranges = filters.status.map(({ from, to }) => `status BETWEEN ${from} AND ${to}`);
    conditions.add(`(${ranges.join(' OR ')})`);
  }
  if (filters.level !== undefined) conditions.add(`severity_number >= ${filters.level}`);
  for (const attribute of filters.attribute ?? []) addAttribute(conditions, attribute);
  for (const term of filters.q === undefined ? [] : searchTerms(filters.q)) addTerm(conditions, term);
}
