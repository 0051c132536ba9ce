import { levelOfStatus, levelOfWord } from '../level.ts';
import { type LogRecord, type Recogniser, record } from '../record.ts';
import { gatewayAccess, isGatewayAccess } from './gateway-access.ts';
import { isJsonRecord, type JsonRecord, lookUp, REQUEST_ID_NAMES, textOf } from './values.ts';

const LEVEL_NAMES = ['level', 'severity', 'log.level', 'levelname', 'severity_text', 'lvl'] as const;
const MESSAGE_NAMES = ['message', 'msg', 'body', 'event', 'text'] as const;
const STATUS_NAMES = ['status', 'status_code', 'http.response.status_code', 'http.status_code'] as const;
const STACK_NAMES = [
  'error.stack',
  'error.stack_trace',
  'stack',
  'stack_trace',
  'exception.stacktrace',
] as const;

/** What stands in the line's other columns, or says nothing about what happened. */
const NOT_SHOWN: ReadonlySet<string> = new Set([
  ...LEVEL_NAMES,
  ...MESSAGE_NAMES,
  ...REQUEST_ID_NAMES,
  ...['timestamp', '@timestamp', 'time', 'ts', 'service', 'instance', 'version', 'log', 'ecs.version'],
  ...['ecs', 'process', 'process.thread.name', 'service.name', 'event.dataset', 'elasticsearch.node.name'],
  ...[
    'elasticsearch.cluster.name',
    'elasticsearch.node.id',
    'elasticsearch.cluster.uuid',
    'tags',
    'trace_id',
  ],
  ...['stack', 'stack_trace', 'error.stack_trace'],
]);

/** A JSON object on one line, by the names that loggers commonly use: Django backends, logging service, gateway, Elastic. */
export const jsonLine: Recogniser = (text) => {
  if (!text.startsWith('{')) return null;
  const json = parsed(text);
  if (json === null) return null;
  return isGatewayAccess(json) ? gatewayAccess(json) : ordinary(json);
};

function ordinary(json: JsonRecord): LogRecord {
  const word = textOf(json, LEVEL_NAMES);
  const status = textOf(json, STATUS_NAMES);
  const stack = textOf(json, STACK_NAMES);
  const level = word === null ? null : levelOfWord(word);
  return record({
    level: level ?? (status === null ? null : levelOfStatus(Number(status))),
    message: textOf(json, MESSAGE_NAMES) ?? '',
    requestId: textOf(json, REQUEST_ID_NAMES),
    fields: fieldsOf(json),
    stack: stack === null ? [] : stack.trimEnd().split(/\r?\n/),
  });
}

function fieldsOf(json: JsonRecord): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const [name, value] of Object.entries(json)) {
    if (NOT_SHOWN.has(name) || value === null || value === '') continue;
    if (typeof value !== 'object') fields[name] = String(value);
    else if (name === 'error') addError(json, fields);
  }
  return fields;
}

/** An error is a record of its own; its stack is shown below the line. */
function addError(json: JsonRecord, fields: Record<string, string>): void {
  for (const part of ['error.type', 'error.message']) {
    const value = lookUp(json, part);
    if (typeof value === 'string' && value !== '') fields[part] = value;
  }
}

function parsed(text: string): JsonRecord | null {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonRecord(value) ? value : null;
  } catch {
    // Text that only begins like JSON.
    return null;
  }
}
