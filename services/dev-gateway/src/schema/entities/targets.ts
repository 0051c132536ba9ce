import { schemaViolation } from '../../errors/admin-error.ts';
import type { EntitySchema } from '../entity.ts';
import type { PlainRecord } from '../field.ts';
import { parseAddress } from '../host-address.ts';
import { id, preciseTimestamp, tags } from '../typedefs.ts';

const DEFAULT_PORT = 8000;

/** Writes a target as `host:port`, with the default port and brackets where they are missing; undefined when invalid. */
export function formatTarget(text: string): string | undefined {
  const parsed = parseAddress(text);
  if ('problem' in parsed) return undefined;
  const host = parsed.type === 'ipv6' ? `[${parsed.host}]` : parsed.host;
  return `${host}:${parsed.port ?? DEFAULT_PORT}`;
}

const targetProblem = (value: unknown): string | undefined =>
  formatTarget(String(value)) === undefined
    ? `Invalid target ('${value}'); not a valid hostname or ip address`
    : undefined;

/** A new target is refused in other words than a changed one. */
function completeTarget(input: PlainRecord, isNew: boolean): PlainRecord {
  if (typeof input.target !== 'string') return input;
  const target = formatTarget(input.target);
  if (target === undefined && isNew)
    throw schemaViolation({ target: 'Invalid target; not a valid hostname or ip address' });
  return { ...input, target: target ?? input.target };
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
      check: targetProblem,
    },
    weight: { type: 'integer', default: 100, between: [0, 65_535] },
    tags,
  },
  entity_checks: [],
};
