import type { EntitySchema } from '../entity.ts';
import { boolean, id, tags, timestamp, uniqueName } from '../typedefs.ts';

/** What all plugins have in common; `protocols` and `config` come from the table of the one that `name` names. */
export const plugins: EntitySchema = {
  name: 'plugins',
  endpointKey: 'instance_name',
  uniqueTogether: [['name', 'route', 'service', 'consumer']],
  fields: {
    id,
    created_at: timestamp,
    updated_at: timestamp,
    name: { type: 'string', required: true, len_min: 1 },
    instance_name: uniqueName,
    enabled: boolean(true),
    service: { type: 'foreign', reference: 'services', on_delete: 'cascade' },
    route: { type: 'foreign', reference: 'routes', on_delete: 'cascade' },
    consumer: { type: 'foreign', reference: 'consumers', on_delete: 'cascade' },
    tags,
  },
  entity_checks: [],
};
