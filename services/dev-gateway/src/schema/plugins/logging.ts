import type { FieldSchema } from '../field.ts';
import { anyProtocol, definePlugin } from '../plugin.ts';
import { boolean } from '../typedefs.ts';

const customFields: FieldSchema = {
  type: 'map',
  keys: { type: 'string', len_min: 1 },
  values: { type: 'string', len_min: 1 },
};

export const fileLog = definePlugin({
  name: 'file-log',
  priority: 9,
  protocols: anyProtocol,
  config: {
    path: {
      type: 'string',
      required: true,
      match: '^[^*&%%\\`]+$',
      err: 'not a valid filename',
    },
    reopen: boolean(false),
    custom_fields_by_lua: customFields,
  },
});

function endpointProblem(value: unknown): string | undefined {
  const text = String(value);
  const parts = /^(?:(?<scheme>[a-z][a-z0-9+.-]*):)?(?:\/\/(?<authority>[^/?#]*))?/i.exec(text)?.groups ?? {};
  const host = /^(?:[^@]*@)?(?<host>\[[^\]]+\]|[^:]+)/.exec(parts.authority ?? '')?.groups?.host;
  if (host === undefined) return 'missing host in url';
  if (parts.scheme !== 'http' && parts.scheme !== 'https') return 'missing scheme in url';
  return URL.canParse(text) ? undefined : 'missing host in url';
}

const deprecated = (type: 'integer' | 'number', message: string, oldDefault: number): FieldSchema => ({
  type,
  deprecation: { message, removal_in_version: '4.0', old_default: oldDefault },
});

const useQueue = (field: string, verb: string, replacement: string): string =>
  `http-log: config.${field} ${verb}, please use config.queue.${replacement} instead`;

export const queue: FieldSchema = {
  type: 'record',
  required: true,
  fields: {
    max_batch_size: { type: 'integer', default: 1, between: [1, 1_000_000] },
    max_coalescing_delay: { type: 'number', default: 1, between: [0, 3600] },
    max_entries: { type: 'integer', default: 10_000, between: [1, 1_000_000] },
    max_bytes: { type: 'integer' },
    max_retry_time: { type: 'number', default: 60 },
    initial_retry_delay: { type: 'number', default: 0.01, between: [0.001, 1_000_000] },
    max_retry_delay: { type: 'number', default: 60, between: [0.001, 1_000_000] },
    concurrency_limit: { type: 'integer', default: 1, one_of: [-1, 1] },
  },
};

export const httpLog = definePlugin({
  name: 'http-log',
  priority: 12,
  protocols: anyProtocol,
  config: {
    http_endpoint: {
      type: 'string',
      required: true,
      encrypted: true,
      referenceable: true,
      check: endpointProblem,
    },
    method: { type: 'string', default: 'POST', one_of: ['POST', 'PUT', 'PATCH'] },
    content_type: {
      type: 'string',
      default: 'application/json',
      one_of: ['application/json', 'application/json; charset=utf-8'],
    },
    timeout: { type: 'number', default: 10_000 },
    keepalive: { type: 'number', default: 60_000 },
    retry_count: deprecated('integer', useQueue('retry_count', 'no longer works', 'max_retry_time'), 10),
    queue_size: deprecated('integer', useQueue('queue_size', 'is deprecated', 'max_batch_size'), 1),
    flush_timeout: deprecated(
      'number',
      useQueue('flush_timeout', 'is deprecated', 'max_coalescing_delay'),
      2,
    ),
    headers: {
      type: 'map',
      keys: {
        type: 'string',
        match_none: [
          { pattern: '^[Hh][Oo][Ss][Tt]$', err: "cannot contain 'Host' header" },
          {
            pattern: '^[Cc][Oo][Nn][Tt][Ee][Nn][Tt]%-[Ll][Ee][nn][Gg][Tt][Hh]$',
            err: "cannot contain 'Content-Length' header",
          },
          {
            pattern: '^[Cc][Oo][Nn][Tt][Ee][Nn][Tt]%-[Tt][Yy][Pp][Ee]$',
            err: "cannot contain 'Content-Type' header",
          },
        ],
      },
      values: { type: 'string', referenceable: true },
    },
    queue,
    custom_fields_by_lua: customFields,
  },
});

export const prometheus = definePlugin({
  name: 'prometheus',
  priority: 13,
  protocols: anyProtocol,
  config: {
    per_consumer: { type: 'boolean', default: false },
    status_code_metrics: { type: 'boolean', default: false },
    ai_metrics: { type: 'boolean', default: false },
    latency_metrics: { type: 'boolean', default: false },
    bandwidth_metrics: { type: 'boolean', default: false },
    upstream_health_metrics: { type: 'boolean', default: false },
  },
});
