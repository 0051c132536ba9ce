/** OTLP/HTTP logs, as protobuf or JSON -> flat records with the names of the semantic conventions. */
import { isObject } from '../event/fields.ts';
import type { JsonObject } from '../event/model.ts';
import { HttpProblem } from '../http/problem.ts';
import { LogsRequest } from './otlp-schema.ts';
import type { NumberedRecord } from './records.ts';

/** Deeper values are nobody's logs. */
const MAX_DEPTH = 60;

function malformed(what: string): HttpProblem {
  return new HttpProblem(400, 'BAD_OTLP', `${what}; nothing of the batch was taken`);
}

/** @throws HttpProblem 400 */
export function decodeLogsRequest(bytes: Buffer): unknown {
  try {
    // The same shape as OTLP's JSON, except that bytes are base64 here where ids are hexadecimal there.
    return LogsRequest.toObject(LogsRequest.decode(bytes), { longs: String, bytes: Buffer });
  } catch {
    throw malformed('the body is no ExportLogsServiceRequest in protobuf');
  }
}

function listOf(parent: JsonObject, name: string): readonly JsonObject[] {
  const value = parent[name] ?? [];
  if (!Array.isArray(value) || !value.every(isObject)) throw malformed(`"${name}" is no list of objects`);
  return value;
}

function objectOf(parent: JsonObject, name: string): JsonObject {
  const value = parent[name] ?? {};
  if (!isObject(value)) throw malformed(`"${name}" is no object`);
  return value;
}

function plainValue(value: unknown, depth = 0): unknown {
  if (depth > MAX_DEPTH) throw malformed(`a value is nested deeper than ${MAX_DEPTH} levels`);
  if (!isObject(value)) return null;
  if (Object.hasOwn(value, 'stringValue')) return value.stringValue;
  if (Object.hasOwn(value, 'boolValue')) return value.boolValue;
  if (Object.hasOwn(value, 'intValue')) return integerOf(value.intValue);
  if (Object.hasOwn(value, 'doubleValue')) return value.doubleValue;
  if (Object.hasOwn(value, 'arrayValue')) {
    return listOf(objectOf(value, 'arrayValue'), 'values').map((item) => plainValue(item, depth + 1));
  }
  if (Object.hasOwn(value, 'kvlistValue'))
    return attributesOf(objectOf(value, 'kvlistValue'), 'values', depth + 1);
  const { bytesValue } = value;
  return Buffer.isBuffer(bytesValue) ? bytesValue.toString('base64') : (bytesValue ?? null);
}

/** 64-bit integers come as text; those that a double cannot hold stay text. */
function integerOf(value: unknown): unknown {
  const number = Number(value);
  return typeof value === 'string' && Number.isSafeInteger(number) ? number : value;
}

function attributesOf(parent: JsonObject, name: string, depth = 0): JsonObject {
  // fromEntries makes own properties of names like "__proto__".
  return Object.fromEntries(
    listOf(parent, name).map(({ key, value }) => [String(key ?? ''), plainValue(value, depth)]),
  );
}

function idOf(value: unknown): string | undefined {
  const id = Buffer.isBuffer(value) ? value.toString('hex') : value;
  return typeof id === 'string' && /^(?!0+$)[0-9a-f]{16,32}$/i.test(id) ? id.toLowerCase() : undefined;
}

function timeOf(record: JsonObject): unknown {
  const isSet = (value: unknown): boolean => value !== undefined && String(value) !== '0';
  return [record.timeUnixNano, record.observedTimeUnixNano].find(isSet);
}

function toRecord(record: JsonObject, surroundings: JsonObject): JsonObject {
  const known = {
    timestamp: timeOf(record),
    severity_number: record.severityNumber === 0 ? undefined : record.severityNumber,
    severity_text: record.severityText === '' ? undefined : record.severityText,
    body: record.body === undefined ? undefined : plainValue(record.body),
    event_name: record.eventName === '' ? undefined : record.eventName,
    trace_id: idOf(record.traceId),
    span_id: idOf(record.spanId),
  };
  const present = Object.entries(known).filter(([, value]) => value !== undefined);
  const merged = [surroundings, attributesOf(record, 'attributes'), Object.fromEntries(present)];
  return Object.fromEntries(merged.flatMap((part) => Object.entries(part)));
}

/** One record for each log record, in order. @throws HttpProblem 400 */
export function recordsFromOtlp(request: unknown): NumberedRecord[] {
  if (!isObject(request)) throw malformed('the body is no object');
  const records: NumberedRecord[] = [];
  for (const resourceLogs of listOf(request, 'resourceLogs')) {
    const resource = attributesOf(objectOf(resourceLogs, 'resource'), 'attributes');
    for (const scopeLogs of listOf(resourceLogs, 'scopeLogs')) {
      const { name } = objectOf(scopeLogs, 'scope');
      const scope = typeof name === 'string' && name !== '' ? { 'otel.scope.name': name } : {};
      for (const record of listOf(scopeLogs, 'logRecords')) {
        records.push({ line: records.length + 1, record: toRecord(record, { ...resource, ...scope }) });
      }
    }
  }
  return records;
}
