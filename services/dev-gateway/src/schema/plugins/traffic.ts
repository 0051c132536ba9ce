import type { FieldError, FieldSchema, PlainRecord } from '../field.ts';
import { compilePcre } from '../pcre.ts';
import { anyProtocol, definePlugin, optionalString, strings } from '../plugin.ts';
import { boolean } from '../typedefs.ts';

export const requestSizeLimiting = definePlugin({
  name: 'request-size-limiting',
  priority: 951,
  config: {
    allowed_payload_size: { type: 'integer', default: 128 },
    size_unit: {
      type: 'string',
      required: true,
      default: 'megabytes',
      one_of: ['megabytes', 'kilobytes', 'bytes'],
    },
    require_content_length: boolean(false),
  },
});

function terminationProblem(value: unknown): FieldError | undefined {
  const { message, content_type: contentType, body } = value as PlainRecord;
  const isSet = (part: unknown) => part !== null && part !== undefined;
  if (isSet(message) && (isSet(contentType) || isSet(body))) {
    return 'message cannot be used with content_type or body';
  }
  return isSet(contentType) && !isSet(body) ? 'content_type requires a body' : undefined;
}

export const requestTermination = definePlugin({
  name: 'request-termination',
  priority: 2,
  configShape: { check: terminationProblem },
  config: {
    status_code: { type: 'integer', required: true, default: 503, between: [100, 599] },
    message: optionalString,
    content_type: optionalString,
    body: optionalString,
    echo: boolean(false),
    trigger: optionalString,
  },
});

export const correlationId = definePlugin({
  name: 'correlation-id',
  priority: 1,
  config: {
    header_name: { type: 'string', default: 'Kong-Request-ID' },
    generator: {
      type: 'string',
      required: true,
      default: 'uuid#counter',
      one_of: ['uuid', 'uuid#counter', 'tracker'],
    },
    echo_downstream: boolean(false),
  },
});

const METHODS = ['GET', 'HEAD', 'PUT', 'PATCH', 'POST', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT'] as const;

/** All origins are judged together, as in Kong: the first that is no regular expression names the error. */
function originsProblem(value: unknown): FieldError | undefined {
  const problems = (value as unknown[]).map((origin) => {
    if (origin === '*') return null;
    try {
      compilePcre(String(origin));
      return null;
    } catch {
      return `'${origin}' is not a valid regex`;
    }
  });
  const last = problems.findLastIndex((problem) => problem !== null);
  return last === -1 ? undefined : problems.slice(0, last + 1);
}

export const cors = definePlugin({
  name: 'cors',
  priority: 2000,
  isWithoutConsumer: true,
  config: {
    origins: { ...strings, check: originsProblem },
    headers: strings,
    exposed_headers: strings,
    methods: { type: 'array', default: METHODS, elements: { type: 'string', one_of: METHODS } },
    max_age: { type: 'number' },
    credentials: boolean(false),
    private_network: boolean(false),
    preflight_continue: boolean(false),
  },
});

function cacheStoreProblem(entity: PlainRecord) {
  const config = entity.config as { strategy?: unknown; memory?: { dictionary_name?: unknown } | null };
  if (config.strategy !== 'memory' || typeof config.memory?.dictionary_name === 'string') return undefined;
  return { entity: "'dictionary_name' must be set when 'strategy' is 'memory'" };
}

const shownHeader: FieldSchema = { type: 'boolean', default: true };

export const proxyCache = definePlugin({
  name: 'proxy-cache',
  priority: 100,
  protocols: anyProtocol,
  config: {
    response_code: {
      type: 'array',
      required: true,
      len_min: 1,
      default: [200, 301, 404],
      elements: { type: 'integer', between: [100, 900] },
    },
    request_method: {
      type: 'array',
      required: true,
      default: ['GET', 'HEAD'],
      elements: { type: 'string', one_of: ['HEAD', 'GET', 'POST', 'PATCH', 'PUT'] },
    },
    content_type: {
      type: 'array',
      required: true,
      default: ['text/plain', 'application/json'],
      elements: optionalString,
    },
    cache_ttl: { type: 'integer', default: 300, gt: 0 },
    strategy: { type: 'string', required: true, one_of: ['memory'] },
    cache_control: boolean(false),
    ignore_uri_case: { type: 'boolean', required: false, default: false },
    storage_ttl: { type: 'integer' },
    memory: {
      type: 'record',
      required: true,
      fields: { dictionary_name: { type: 'string', required: true, default: 'kong_db_cache' } },
    },
    vary_query_params: strings,
    vary_headers: strings,
    response_headers: {
      type: 'record',
      required: true,
      fields: { age: shownHeader, 'X-Cache-Status': shownHeader, 'X-Cache-Key': shownHeader },
    },
  },
  entityChecks: [{ custom_entity_check: { field_sources: ['config'], check: cacheStoreProblem } }],
});
