import { KINDS, type Kind } from '../model/kinds.ts';
import { isFields } from '../model/value.ts';
import type { Matched } from './match.ts';

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
  /** What lies in an entity, by its id: all its children have the same above them. */
  const inside = new Map<string, readonly Named[]>();
  const insideOf = (id: string, kind: Kind): readonly Named[] => {
    const found = inside.get(id) ?? [...above(id), { kind, name: names.get(id) ?? id }];
    inside.set(id, found);
    return found;
  };
  const above = (id: string): readonly Named[] => {
    const entity = known.get(id);
    if (entity === undefined) return [];
    for (const field of KINDS[entity.kind].liesIn) {
      const to = entity.fields[field];
      const parent = isFields(to) && typeof to.id === 'string' ? known.get(to.id) : undefined;
      if (parent !== undefined) return insideOf(parent.id, parent.kind);
    }
    return [];
  };
  return above;
}
