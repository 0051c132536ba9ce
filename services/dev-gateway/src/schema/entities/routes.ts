import type { EntitySchema } from '../entity.ts';
import type { FieldSchema } from '../field.ts';
import { routeHostProblem, wildcardNameProblem } from '../host-address.ts';
import { normalizedRoutePath } from '../normalized-path.ts';
import { compilePcre } from '../pcre.ts';
import { networkProblem } from '../plugins/address-list.ts';
import {
  ALL_PROTOCOLS,
  boolean,
  brokenEscape,
  headerNameProblem,
  id,
  port,
  protocolOf,
  routePathConstraints,
  tags,
  timestamp,
  uniqueName,
} from '../typedefs.ts';

function pathProblem(value: unknown): string | undefined {
  const text = String(value);
  if (!text.startsWith('~')) {
    const broken = /^\/[A-Za-z0-9.\-_~/%:@!$&'()*+,;=]*$/.test(text) ? brokenEscape(text) : undefined;
    if (broken !== undefined) return broken;
    const normalized = normalizedRoutePath(text);
    return text === normalized ? undefined : `non-normalized path, consider use '${normalized}' instead`;
  }
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
      elements: { type: 'string', required: true, len_min: 1, check: wildcardNameProblem },
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
        check: routeHostProblem,
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
        check: headerNameProblem,
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
        // What the protocols demand is in their own tables, and a path's expression is judged with the path.
        check: () => undefined,
      },
    },
  ],
};
