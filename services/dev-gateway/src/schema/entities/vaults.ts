import type { EntitySchema } from '../entity.ts';
import type { Subschema, Subschemas } from '../subschema.ts';
import { id, tags, timestamp } from '../typedefs.ts';

/** What all vaults have in common; `config` comes from the table of the one that `name` names. */
export const vaults: EntitySchema = {
  name: 'vaults',
  endpointKey: 'prefix',
  fields: {
    id,
    prefix: {
      type: 'string',
      required: true,
      unique: true,
      unique_across_ws: true,
      match: '^[a-z][a-z%d-]-[a-z%d]+$',
      not_one_of: ['env'],
    },
    name: { type: 'string', required: true },
    description: { type: 'string' },
    created_at: timestamp,
    updated_at: timestamp,
    tags,
  },
  entity_checks: [],
};

/** Secrets that stand in the environment of the gateway. */
const env: Subschema = {
  fields: { config: { type: 'record', fields: { prefix: { type: 'string', match: '^[%a_-][%a%d_-]*$' } } } },
  entity_checks: [],
};

export const vaultSubschemas: Subschemas = {
  key: 'name',
  find: (name) => (name === 'env' ? env : undefined),
  unknown: (name) => `vault '${name}' is not installed`,
};
