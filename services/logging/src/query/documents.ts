/** What the query API answers, and how it is made from rows of the store. */
import { z } from 'zod';
import { integerToId } from '../event/identity.ts';
import { severityName } from '../event/severity.ts';
import { formatTimestampUs } from '../event/timestamp.ts';
import type { Row } from '../store/port.ts';

const text = z.string().nullable();
const number = z.number().nullable();
const time = z.string().describe('ISO 8601 in UTC, six digits.');

/** Names follow OpenTelemetry's log data model and semantic conventions where they have one. */
export const eventDocument = z.strictObject({
  id: z.string().describe('The same for every delivery of the event.'),
  sequence: z.int().describe('Order of arrival.'),
  timestamp: time,
  timestamp_raw: text.describe('As the sender wrote it.'),
  observed_timestamp: time,
  severity_text: text,
  severity_number: z.int(),
  body: z.string(),
  source: z.string(),
  kind: z.enum(['access', 'log', 'alert']),
  channel: z.string(),
  request_id: text,
  trace_id: text,
  span_id: text,
  'service.name': text,
  'http.route': text,
  'user.name': text,
  'http.request.method': text,
  'url.path': text,
  'http.response.status_code': number,
  'client.address': text,
  duration_ms: number,
  upstream_ms: number,
  gateway_ms: number,
  attributes: z.unknown().describe('The whole record as received, credentials masked.'),
});
export type EventDocument = z.output<typeof eventDocument>;

export const percentilesDocument = z.strictObject({ p50: z.number(), p95: z.number(), p99: z.number() });

export const histogramBucket = z.strictObject({
  from: time,
  events: z.int(),
  errors: z.int(),
  warnings: z.int(),
  requests: z.int(),
  server_errors: z.int(),
  duration_ms: percentilesDocument.nullable(),
});

export const routeDocument = z.strictObject({
  'service.name': text,
  'http.route': text,
  requests: z.int(),
  requests_per_second: z.number(),
  server_errors: z.int(),
  client_errors: z.int(),
  error_rate: z.number().describe('Share of 5xx, from 0 to 1.'),
  duration_ms: percentilesDocument.nullable(),
  upstream_ms: percentilesDocument.nullable(),
});

export const sourceDocument = z.strictObject({
  source: z.string(),
  'service.name': text,
  kind: z.string(),
  events: z.int(),
  events_per_second: z.number(),
  errors: z.int(),
  warnings: z.int(),
  last_timestamp: time,
});

export const messageDocument = z.strictObject({
  message: z.string().describe('Numbers and ids as #.'),
  'service.name': text,
  severity_text: text,
  events: z.int(),
  last_timestamp: time,
});

export const alertDocument = z.strictObject({
  id: z.string(),
  fingerprint: text,
  status: z.string(),
  labels: z.record(z.string(), z.unknown()),
  annotations: z.record(z.string(), z.unknown()),
  starts_at: text,
  ends_at: text,
  received_at: time,
  receiver: text,
});

const textOf = (value: unknown): string | null =>
  value === null || value === undefined ? null : String(value);
const numberOf = (value: unknown): number | null =>
  value === null || value === undefined ? null : Number(value);
const timeOf = (value: unknown): string => formatTimestampUs(Number(value));

function attributesOf(value: unknown): unknown {
  try {
    return JSON.parse(String(value));
  } catch {
    return String(value);
  }
}

export function toEvent(row: Row): EventDocument {
  return {
    id: integerToId(row.id as bigint),
    sequence: Number(row.seq),
    timestamp: timeOf(row.ts),
    timestamp_raw: textOf(row.ts_raw),
    observed_timestamp: timeOf(row.observed),
    severity_text: textOf(row.severity_text),
    severity_number: Number(row.severity_number),
    body: String(row.body),
    source: String(row.source),
    kind: String(row.kind) as EventDocument['kind'],
    channel: String(row.channel),
    request_id: textOf(row.request_id),
    trace_id: textOf(row.trace_id),
    span_id: textOf(row.span_id),
    'service.name': textOf(row.service),
    'http.route': textOf(row.route),
    'user.name': textOf(row.consumer),
    'http.request.method': textOf(row.method),
    'url.path': textOf(row.path),
    'http.response.status_code': numberOf(row.status),
    'client.address': textOf(row.client),
    duration_ms: numberOf(row.duration_ms),
    upstream_ms: numberOf(row.upstream_ms),
    gateway_ms: numberOf(row.gateway_ms),
    attributes: attributesOf(row.attributes),
  };
}

/** The three percentiles that the engine computes as one list. */
function percentiles(value: unknown): z.output<typeof percentilesDocument> | null {
  if (!Array.isArray(value)) return null;
  const [p50, p95, p99] = value as (number | null | undefined)[];
  return typeof p50 === 'number' && typeof p95 === 'number' && typeof p99 === 'number'
    ? { p50, p95, p99 }
    : null;
}

/** All buckets from the first to the last, those without events too. */
export function toBuckets(
  rows: readonly Row[],
  sinceUs: number,
  widthUs: number,
  count: number,
): z.output<typeof histogramBucket>[] {
  const byIndex = new Map(rows.map((row) => [Number(row.bucket), row]));
  return Array.from({ length: count }, (_, index) => {
    const row = byIndex.get(index) ?? {};
    return {
      from: formatTimestampUs(sinceUs + index * widthUs),
      events: Number(row.events ?? 0),
      errors: Number(row.errors ?? 0),
      warnings: Number(row.warnings ?? 0),
      requests: Number(row.requests ?? 0),
      server_errors: Number(row.server_errors ?? 0),
      duration_ms: percentiles(row.duration),
    };
  });
}

export function toRoute(row: Row, seconds: number): z.output<typeof routeDocument> {
  const requests = Number(row.requests);
  const serverErrors = Number(row.server_errors);
  return {
    'service.name': textOf(row.service),
    'http.route': textOf(row.route),
    requests,
    requests_per_second: requests / seconds,
    server_errors: serverErrors,
    client_errors: Number(row.client_errors),
    error_rate: requests === 0 ? 0 : serverErrors / requests,
    duration_ms: percentiles(row.duration),
    upstream_ms: percentiles(row.upstream),
  };
}

export function toSource(row: Row, seconds: number): z.output<typeof sourceDocument> {
  const events = Number(row.events);
  return {
    source: String(row.source),
    'service.name': textOf(row.service),
    kind: String(row.kind),
    events,
    events_per_second: events / seconds,
    errors: Number(row.errors),
    warnings: Number(row.warnings),
    last_timestamp: timeOf(row.last),
  };
}

export function toMessage(row: Row): z.output<typeof messageDocument> {
  return {
    message: String(row.message),
    'service.name': textOf(row.service),
    severity_text: severityName(Number(row.severity_number)),
    events: Number(row.events),
    last_timestamp: timeOf(row.last),
  };
}

export function toAlert(row: Row): z.output<typeof alertDocument> {
  const event = toEvent(row);
  const alert = event.attributes as Record<string, unknown>;
  return {
    id: event.id,
    fingerprint: textOf(alert.fingerprint),
    status: String(alert.status),
    labels: alert.labels as Record<string, unknown>,
    annotations: (alert.annotations ?? {}) as Record<string, unknown>,
    starts_at: textOf(alert.startsAt),
    ends_at: textOf(alert.endsAt),
    received_at: event.observed_timestamp,
    receiver: textOf(alert.receiver),
  };
}
