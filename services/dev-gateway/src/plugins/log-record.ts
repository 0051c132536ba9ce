import type { Exchange, Try } from '../proxy/exchange.ts';

/** The record of one exchange as the logging plugins write it; absent things are left out, never `null`. */
export type LogRecord = Record<string, unknown>;

export interface LogRecordWriter {
  record(exchange: Exchange): LogRecord;
  /** The record as one JSON object. */
  stringify(record: LogRecord): string;
}

const REDACTED_HEADERS = ['authorization', 'proxy-authorization'] as const;

const withoutNulls = (entity: object, workspaceId: string): Record<string, unknown> => ({
  ...Object.fromEntries(Object.entries(entity).filter(([, value]) => value !== null && value !== undefined)),
  ws_id: workspaceId,
});

const requestHeaders = (exchange: Exchange): Record<string, string | string[]> => {
  const headers = exchange.headers.toRecord();
  for (const name of REDACTED_HEADERS) if (headers[name] !== undefined) headers[name] = 'REDACTED';
  return headers;
};

const decode = (text: string): string => {
  const spaced = text.replaceAll('+', ' ');
  try {
    return decodeURIComponent(spaced);
  } catch {
    return spaced;
  }
};

/** `true` for an argument without `=`; a list for one that occurs more than once. */
export const parseQuery = (query: string): Record<string, string | true | (string | true)[]> => {
  const parsed = new Map<string, string | true | (string | true)[]>();
  for (const part of query.split('&')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    const name = decode(equals < 0 ? part : part.slice(0, equals));
    const value = equals < 0 ? true : decode(part.slice(equals + 1));
    const known = parsed.get(name);
    if (known === undefined) parsed.set(name, value);
    else parsed.set(name, Array.isArray(known) ? [...known, value] : [known, value]);
  }
  return Object.fromEntries(parsed);
};

const originalQuery = (exchange: Exchange): string => {
  const mark = exchange.requestTarget.indexOf('?');
  return mark < 0 ? '' : exchange.requestTarget.slice(mark + 1);
};

const tryRecord = (attempt: Try): Record<string, unknown> => ({
  ip: attempt.ip,
  port: attempt.port,
  balancer_start: Math.floor(attempt.startedAtMs),
  balancer_start_ns: Math.round(attempt.startedAtMs * 1e6),
  balancer_latency: Math.floor(attempt.balancerLatencyMs),
  balancer_latency_ns: Math.round(attempt.balancerLatencyMs * 1e6),
  ...(attempt.failedWith === undefined ? {} : { state: 'failed', code: attempt.failedWith }),
});

const setNested = (record: LogRecord, path: string, value: unknown): void => {
  const names = path.split('.');
  const last = names.pop() ?? path;
  let at: Record<string, unknown> = record;
  for (const name of names) {
    const inner = Object.hasOwn(at, name) ? at[name] : undefined;
    if (inner === null || typeof inner !== 'object') {
      if (value === undefined) return;
      at[name] = {};
    }
    at = at[name] as Record<string, unknown>;
  }
  if (value === undefined) delete at[last];
  else at[last] = value;
};

/** Sets a field, by a path with dots, in a copy of what leads to it; `undefined` removes the field. */
export const withField = (record: LogRecord, path: string, value: unknown): LogRecord => {
  const copy: LogRecord = { ...record };
  const names = path.split('.').slice(0, -1);
  let at = copy;
  for (const name of names) {
    const inner = Object.hasOwn(at, name) ? at[name] : undefined;
    if (inner === null || typeof inner !== 'object') break;
    const innerCopy = Array.isArray(inner) ? [...inner] : { ...inner };
    at[name] = innerCopy;
    at = innerCopy as LogRecord;
  }
  setNested(copy, path, value);
  return copy;
};

/** Writes records and keeps the last form of each entity, which is the same for thousands of requests. */
export const logRecordWriter = (workspace: {
  readonly id: string;
  readonly name: string;
}): LogRecordWriter => {
  const entities = new WeakMap<object, Record<string, unknown>>();
  const entityTexts = new WeakMap<object, string>();
  const entity = (value: object): Record<string, unknown> => {
    const known = entities.get(value) ?? withoutNulls(value, workspace.id);
    entities.set(value, known);
    return known;
  };
  const consumerRecord = (value: object): Record<string, unknown> => {
    const { ws_id: _, ...rest } = entity(value);
    return rest;
  };
  const records = new WeakMap<Exchange, LogRecord>();

  const write = (exchange: Exchange): LogRecord => {
    const { response, route, service, consumer, credential, latencies } = exchange;
    const isDefaultPort = exchange.listenerPort === (exchange.scheme === 'https' ? 443 : 80);
    const authority = isDefaultPort ? exchange.host : `${exchange.host}:${exchange.listenerPort}`;
    const record: LogRecord = {
      started_at: exchange.startedAtMs,
      client_ip: exchange.clientIp,
      workspace: workspace.id,
      workspace_name: workspace.name,
      upstream_uri: exchange.upstreamUri,
      upstream_status: exchange.upstreamStatus === undefined ? '' : String(exchange.upstreamStatus),
      source: response?.source === 'service' ? 'upstream' : 'kong',
      request: {
        id: exchange.id,
        method: exchange.method,
        uri: exchange.requestTarget,
        url: `${exchange.scheme}://${authority}${exchange.requestTarget}`,
        querystring: parseQuery(originalQuery(exchange)),
        headers: requestHeaders(exchange),
        size: exchange.requestBytes,
        ...(exchange.tls
          ? { tls: { version: exchange.tls.version, cipher: exchange.tls.cipher, client_verify: 'NONE' } }
          : {}),
      },
      response: {
        status: response?.status ?? 0,
        headers: response?.headers.toRecord() ?? {},
        size: response?.sizeBytes ?? 0,
      },
      latencies: {
        kong: Math.round(Math.max(latencies.gatewayMs, 0)),
        proxy: Math.round(latencies.upstreamMs),
        receive: Math.round(Math.max(latencies.receiveMs, 0)),
        request: Math.round(latencies.totalMs),
      },
      ...(route ? { route: entity(route), tries: exchange.tries.map(tryRecord) } : {}),
      ...(service ? { service: entity(service) } : {}),
      ...(consumer ? { consumer: consumerRecord(consumer) } : {}),
      ...(credential ? { authenticated_entity: { id: credential.id } } : {}),
    };
    for (const [name, value] of exchange.logFields) setNested(record, name, value);
    return record;
  };

  /** Route and service are half of a record's text and the same for thousands of records: it is kept. */
  const entityText = (name: string, value: unknown): string => {
    if (value === undefined) return '';
    if (value === null || typeof value !== 'object') return `,"${name}":${JSON.stringify(value)}`;
    const known = entityTexts.get(value) ?? `,"${name}":${JSON.stringify(value)}`;
    entityTexts.set(value, known);
    return known;
  };

  return {
    stringify: ({ route, service, ...rest }) =>
      `${JSON.stringify(rest).slice(0, -1)}${entityText('route', route)}${entityText('service', service)}}`,
    record: (exchange) => {
      const known = records.get(exchange) ?? write(exchange);
      records.set(exchange, known);
      return known;
    },
  };
};
