/** Rows of the store -> what the API answers. */
import { integerToId } from '../event/identity.ts';
import { formatTimestampUs } from '../event/timestamp.ts';
import type { Row } from '../store/store.ts';

/** Names follow OpenTelemetry's log data model and semantic conventions where they have one. */
export interface EventDocument {
  readonly id: string;
  readonly timestamp: string;
  readonly timestamp_raw: string | null;
  readonly observed_timestamp: string;
  readonly severity_text: string | null;
  readonly severity_number: number;
  readonly body: string;
  readonly source: string;
  readonly kind: string;
  readonly channel: string;
  readonly service: string | null;
  readonly route: string | null;
  readonly consumer: string | null;
  readonly request_id: string | null;
  readonly trace_id: string | null;
  readonly span_id: string | null;
  readonly 'http.request.method': string | null;
  readonly 'url.path': string | null;
  readonly 'http.response.status_code': number | null;
  readonly duration_ms: number | null;
  readonly upstream_ms: number | null;
  readonly gateway_ms: number | null;
  readonly 'client.address': string | null;
  readonly attributes: unknown;
}

const text = (value: unknown): string | null =>
  value === null || value === undefined ? null : String(value);
const number = (value: unknown): number | null =>
  value === null || value === undefined ? null : Number(value);

function attributesOf(value: unknown): unknown {
  try {
    return JSON.parse(String(value));
  } catch {
    return String(value);
  }
}

export function toDocument(row: Row): EventDocument {
  return {
    id: integerToId(row.id as bigint),
    timestamp: formatTimestampUs(Number(row.ts)),
    timestamp_raw: text(row.ts_raw),
    observed_timestamp: formatTimestampUs(Number(row.observed)),
    severity_text: text(row.severity_text),
    severity_number: Number(row.severity_number),
    body: String(row.body),
    source: String(row.source),
    kind: String(row.kind),
    channel: String(row.channel),
    service: text(row.service),
    route: text(row.route),
    consumer: text(row.consumer),
    request_id: text(row.request_id),
    trace_id: text(row.trace_id),
    span_id: text(row.span_id),
    'http.request.method': text(row.method),
    'url.path': text(row.path),
    'http.response.status_code': number(row.status),
    duration_ms: number(row.duration_ms),
    upstream_ms: number(row.upstream_ms),
    gateway_ms: number(row.gateway_ms),
    'client.address': text(row.client),
    attributes: attributesOf(row.attributes),
  };
}

/** The three percentiles that the engine computes as one list. */
export function percentiles(value: unknown): { p50: number; p95: number; p99: number } | null {
  if (!Array.isArray(value)) return null;
  const [p50, p95, p99] = value as (number | undefined)[];
  return p50 === undefined || p95 === undefined || p99 === undefined ? null : { p50, p95, p99 };
}
