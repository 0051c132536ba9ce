import { isIPv6 } from 'node:net';
import type { EntitySchema } from '../entity.ts';
import type { PlainRecord } from '../field.ts';
import { id, isHostname, preciseTimestamp, tags } from '../typedefs.ts';

const DEFAULT_PORT = 8000;
const PROBLEM = 'Invalid target; not a valid hostname or ip address';

/** Writes a target as `host:port`, with the default port and brackets where they are missing; undefined when invalid. */
export function formatTarget(text: string): string | undefined {
  if (isIPv6(text)) return `[${text}]:${DEFAULT_PORT}`;
  const parts = /^(?<host>\[[0-9A-Fa-f:.]+\]|[^:[\]]+)(?::(?<port>\d{1,5}))?$/.exec(text)?.groups;
  if (parts?.host === undefined) return undefined;
  const port = parts.port === undefined ? DEFAULT_PORT : Number(parts.port);
  const isHost = parts.host.startsWith('[') ? isIPv6(parts.host.slice(1, -1)) : isHostname(parts.host);
  return isHost && port <= 65_535 ? `${parts.host}:${port}` : undefined;
}

function completeTarget(input: PlainRecord): PlainRecord {
  if (typeof input.target !== 'string') return input;
  return { ...input, target: formatTarget(input.target) ?? input.target };
}

export const targets: EntitySchema = {
  name: 'targets',
  endpointKey: 'target',
  isNestedOnly: true,
  uniqueTogether: [['upstream', 'target']],
  expand: completeTarget,
  fields: {
    id,
    created_at: preciseTimestamp,
    updated_at: preciseTimestamp,
    upstream: { type: 'foreign', required: true, reference: 'upstreams', on_delete: 'cascade' },
    target: {
      type: 'string',
      required: true,
      len_min: 1,
      check: (value) => (formatTarget(String(value)) === undefined ? PROBLEM : undefined),
    },
    weight: { type: 'integer', default: 100, between: [0, 65_535] },
    tags,
  },
  entity_checks: [],
};
