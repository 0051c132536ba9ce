import { ApictlError, EXIT } from '../../core/errors.ts';
import type { AdminClient, Entity } from '../admin/client.ts';
import { ALL_KINDS, KINDS, type Kind } from '../model/kinds.ts';
import { readLiteral } from '../read/state.ts';
import type { SeedPlan } from './plan.ts';

/**
 * Kong deletes what hangs below an entity with it. Where something of that is not ours, the deletion is refused: nothing is deleted
 * that is not ours. Asks Kong only where the plan deletes a parent.
 *
 * @throws ApictlError SEED_FOREIGN_CHILDREN, exit code 64.
 */
export async function refuseForeignChildren(
  client: AdminClient,
  plan: SeedPlan,
  known: ReadonlySet<string>,
): Promise<void> {
  const deleted = new Map(
    plan.changes.filter(({ action }) => action === 'delete').map((change) => [change.id, change]),
  );
  const parents = new Set([...deleted.values()].map(({ kind }) => kind));
  const kinds = ALL_KINDS.filter((kind) =>
    Object.values(KINDS[kind].references).some((parent) => parents.has(parent)),
  );
  if (kinds.length === 0) return;
  const deletedOf = (parent: Kind) =>
    [...deleted.values()].filter(({ kind }) => kind === parent).map(({ id }) => id);
  const everything = await readLiteral(client, {
    tags: [],
    upstreams: deletedOf('upstream'),
    groups: deletedOf('consumer-group'),
    kinds,
  });
  const lines = [...everything].flatMap(([kind, entities]) =>
    entities
      .filter(({ id }) => !known.has(id))
      .flatMap((entity) =>
        parentsOf(kind, entity)
          .flatMap((id) => deleted.get(id) ?? [])
          .map(
            (parent) => `delete ${parent.kind} ${parent.name} would take ${kind} ${labelOf(entity)} with it`,
          ),
      ),
  );
  if (lines.length === 0) return;
  throw new ApictlError({
    code: 'SEED_FOREIGN_CHILDREN',
    exitCode: EXIT.usage,
    message: 'this would delete what is not ours, because it hangs below something of ours',
    hint: 'Nothing was written. Delete it in Kong first, keep its parent in the file, or run with --no-prune.',
    details: lines,
  });
}

const labelOf = ({ id, name, target, consumer }: Entity): string => {
  const shown = name ?? target ?? (consumer as Partial<Entity> | null | undefined)?.id;
  return shown == null ? `(${id})` : `${String(shown)} (${id})`;
};

const parentsOf = (kind: Kind, entity: Entity): readonly string[] =>
  Object.keys(KINDS[kind].references).flatMap((field) => {
    const to = entity[field] as { id?: unknown } | null | undefined;
    return typeof to?.id === 'string' ? [to.id] : [];
  });
