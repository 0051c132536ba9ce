/** What a route may and must say to tell requests apart, by the kind of protocol that it takes. */
import type { FieldSchema, FieldTable } from '../field.ts';
import type { Subschema, Subschemas } from '../subschema.ts';

const forbidden = (base: FieldTable, names: readonly string[], when: string): FieldTable =>
  Object.fromEntries(
    names.map((name) => [
      name,
      { ...(base[name] as FieldSchema), eq: null, err: `cannot set '${name}' when 'protocols' is ${when}` },
    ]),
  );

const http = (base: FieldTable): Subschema => ({
  fields: forbidden(base, ['sources', 'destinations'], "'http' or 'https'"),
  entity_checks: [
    {
      conditional_at_least_one_of: {
        if_field: 'protocols',
        if_match: { contains: 'https' },
        then_at_least_one_of: ['methods', 'hosts', 'headers', 'paths', 'snis'],
        then_err: "must set one of %s when 'protocols' is 'https'",
        else_match: { contains: 'http' },
        else_then_at_least_one_of: ['methods', 'hosts', 'headers', 'paths'],
        else_then_err: "must set one of %s when 'protocols' is 'http'",
      },
    },
  ],
});

const stream = (base: FieldTable): Subschema => ({
  fields: forbidden(
    base,
    ['methods', 'hosts', 'paths', 'headers'],
    "'tcp', 'tls', 'tls_passthrough' or 'udp'",
  ),
  entity_checks: [
    {
      conditional_at_least_one_of: {
        if_field: 'protocols',
        if_match: { elements: { type: 'string', one_of: ['tcp', 'tls', 'udp'] } },
        then_at_least_one_of: ['sources', 'destinations', 'snis'],
        then_err: "must set one of %s when 'protocols' is 'tcp', 'tls' or 'udp'",
      },
    },
    {
      conditional_at_least_one_of: {
        if_field: 'protocols',
        if_match: { elements: { type: 'string', one_of: ['tls_passthrough'] } },
        then_at_least_one_of: ['snis'],
        then_err: "must set snis when 'protocols' is 'tls_passthrough'",
      },
    },
  ],
});

const grpc = (base: FieldTable): Subschema => ({
  fields: {
    ...forbidden(base, ['methods', 'sources', 'destinations'], "'grpc' or 'grpcs'"),
    strip_path: {
      type: 'boolean',
      required: true,
      default: false,
      ne: true,
      err: "cannot set 'strip_path' when 'protocols' is 'grpc' or 'grpcs'",
    },
  },
  entity_checks: [
    {
      conditional_at_least_one_of: {
        if_field: 'protocols',
        if_match: { contains: 'grpcs' },
        then_at_least_one_of: ['hosts', 'headers', 'paths', 'snis'],
        then_err: "must set one of %s when 'protocols' is 'grpcs'",
        else_match: { contains: 'grpc' },
        else_then_at_least_one_of: ['hosts', 'headers', 'paths'],
        else_then_err: "must set one of %s when 'protocols' is 'grpc'",
      },
    },
  ],
});

export function routeSubschemas(base: FieldTable): Subschemas {
  const [ofHttp, ofStreams, ofGrpc] = [http(base), stream(base), grpc(base)];
  const byProtocol = new Map<string, Subschema>([
    ['http', ofHttp],
    ['https', ofHttp],
    ['tcp', ofStreams],
    ['tls', ofStreams],
    ['udp', ofStreams],
    ['tls_passthrough', ofStreams],
    ['grpc', ofGrpc],
    ['grpcs', ofGrpc],
  ]);
  return {
    key: 'protocols',
    find: (protocol) => byProtocol.get(protocol),
    unknown: (protocol) => `unknown type: ${protocol}`,
  };
}
