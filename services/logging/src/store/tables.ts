/** The store's tables. Times are microseconds since 1970, ids 64-bit integers. */

import { idToInteger, stableId } from '../event/identity.ts';
import type { LogEvent } from '../event/model.ts';
import { CREATE_DEAD_LETTERS } from './dead-letters.ts';
import { CREATE_REQUEST_INDEX } from './request-index.ts';
import { CREATE_SINKS } from './sink-ledger.ts';

export const SCHEMA_VERSION = 1;

type ColumnType = 'BIGINT' | 'INTEGER' | 'DOUBLE' | 'VARCHAR';
type ColumnValue = bigint | number | string | null;

interface Column {
  readonly name: string;
  readonly type: ColumnType;
  readonly value: (event: LogEvent, sequence: number) => ColumnValue;
}

/** Random request ids do not compress and do not sort; eight bytes of hash are ten times cheaper to look through. */
export function requestHash(requestId: string): bigint {
  return idToInteger(stableId(requestId));
}

/** One row per column: how it is called and where its value comes from. */
export const EVENT_COLUMNS: readonly Column[] = [
  { name: 'seq', type: 'BIGINT', value: (_, sequence) => BigInt(sequence) },
  { name: 'id', type: 'BIGINT', value: (event) => idToInteger(event.id) },
  { name: 'ts', type: 'BIGINT', value: (event) => BigInt(event.timestampUs) },
  { name: 'ts_raw', type: 'VARCHAR', value: (event) => event.timestampRaw },
  { name: 'observed', type: 'BIGINT', value: (event) => BigInt(event.observedUs) },
  { name: 'severity_text', type: 'VARCHAR', value: (event) => event.severityText },
  { name: 'severity_number', type: 'INTEGER', value: (event) => event.severityNumber },
  { name: 'body', type: 'VARCHAR', value: (event) => event.body },
  { name: 'source', type: 'VARCHAR', value: (event) => event.source },
  { name: 'kind', type: 'VARCHAR', value: (event) => event.kind },
  { name: 'channel', type: 'VARCHAR', value: (event) => event.channel },
  { name: 'service', type: 'VARCHAR', value: (event) => event.service },
  { name: 'route', type: 'VARCHAR', value: (event) => event.route },
  { name: 'consumer', type: 'VARCHAR', value: (event) => event.consumer },
  {
    name: 'request_hash',
    type: 'BIGINT',
    value: (event) => (event.requestId === null ? null : requestHash(event.requestId)),
  },
  { name: 'request_id', type: 'VARCHAR', value: (event) => event.requestId },
  { name: 'trace_id', type: 'VARCHAR', value: (event) => event.traceId },
  { name: 'span_id', type: 'VARCHAR', value: (event) => event.spanId },
  { name: 'method', type: 'VARCHAR', value: (event) => event.method },
  { name: 'path', type: 'VARCHAR', value: (event) => event.path },
  { name: 'status', type: 'INTEGER', value: (event) => event.status },
  { name: 'duration_ms', type: 'DOUBLE', value: (event) => event.durationMs },
  { name: 'upstream_ms', type: 'DOUBLE', value: (event) => event.upstreamMs },
  { name: 'gateway_ms', type: 'DOUBLE', value: (event) => event.gatewayMs },
  { name: 'client', type: 'VARCHAR', value: (event) => event.client },
  { name: 'attributes', type: 'VARCHAR', value: (event) => event.attributes },
];

/** Statements that make an empty store; all of them may be run on an existing one. */
export const CREATE_TABLES: readonly string[] = [
  `CREATE TABLE IF NOT EXISTS events (${EVENT_COLUMNS.map(({ name, type }) => `${name} ${type}`).join(', ')})`,
  // One row: how far the buffer has been stored, and the books since the store began.
  `CREATE TABLE IF NOT EXISTS ledger (version INTEGER, stored_sequence BIGINT, stored BIGINT, duplicates BIGINT,
     quarantined BIGINT, expired BIGINT)`,
  CREATE_DEAD_LETTERS,
  CREATE_SINKS,
  ...CREATE_REQUEST_INDEX,
  'CREATE TABLE IF NOT EXISTS accepted (source VARCHAR, events BIGINT)',
  'CREATE TABLE IF NOT EXISTS positions (key VARCHAR, path VARCHAR, generation BIGINT, "end" BIGINT, updated BIGINT)',
];
