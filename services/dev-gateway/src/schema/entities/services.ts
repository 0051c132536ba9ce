import type { EntitySchema } from '../entity.ts';
import type { EntityCheck, PlainRecord } from '../field.ts';
import {
  ALL_PROTOCOLS,
  boolean,
  id,
  isHostname,
  path,
  port,
  tags,
  timeoutMs,
  timestamp,
  uniqueName,
} from '../typedefs.ts';

const URL_PARTS = /^(?:(?<scheme>[A-Za-z][A-Za-z0-9+.-]*):)?(?:\/\/(?<authority>[^/?#]*))?(?<path>[^?#]*)/;
const DEFAULT_PORTS: Readonly<Record<string, number>> = { http: 80, https: 443 };

/** `url` stands for protocol, host, port and path; parts that the text does not have are left out. */
function expandUrl({ url, ...input }: PlainRecord): PlainRecord {
  if (typeof url !== 'string') return url === undefined ? input : { ...input, url };
  const parts = URL_PARTS.exec(url)?.groups ?? {};
  const authority = /^(?:[^@]*@)?(?<host>\[[^\]]*\]|[^:]*)(?::(?<port>\d*))?$/.exec(
    parts.authority ?? '',
  )?.groups;
  const scheme = parts.scheme?.toLowerCase();
  const portNumber = authority?.port ? Number(authority.port) : DEFAULT_PORTS[scheme ?? ''];
  return {
    ...input,
    ...(scheme === undefined ? {} : { protocol: scheme }),
    ...(authority?.host ? { host: authority.host } : {}),
    ...(portNumber === undefined ? {} : { port: portNumber }),
    path: parts.path === undefined || parts.path === '' ? null : parts.path,
  };
}

function hostProblem(value: unknown): string | undefined {
  const host = String(value);
  if (/^\[[0-9a-fA-F:.]+\]$|^[0-9a-fA-F:.]*:[0-9a-fA-F:.]*:[0-9a-fA-F:.]*$/.test(host)) return undefined;
  if (/:\d+$/.test(host)) return 'must not have a port';
  return isHostname(host) ? undefined : `invalid value: ${host}`;
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
