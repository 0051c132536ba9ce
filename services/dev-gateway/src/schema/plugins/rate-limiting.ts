import type {
  EntityCheck,
  FieldError,
  FieldMatch,
  FieldSchema,
  PlainRecord,
  ShorthandField,
} from '../field.ts';
import { definePlugin } from '../plugin.ts';
import { boolean, path } from '../typedefs.ts';

const PERIODS = ['second', 'minute', 'hour', 'day', 'month', 'year'] as const;

/** A longer period whose limit is below that of a shorter one could never be used up. */
function periodsProblem(value: unknown): FieldError | undefined {
  const config = value as PlainRecord;
  const limits = PERIODS.flatMap((period) => {
    const limit = config[period];
    return typeof limit === 'number' ? [{ period, limit }] : [];
  });
  for (const [position, shorter] of limits.entries()) {
    const longer = limits[position + 1];
    if (longer !== undefined && longer.limit < shorter.limit) {
      const [low, high] = [longer, shorter].map(({ period, limit }) => `${period}(${limit.toFixed(1)})`);
      return `The limit for ${low} cannot be lower than the limit for ${high}`;
    }
  }
  return undefined;
}

const limit: FieldSchema = { type: 'number', gt: 0 };

const renamed = (field: string, type: ShorthandField['type'], lenMin?: number): ShorthandField => ({
  type,
  ...(lenMin === undefined ? {} : { len_min: lenMin }),
  translate_backwards: ['redis', field],
  deprecation: {
    message: `rate-limiting: config.redis_${field} is deprecated, please use config.redis.${field} instead`,
    removal_in_version: '4.0',
    replaced_with: [{ path: ['redis', field] }],
  },
});

const when = (
  field: string,
  eq: string,
  thenField: string,
  then: FieldMatch,
  isLong = false,
): EntityCheck => ({
  conditional: {
    if_field: field,
    if_match: { eq, ...(isLong ? { len_min: 1 } : {}) },
    then_field: thenField,
    then_match: then,
  },
});

export const rateLimiting = definePlugin({
  name: 'rate-limiting',
  priority: 910,
  configShape: {
    check: periodsProblem,
    shorthand_fields: {
      redis_host: renamed('host', 'string'),
      redis_port: renamed('port', 'integer'),
      redis_password: renamed('password', 'string', 0),
      redis_username: renamed('username', 'string'),
      redis_ssl: renamed('ssl', 'boolean'),
      redis_ssl_verify: renamed('ssl_verify', 'boolean'),
      redis_server_name: renamed('server_name', 'string'),
      redis_timeout: renamed('timeout', 'integer'),
      redis_database: renamed('database', 'integer'),
    },
  },
  config: {
    second: limit,
    minute: limit,
    hour: limit,
    day: limit,
    month: limit,
    year: limit,
    limit_by: {
      type: 'string',
      default: 'consumer',
      one_of: ['consumer', 'credential', 'ip', 'service', 'header', 'path'],
    },
    header_name: { type: 'string' },
    path,
    policy: { type: 'string', len_min: 0, default: 'local', one_of: ['local', 'cluster', 'redis'] },
    fault_tolerant: boolean(true),
    redis: {
      type: 'record',
      required: true,
      fields: {
        host: { type: 'string' },
        port: { type: 'integer', between: [0, 65_535], default: 6379 },
        timeout: { type: 'integer', between: [0, 2_147_483_646], default: 2000 },
        username: { type: 'string', referenceable: true },
        password: { type: 'string', len_min: 0, referenceable: true, encrypted: true },
        database: { type: 'integer', default: 0 },
        ssl: { type: 'boolean', required: false, default: false },
        ssl_verify: { type: 'boolean', required: false, default: false },
        server_name: { type: 'string', required: false },
      },
    },
    hide_client_headers: boolean(false),
    error_code: { type: 'number', default: 429, gt: 0 },
    error_message: { type: 'string', default: 'API rate limit exceeded' },
    sync_rate: { type: 'number', required: true, default: -1 },
  },
  entityChecks: [
    { at_least_one_of: PERIODS.map((period) => `config.${period}`) },
    when('config.policy', 'redis', 'config.redis.host', { required: true }),
    when('config.policy', 'redis', 'config.redis.port', { required: true }),
    when('config.policy', 'redis', 'config.redis.timeout', { required: true }),
    when('config.limit_by', 'header', 'config.header_name', { required: true, len_min: 1 }, true),
    when('config.limit_by', 'path', 'config.path', { required: true }, true),
  ],
});
