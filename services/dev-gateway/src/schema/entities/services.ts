import { schemaViolation } from '../../errors/admin-error.ts';
import type { EntitySchema } from '../entity.ts';
import type { EntityCheck, PlainRecord } from '../field.ts';
import { hostProblem } from '../host-address.ts';
import {
  ALL_PROTOCOLS,
  boolean,
  id,
  path,
  port,
  tags,
  timeoutMs,
  timestamp,
  uniqueName,
} from '../typedefs.ts';
import { wrongField } from '../validate.ts';

const DEFAULT_PORTS: Readonly<Record<string, number>> = { http: 80, https: 443 };
const PROTOCOLS_BY_PORT: Readonly<Record<number, string>> = { 80: 'http', 443: 'https' };
const DEFAULT_PORT = 80;

/** `url` stands for protocol, host, port and path, and wins over them. What it does not say is the default, or null. */
function expandUrl({ url, ...input }: PlainRecord): PlainRecord {
  if (url === undefined) return input;
  if (typeof url !== 'string' || url === '')
    throw schemaViolation({ url: wrongField({ type: 'string' }, url) ?? 'expected a string' });
  let rest = url.replace(/#.*$/s, '');
  const scheme = /^([A-Za-z0-9][A-Za-z0-9+.-]*):/.exec(rest)?.[1];
  if (scheme !== undefined) rest = rest.slice(scheme.length + 1);
  const authority = /^\/\/([^/]*)/.exec(rest)?.[1];
  if (authority !== undefined) rest = rest.slice(authority.length + 2);
  const path = rest.replace(/\?.*$/s, '').replace(/;.*$/s, '');
  const address = (authority ?? '').replace(/^[^@]*@/, '');
  const portText = /:([^:\]]*)$/.exec(address)?.[1];
  const host = portText === undefined ? address : address.slice(0, -portText.length - 1);
  const given = portText ? (/^\d+$/.test(portText) ? Number(portText) : portText) : undefined;
  const protocol = scheme ?? PROTOCOLS_BY_PORT[Number(given)] ?? 'http';
  return {
    ...input,
    protocol,
    host: host === '' ? null : host.replace(/^\[(.+)\]$/, '$1'),
    port: given ?? DEFAULT_PORTS[protocol] ?? DEFAULT_PORT,
    path: path === '' ? null : path,
  };
}

const onlyFor = (protocols: readonly string[], field: string): EntityCheck => ({
  conditional: {
    if_field: 'protocol',
    if_match: { not_one_of: protocols },
    then_field: field,
    then_match: { eq: null },
  },
});

export const services: EntitySchema = {
  name: 'services',
  endpointKey: 'name',
  expand: expandUrl,
  fields: {
    id,
    created_at: timestamp,
    updated_at: timestamp,
    name: uniqueName,
    retries: { type: 'integer', between: [0, 32_767], default: 5 },
    protocol: { type: 'string', required: true, len_min: 1, default: 'http', one_of: ALL_PROTOCOLS },
    host: { type: 'string', required: true, len_min: 1, check: hostProblem },
    port: { ...port, required: true, default: 80 },
    path: { ...path, len_min: 1 },
    connect_timeout: timeoutMs,
    write_timeout: timeoutMs,
    read_timeout: timeoutMs,
    tags,
    client_certificate: { type: 'foreign', reference: 'certificates' },
    tls_verify: { type: 'boolean' },
    tls_verify_depth: { type: 'integer', default: null, between: [0, 64] },
    ca_certificates: { type: 'array', elements: { type: 'string', uuid: true } },
    enabled: boolean(true),
  },
  entity_checks: [
    {
      conditional: {
        if_field: 'protocol',
        if_match: { one_of: ['tcp', 'tls', 'udp', 'grpc', 'grpcs'] },
        then_field: 'path',
        then_match: { eq: null },
      },
    },
    onlyFor(['https', 'tls'], 'client_certificate'),
    onlyFor(['https', 'tls'], 'tls_verify'),
    onlyFor(['https', 'tls'], 'tls_verify_depth'),
    onlyFor(['https', 'tls'], 'ca_certificates'),
  ],
};
