import type { EntitySchema } from '../entity.ts';
import { id, tags, timestamp } from '../typedefs.ts';

export const consumers: EntitySchema = {
  name: 'consumers',
  endpointKey: 'username',
  fields: {
    id,
    created_at: timestamp,
    updated_at: timestamp,
    username: { type: 'string', unique: true, len_min: 1 },
    custom_id: { type: 'string', unique: true, len_min: 1 },
    tags,
  },
  entity_checks: [{ at_least_one_of: ['custom_id', 'username'] }],
};
