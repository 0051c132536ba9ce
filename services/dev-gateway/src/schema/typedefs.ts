/** Fields that several entities share. */
import type { FieldSchema } from './field.ts';

export const id: FieldSchema = { type: 'string', auto: true, uuid: true, len_min: 1 };
export const timestamp: FieldSchema = { type: 'integer', auto: true, timestamp: true };
/** A moment with milliseconds. */
export const preciseTimestamp: FieldSchema = { type: 'number', auto: true, timestamp: true };

const NAME = /^[A-Za-z0-9.\-_~\u0080-\u{10ffff}]+$/u;

/** A name that fits into a path of the Admin API without escapes. */
export const nameProblem = (value: unknown): string | undefined =>
  NAME.test(String(value))
    ? undefined
    : `invalid value '${value}': the only accepted ascii characters are alphanumerics or ., -, _, and ~`;

export const uniqueName: FieldSchema = { type: 'string', unique: true, len_min: 1, check: nameProblem };

const TAG = /^[^,/\p{Cc}]*$/u;

const tagProblem = (value: unknown): string | undefined =>
  TAG.test(String(value))
    ? undefined
    : `invalid tag '${value}': expected printable ascii (except \`,\` and \`/\`) or valid utf-8 sequences`;

const tag: FieldSchema = { type: 'string', required: true, check: tagProblem };
export const tags: FieldSchema = { type: 'set', elements: { ...tag, len_min: 1 } };
/** The same, as the table of SNIs shows it; an empty tag is refused all the same. */
export const sniTags: FieldSchema = { type: 'set', elements: tag };

export const port: FieldSchema = { type: 'integer', between: [0, 65535] };
export const timeoutMs: FieldSchema = { type: 'integer', between: [1, 2_147_483_646], default: 60_000 };

const noEmptySegments = [{ pattern: '//', err: 'must not have empty segments' }] as const;

const PATH = /^\/[A-Za-z0-9.\-_~/%:@!$&'()*+,;=]*$/;

/** The first escape of a path that is none. */
export function brokenEscape(path: string): string | undefined {
  const broken = /%(?![0-9A-Fa-f]{2})/.exec(path);
  return broken === null
    ? undefined
    : `invalid url-encoded value: '${path.slice(broken.index, broken.index + 3)}'`;
}

const pathProblem = (value: unknown): string | undefined =>
  PATH.test(String(value))
    ? brokenEscape(String(value))
    : `invalid path: '${value}' (characters outside of the reserved list of RFC 3986 found)`;

export const path: FieldSchema = {
  type: 'string',
  starts_with: '/',
  match_none: noEmptySegments,
  check: pathProblem,
};

const HEADER_NAME = /^[A-Za-z0-9\-_]+$/;

export const headerNameProblem = (value: unknown): string | undefined =>
  HEADER_NAME.test(String(value))
    ? undefined
    : `bad header name '${value}', allowed characters are A-Z, a-z, 0-9, '_', and '-'`;

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what a token must not have
const NOT_IN_TOKENS = /[\x00-\x20\x7f()<>@,;:\\"/?={}[\]]/;

export const cookieNameProblem = (value: unknown): string | undefined =>
  NOT_IN_TOKENS.test(String(value))
    ? 'contains one or more invalid characters. ASCII control characters (0-31;127), space, tab and the ' +
      'characters ()<>@,;:\\"/?={}[] are not allowed.'
    : undefined;

export const protocolOf = (names: readonly string[]): FieldSchema => ({
  type: 'string',
  required: true,
  len_min: 1,
  one_of: names,
});

export const HTTP_PROTOCOLS = ['grpc', 'grpcs', 'http', 'https'] as const;
export const ALL_PROTOCOLS = [...HTTP_PROTOCOLS, 'tcp', 'tls', 'tls_passthrough', 'udp'] as const;

export const boolean = (isDefault: boolean): FieldSchema => ({
  type: 'boolean',
  required: true,
  default: isDefault,
});

export const routePathConstraints = noEmptySegments;
