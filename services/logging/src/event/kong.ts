/** Kong's log record (file-log and http-log write the same) -> description. */
import { isObject, lookUp, numberOf, parseTraceparent, rawText, statusOf, textOf } from './fields.ts';
import type { Described, JsonObject } from './model.ts';
import { severityOfStatus } from './severity.ts';
import { parseTimestampUs } from './timestamp.ts';

/** Kong's record is known by its three parts; none of them alone is telling enough. */
export function isKongRecord(record: JsonObject): boolean {
  return isObject(record.request) && isObject(record.response) && isObject(record.latencies);
}

/** -1 is Kong's way of saying that no upstream was asked. */
function latency(record: JsonObject, path: string): number | null {
  const ms = numberOf(record, path);
  return ms === null || ms < 0 ? null : ms;
}

function pathOf(record: JsonObject): string | null {
  const uri = lookUp(record, 'request.uri');
  return typeof uri === 'string' ? (uri.split('?', 1)[0] ?? '') : null;
}

export function describeKong(record: JsonObject): Described {
  const status = statusOf(record, 'response.status');
  const method = textOf(record, 'request.method');
  const path = pathOf(record);
  const severity = severityOfStatus(status);
  const trace = parseTraceparent(lookUp(record, 'request.headers.traceparent'));
  const durationMs = latency(record, 'latencies.request');
  return {
    timestampUs: parseTimestampUs(record.started_at),
    timestampRaw: rawText(record.started_at),
    severityText: severity.text,
    severityNumber: severity.number,
    body: `${method ?? '-'} ${path ?? '-'} ${status ?? '-'} ${durationMs === null ? '-' : `${durationMs} ms`}`,
    source: 'kong',
    kind: 'access',
    service: textOf(record, 'service.name', 'service.id'),
    route: textOf(record, 'route.name', 'route.id'),
    consumer: textOf(record, 'consumer.username', 'consumer.custom_id', 'consumer.id'),
    requestId: textOf(
      record,
      'request.headers.x-request-id',
      'correlation_id',
      'response.headers.x-request-id',
      'request.id',
    ),
    traceId: textOf(record, 'trace_id.w3c', 'trace_id') ?? trace?.traceId ?? null,
    spanId: trace?.spanId ?? null,
    method,
    path,
    status,
    durationMs,
    upstreamMs: latency(record, 'latencies.proxy'),
    gatewayMs: latency(record, 'latencies.kong'),
    client: textOf(record, 'client_ip'),
  };
}
