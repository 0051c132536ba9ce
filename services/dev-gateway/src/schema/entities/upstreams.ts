import type { EntitySchema } from '../entity.ts';
import type { EntityCheck, FieldMatch, FieldSchema, FieldTable, PlainRecord } from '../field.ts';
import { nameOnlyProblem, parseAddress } from '../host-address.ts';
import { boolean, cookieNameProblem, headerNameProblem, id, path, tags, timestamp } from '../typedefs.ts';

const HASHES = ['none', 'consumer', 'ip', 'header', 'cookie', 'path', 'query_arg', 'uri_capture'] as const;

const count: FieldSchema = { type: 'integer', between: [0, 255], default: 0 };
const seconds = (defaultSeconds: number): FieldSchema => ({
  type: 'number',
  between: [0, 65_535],
  default: defaultSeconds,
});
const statuses = (codes: readonly number[]): FieldSchema => ({
  type: 'array',
  default: codes,
  elements: { type: 'integer', between: [100, 999] },
});
const probeType: FieldSchema = {
  type: 'string',
  default: 'http',
  one_of: ['tcp', 'http', 'https', 'grpc', 'grpcs'],
};

function nameProblem(value: unknown): string | undefined {
  const start = `Invalid name ('${value}')`;
  const parsed = parseAddress(String(value));
  if ('problem' in parsed) return `${start}; must be a valid hostname`;
  if (parsed.type !== 'name') return `${start}; no ip addresses allowed`;
  return parsed.port === undefined ? undefined : `${start}; no port allowed`;
}

const HASHES_NEVER: ReadonlySet<unknown> = new Set(['least-connections', 'latency']);

/**
 * The balancer of Kong hashes exactly when `hash_on` says on what, and the algorithm follows, unless it is one that never hashes. So it is with
 * what is sent, and once more with what is stored.
 */
function settleAlgorithm(input: PlainRecord): PlainRecord {
  const hashOn = HASHES_NEVER.has(input.algorithm) ? null : input.hash_on;
  if (hashOn === null) return { ...input, hash_on: 'none' };
  if (typeof hashOn !== 'string') return input;
  return { ...input, algorithm: hashOn === 'none' ? 'round-robin' : 'consistent-hashing' };
}

const when = (
  ifField: string,
  pattern: string,
  thenField: string,
  thenMatch: FieldMatch = { required: true },
): EntityCheck => ({
  conditional: {
    if_field: ifField,
    if_match: { match: pattern },
    then_field: thenField,
    then_match: thenMatch,
  },
});

/** A record that shows the defaults of its fields as its own default. */
const record = (fields: FieldTable): FieldSchema => {
  const defaults = Object.entries(fields).flatMap(([name, field]) =>
    field.default === undefined ? [] : [[name, field.default]],
  );
  return { type: 'record', required: true, default: Object.fromEntries(defaults), fields };
};

const active = record({
  type: probeType,
  timeout: seconds(1),
  concurrency: { type: 'integer', between: [1, 2_147_483_648], default: 10 },
  http_path: { ...path, default: '/' },
  https_sni: { type: 'string', required: false, check: nameOnlyProblem },
  https_verify_certificate: boolean(true),
  headers: {
    type: 'map',
    required: false,
    keys: { type: 'string', len_min: 1, check: headerNameProblem },
    values: { type: 'array', elements: { type: 'string' } },
  },
  healthy: record({ interval: seconds(0), http_statuses: statuses([200, 302]), successes: count }),
  unhealthy: record({
    interval: seconds(0),
    http_statuses: statuses([429, 404, 500, 501, 502, 503, 504, 505]),
    tcp_failures: count,
    timeouts: count,
    http_failures: count,
  }),
});

const passive = record({
  type: probeType,
  healthy: record({
    http_statuses: statuses([
      200, 201, 202, 203, 204, 205, 206, 207, 208, 226, 300, 301, 302, 303, 304, 305, 306, 307, 308,
    ]),
    successes: count,
  }),
  unhealthy: record({
    http_statuses: statuses([429, 500, 503]),
    tcp_failures: count,
    timeouts: count,
    http_failures: count,
  }),
});

const healthchecks: FieldSchema = {
  ...record({ active, passive }),
  fields: { active, passive, threshold: { type: 'number', between: [0, 100], default: 0 } },
};

const optionalText: FieldSchema = { type: 'string', len_min: 1 };
const hash: FieldSchema = { type: 'string', len_min: 1, default: 'none', one_of: HASHES };

export const upstreams: EntitySchema = {
  name: 'upstreams',
  endpointKey: 'name',
  expand: settleAlgorithm,
  derive: settleAlgorithm,
  fields: {
    id,
    created_at: timestamp,
    updated_at: timestamp,
    name: { type: 'string', required: true, unique: true, len_min: 1, check: nameProblem },
    algorithm: {
      type: 'string',
      len_min: 1,
      default: 'round-robin',
      one_of: ['consistent-hashing', 'least-connections', 'round-robin', 'latency'],
    },
    hash_on: hash,
    hash_fallback: hash,
    hash_on_header: { ...optionalText, check: headerNameProblem },
    hash_fallback_header: { ...optionalText, check: headerNameProblem },
    hash_on_cookie: { ...optionalText, check: cookieNameProblem },
    hash_on_cookie_path: { ...path, len_min: 1, default: '/' },
    hash_on_query_arg: optionalText,
    hash_fallback_query_arg: optionalText,
    hash_on_uri_capture: optionalText,
    hash_fallback_uri_capture: optionalText,
    slots: { type: 'integer', between: [10, 65_536], default: 10_000 },
    healthchecks,
    tags,
    host_header: optionalText,
    client_certificate: { type: 'foreign', reference: 'certificates' },
    use_srv_name: { type: 'boolean', default: false },
  },
  entity_checks: [
    when('hash_on', '^header$', 'hash_on_header'),
    when('hash_fallback', '^header$', 'hash_fallback_header'),
    when('hash_on', '^cookie$', 'hash_on_cookie'),
    when('hash_fallback', '^cookie$', 'hash_on_cookie'),
    when('hash_on', '^none$', 'hash_fallback', { one_of: ['none'] }),
    when('hash_on', '^cookie$', 'hash_fallback', { one_of: ['none'] }),
    when('hash_on', '^consumer$', 'hash_fallback', {
      one_of: ['none', 'ip', 'header', 'cookie', 'path', 'query_arg', 'uri_capture'],
    }),
    when('hash_on', '^ip$', 'hash_fallback', {
      one_of: ['none', 'consumer', 'header', 'cookie', 'path', 'query_arg', 'uri_capture'],
    }),
    when('hash_on', '^path$', 'hash_fallback', {
      one_of: ['none', 'consumer', 'header', 'cookie', 'query_arg', 'ip', 'uri_capture'],
    }),
    { distinct: ['hash_on_header', 'hash_fallback_header'] },
    when('hash_on', '^query_arg$', 'hash_on_query_arg'),
    when('hash_fallback', '^query_arg$', 'hash_fallback_query_arg'),
    { distinct: ['hash_on_query_arg', 'hash_fallback_query_arg'] },
    when('hash_on', '^uri_capture$', 'hash_on_uri_capture'),
    when('hash_fallback', '^uri_capture$', 'hash_fallback_uri_capture'),
    { distinct: ['hash_on_uri_capture', 'hash_fallback_uri_capture'] },
  ],
};
