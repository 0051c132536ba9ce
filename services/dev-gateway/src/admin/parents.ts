import { unresolvedParent } from '../errors/admin-error.ts';
import type { EntitySchema } from '../schema/entity.ts';
import type { PlainRecord } from '../schema/field.ts';
import { isPlainRecord } from '../schema/field.ts';
import { requireEntity } from '../schema/registry.ts';
import type { Tables } from '../store/tables.ts';

/**
 * Turns references by name, as in `{"service": {"name": "backend"}}`, into references by identifier.
 *
 * @throws AdminError (foreign keys unresolved) when no parent has the name
 */
export async function resolveParents(
  tables: Tables,
  schema: EntitySchema,
  input: PlainRecord,
): Promise<PlainRecord> {
  const output = { ...input };
  for (const [name, field] of Object.entries(schema.fields)) {
    const given = output[name];
    if (field.type !== 'foreign' || field.reference === undefined || !isPlainRecord(given)) continue;
    if (given.id !== undefined) {
      output[name] = { id: given.id };
      continue;
    }
    const parent = requireEntity(field.reference);
    const key = parent.endpointKey;
    if (key === undefined || typeof given[key] !== 'string') continue;
    const found = await tables.findOne(parent, [{ field: key, value: given[key] }]);
    if (found === undefined) throw unresolvedParent(name, key, given[key], parent.name);
    output[name] = { id: found.id };
  }
  return output;
}
