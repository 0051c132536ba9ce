import { KINDS, type Kind } from './kinds.ts';
import type { Matched } from './match.ts';
import { isFields } from './value.ts';

/** An entity as people know it. */
export interface Named {
  readonly kind: Kind;
  readonly name: string;
}

/**
 * Says for an entity what it lies in, the outermost first: a plugin of a route lies in the route's service and in the route. What
 * refers to something that is neither declared nor ours lies in nothing.
 */
export function ancestry(matched: Matched, names: ReadonlyMap<string, string>) {
  const known = new Map(
    [
      ...matched.surplus.map(({ id, kind, fields }) => ({ id, kind, fields })),
      ...matched.wanted.map(({ id, declared, canonical }) => ({
        id,
        kind: declared.kind,
        fields: canonical,
      })),
    ].map((entity) => [entity.id, entity]),
  );
  const above = (id: string): readonly Named[] => {
    const entity = known.get(id);
    if (entity === undefined) return [];
    const parents = KINDS[entity.kind].liesIn
      .map((field) => entity.fields[field])
      .flatMap((to) => (isFields(to) && typeof to.id === 'string' ? [to.id] : []));
    const parent = parents.map((parentId) => known.get(parentId)).find((found) => found !== undefined);
    if (parent === undefined) return [];
    return [...above(parent.id), { kind: parent.kind, name: names.get(parent.id) ?? parent.id }];
  };
  return above;
}
