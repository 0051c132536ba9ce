/** Any other JSON record (backends, OpenTelemetry-like, common loggers) -> description. */
import {
  firstPresent,
  isObject,
  lookUp,
  numberOf,
  parseTraceparent,
  rawText,
  safeSource,
  statusOf,
  textOf,
} from './fields.ts';
import type { Described, JsonObject } from './model.ts';
import { parseSeverity, severityName, severityOfStatus } from './severity.ts';
import { parseTimestampUs } from './timestamp.ts';

function bodyOf(record: JsonObject): string {
  const value = firstPresent(record, 'body', 'message', 'msg', 'event', 'log', 'text');
  if (typeof value === 'string') return value;
  // OpenTelemetry's JSON wraps a text body in an object.
  if (isObject(value) && typeof value.stringValue === 'string') return value.stringValue;
  return value === undefined ? '' : JSON.stringify(value);
}

function severityOf(record: JsonObject, status: number | null): { text: string | null; number: number } {
  const number = numberOf(record, 'severity_number', 'severityNumber');
  if (number !== null && Number.isInteger(number) && number >= 1 && number <= 24) {
    return { text: severityName(number), number };
  }
  const named = parseSeverity(
    firstPresent(
      record,
      'severity_text',
      'severityText',
      'severity',
      'level',
      'levelname',
      'log.level',
      'lvl',
    ),
  );
  return named.number === 0 ? severityOfStatus(status) : named;
}

function durationOf(record: JsonObject): number | null {
  const ms = numberOf(record, 'duration_ms', 'latency_ms', 'elapsed_ms', 'response_time_ms', 'durationMs');
  if (ms !== null) return ms < 0 ? null : ms;
  const seconds = numberOf(record, 'duration_s', 'duration_seconds', 'http.server.request.duration');
  return seconds === null || seconds < 0 ? null : seconds * 1000;
}

function pathOf(record: JsonObject): string | null {
  const path = textOf(record, 'url.path', 'http.target', 'path', 'uri', 'request_path');
  return path === null ? null : (path.split('?', 1)[0] ?? '');
}

/** What a record says about which instance wrote it. */
export function claimedSource(record: JsonObject): string | undefined {
  const claimed = textOf(record, 'source', 'service.instance.id', 'instance', 'host.name');
  return claimed === null ? undefined : safeSource(claimed);
}

/** Describes a record by the names that loggers commonly use. */
export function describeLog(record: JsonObject, source: string): Described {
  const status = statusOf(
    record,
    'http.response.status_code',
    'http.status_code',
    'status_code',
    'status',
    'http.status',
    'response.status',
  );
  const severity = severityOf(record, status);
  const time = firstPresent(
    record,
    'timestamp',
    '@timestamp',
    'time',
    'ts',
    'timeUnixNano',
    'time_unix_nano',
    'asctime',
    'started_at',
  );
  const trace = parseTraceparent(firstPresent(record, 'traceparent', 'http.request.header.traceparent'));
  return {
    timestampUs: parseTimestampUs(time),
    timestampRaw: rawText(time),
    severityText: severity.text,
    severityNumber: severity.number,
    body: bodyOf(record),
    source,
    kind: 'log',
    // `backend-2` is the second instance of the service `backend`.
    service: textOf(record, 'service.name', 'service') ?? source.replace(/-\d+$/, ''),
    route: textOf(record, 'http.route', 'route.name', 'route'),
    consumer: textOf(record, 'consumer.username', 'consumer', 'enduser.id', 'user.id'),
    requestId: textOf(
      record,
      'request_id',
      'requestId',
      'x-request-id',
      'http.request.header.x-request-id',
      'correlation_id',
      'request.id',
    ),
    traceId: textOf(record, 'trace_id', 'traceId', 'trace.id') ?? trace?.traceId ?? null,
    spanId: textOf(record, 'span_id', 'spanId', 'span.id') ?? trace?.spanId ?? null,
    method: textOf(record, 'http.request.method', 'http.method', 'method', 'request_method'),
    path: pathOf(record),
    status,
    durationMs: durationOf(record),
    upstreamMs: null,
    gatewayMs: null,
    client: textOf(record, 'client.address', 'client_ip', 'client', 'remote_addr', 'net.peer.ip'),
  };
}

/** A line that is no JSON object: its text is the body and nothing is read out of it. */
export function describeText(text: string, source: string): Described {
  return { ...describeLog({}, source), body: text };
}

/** True when the record carries something that tells it from an identical later one. */
export function hasOwnTime(record: JsonObject): boolean {
  return ['timestamp', '@timestamp', 'time', 'ts', 'timeUnixNano', 'started_at', 'id', 'event.id'].some(
    (name) => lookUp(record, name) !== undefined,
  );
}
