import type { Problem } from '../format/read.ts';
import { KINDS, type Kind, uniqueSlots } from '../model/kinds.ts';
import { comparable } from '../model/value.ts';
import type { LiveEntity } from '../read/state.ts';
import type { Wanted } from './match.ts';

/**
 * What is in the way: entities in Kong that are not ours and hold a name, a key or a place that the file claims. They are
 * never taken over silently.
 */
export function collisions(
  wanted: readonly Wanted[],
  foreign: ReadonlyMap<Kind, readonly LiveEntity[]>,
): readonly Problem[] {
  const slots = new Map<string, LiveEntity>();
  for (const entity of [...foreign.values()].flat()) {
    for (const slot of slotsOf(entity.kind, entity.fields)) slots.set(slot, entity);
  }
  if (slots.size === 0) return [];
  return wanted.flatMap(({ declared, canonical, id }) => {
    const holder = slotsOf(declared.kind, canonical)
      .map((slot) => slots.get(slot))
      .find((entity) => entity !== undefined && entity.id !== id);
    if (holder === undefined) return [];
    return [
      {
        place: declared.place,
        message:
          `${declared.kind} ${declared.name} is in Kong already and not ours (${holder.id}${tagText(holder)}); ` +
          'delete it there, name this one otherwise, or give it the tags of this project to hand it over',
      },
    ];
  });
}

const slotsOf = (kind: Kind, fields: LiveEntity['fields']): readonly string[] => {
  const identity = KINDS[kind].identity(fields);
  const own = identity === undefined ? [] : [`${kind} identity ${comparable(identity)}`];
  return [...own, ...uniqueSlots(kind, fields).map(([slot]) => slot)];
};

const tagText = (entity: LiveEntity): string =>
  entity.tags.length === 0 ? ', no tags' : `, tags ${entity.tags.join(', ')}`;
