/** Tables in which plugins of Kong keep what they need between requests. */
import type { EntitySchema } from '../entity.ts';
import { id, timestamp } from '../typedefs.ts';
import { ttl } from './oauth2.ts';

export const acmeStorage: EntitySchema = {
  name: 'acme_storage',
  fields: {
    id,
    key: { type: 'string', required: true, unique: true, auto: true },
    value: { type: 'string', required: true, auto: true },
    created_at: timestamp,
    ttl,
  },
  entity_checks: [],
};

export const sessions: EntitySchema = {
  name: 'sessions',
  endpointKey: 'session_id',
  fields: {
    id,
    session_id: { type: 'string', unique: true, required: true },
    expires: { type: 'integer' },
    data: { type: 'string' },
    created_at: timestamp,
    ttl,
  },
  entity_checks: [],
};
