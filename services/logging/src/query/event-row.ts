/** A row of the store as the API gives it. */
import { integerToId } from '../event/identity.ts';
import { formatTimestampUs } from '../event/timestamp.ts';
import type { Row } from '../store/store.ts';

export function eventOf(row: Row): Record<string, unknown> {
  return {
    id: integerToId(BigInt(String(row.id))),
    timestamp: formatTimestampUs(Number(row.ts)),
    timestamp_raw: row.ts_raw,
    severity: row.severity_text,
    body: row.body,
    source: row.source,
    kind: row.kind,
    service: row.service,
    route: row.route,
    consumer: row.consumer,
    request_id: row.request_id,
    trace_id: row.trace_id,
    method: row.method,
    path: row.path,
    status: row.status === null ? null : Number(row.status),
    duration_ms: row.duration_ms,
    client: row.client,
    attributes: JSON.parse(String(row.attributes)),
  };
}

export const cursorOf = (row: Row): string => `${row.ts}.${row.seq}`;
