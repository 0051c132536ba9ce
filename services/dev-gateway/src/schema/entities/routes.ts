import { isIP } from 'node:net';
import type { EntitySchema } from '../entity.ts';
import type { EntityCheckFailure, FieldSchema, PlainRecord } from '../field.ts';
import { compilePcre } from '../pcre.ts';
import { networkProblem } from '../plugins/address-list.ts';
import {
  ALL_PROTOCOLS,
  boolean,
  id,
  isHostname,
  path,
  port,
  protocolOf,
  routePathConstraints,
  tags,
  timestamp,
  uniqueName,
} from '../typedefs.ts';

function hostProblem(value: unknown): string | undefined {
  const host = String(value).replace(/:\d+$/, '').replace(/^\*\./, 'a.').replace(/\.\*$/, '.a');
  if (isIP(host.replace(/^\[|\]$/g, '')) !== 0 || isHostname(host)) return undefined;
  return `invalid hostname: ${value}`;
}

function pathProblem(value: unknown): string | undefined {
  const text = String(value);
  if (!text.startsWith('~')) return path.check?.(text) as string | undefined;
  try {
    compilePcre(text.slice(1));
    return undefined;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return `invalid regex: '${text.slice(1)}' (PCRE returned: ${reason})`;
  }
}

const address = (isRequired: boolean): FieldSchema => ({
  type: 'record',
  ...(isRequired ? { required: true } : {}),
  fields: { ip: { type: 'string', check: networkProblem }, port },
  entity_checks: [{ at_least_one_of: ['ip', 'port'] }],
});

/** Which fields tell one request from another, by protocol; a route must set one of them. */
const MATCHERS: Readonly<Record<string, readonly string[]>> = {
  http: ['methods', 'hosts', 'headers', 'paths'],
  https: ['methods', 'hosts', 'headers', 'paths', 'snis'],
  tcp: ['sources', 'destinations'],
  udp: ['sources', 'destinations'],
  tls: ['sources', 'destinations', 'snis'],
  tls_passthrough: ['snis'],
  grpc: ['hosts', 'headers', 'paths'],
  grpcs: ['hosts', 'headers', 'paths', 'snis'],
};
const BY_PRECEDENCE = ['https', 'http', 'grpcs', 'grpc', 'tls', 'tls_passthrough', 'tcp', 'udp'] as const;

const isSet = (value: unknown): boolean =>
  value !== null && value !== undefined && typeof value === 'object' && Object.keys(value).length > 0;

function missingMatcher(route: PlainRecord): EntityCheckFailure | undefined {
  const protocols = Array.isArray(route.protocols) ? route.protocols.map(String) : [];
  for (const protocol of BY_PRECEDENCE.filter((name) => protocols.includes(name))) {
    const fields = MATCHERS[protocol] ?? [];
    if (fields.some((name) => isSet(route[name]))) return undefined;
    const names = fields.map((name) => `'${name}'`).join(', ');
    return { entity: `must set one of ${names} when 'protocols' is '${protocol}'` };
  }
  return undefined;
}

export const routes: EntitySchema = {
  name: 'routes',
  endpointKey: 'name',
  fields: {
    id,
    created_at: timestamp,
    updated_at: timestamp,
    name: uniqueName,
    protocols: {
      type: 'set',
      required: true,
      len_min: 1,
      default: ['http', 'https'],
      elements: protocolOf(ALL_PROTOCOLS),
      mutually_exclusive_subsets: [
        ['http', 'https'],
        ['tcp', 'tls', 'udp'],
        ['tls_passthrough'],
        ['grpc', 'grpcs'],
      ],
    },
    https_redirect_status_code: {
      type: 'integer',
      required: true,
      default: 426,
      one_of: [426, 301, 302, 307, 308],
    },
    strip_path: boolean(true),
    preserve_host: boolean(false),
    request_buffering: boolean(true),
    response_buffering: boolean(true),
    tags,
    service: { type: 'foreign', reference: 'services' },
    snis: {
      type: 'set',
      elements: { type: 'string', required: true, len_min: 1, check: (value) => hostProblem(value) },
    },
    sources: { type: 'set', elements: address(true) },
    destinations: { type: 'set', elements: address(false) },
    methods: { type: 'set', elements: { type: 'string', required: true, len_min: 1, match: '^%u+$' } },
    hosts: {
      type: 'array',
      elements: {
        type: 'string',
        required: true,
        len_min: 1,
        match_all: [{ pattern: '^[^*]*%*?[^*]*$', err: 'invalid wildcard: must have at most one wildcard' }],
        match_any: {
          patterns: ['^%*%.', '%.%*$', '^[^*]*$'],
          err: 'invalid wildcard: must be placed at leftmost or rightmost label',
        },
        check: hostProblem,
      },
    },
    paths: {
      type: 'array',
      elements: {
        type: 'string',
        required: true,
        len_min: 1,
        match_none: routePathConstraints,
        match_any: { patterns: ['^/', '^~/'], err: 'should start with: / (fixed path) or ~/ (regex path)' },
        check: pathProblem,
      },
    },
    headers: {
      type: 'map',
      keys: {
        type: 'string',
        required: true,
        len_min: 1,
        match_none: [
          {
            pattern: '^[Hh][Oo][Ss][Tt]$',
            err: "cannot contain 'host' header, which must be specified in the 'hosts' attribute",
          },
        ],
      },
      values: {
        type: 'array',
        required: true,
        elements: { type: 'string', required: true, len_min: 1 },
      },
    },
    regex_priority: { type: 'integer', default: 0 },
    path_handling: { type: 'string', len_min: 1, default: 'v0', one_of: ['v0', 'v1'] },
  },
  entity_checks: [
    {
      conditional: {
        if_field: 'protocols',
        if_match: {
          elements: {
            type: 'string',
            required: true,
            len_min: 1,
            not_one_of: ['grpcs', 'https', 'tls', 'tls_passthrough'],
          },
        },
        then_field: 'snis',
        then_match: { len_eq: 0 },
        then_err: "'snis' can only be set when 'protocols' is 'grpcs', 'https', 'tls' or 'tls_passthrough'",
      },
    },
    // Both ways of handling paths are known to the one router flavor that this gateway has.
    { custom_entity_check: { field_sources: ['path_handling'], check: () => undefined } },
    {
      custom_entity_check: {
        run_with_missing_fields: true,
        field_sources: [
          'id',
          'protocols',
          'snis',
          'sources',
          'destinations',
          'methods',
          'hosts',
          'paths',
          'headers',
          'expression',
          'regex_priority',
          'priority',
        ],
        check: missingMatcher,
      },
    },
  ],
};
