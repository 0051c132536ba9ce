import { AdminError } from '../errors/admin-error.ts';
import type { PlainRecord } from '../schema/field.ts';
import { requireEntity } from '../schema/registry.ts';
import type { Tables } from '../store/tables.ts';
import type { EntityHooks } from './hooks.ts';

/** Services name authorities in a list, which is no reference that the storage would keep. */
async function refuseWhileNamed(tables: Tables, { id }: PlainRecord): Promise<void> {
  const services = await tables.findAll(requireEntity('services'));
  const user = services.find(({ ca_certificates: named }) => Array.isArray(named) && named.includes(id));
  if (user === undefined) return;
  throw new AdminError(400, {
    code: 19,
    name: 'referenced by others',
    message: `ca certificate ${id} is still referenced by services (id = ${user.id})`,
  });
}

export const authorityHooks: EntityHooks = { beforeRemove: refuseWhileNamed };
