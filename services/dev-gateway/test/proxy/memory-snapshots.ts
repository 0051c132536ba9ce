import { emptySnapshot, type Snapshot, type SnapshotSource } from '../../src/model/snapshot.ts';

interface Identified {
  readonly id: string;
}

type EntityList<Map> = Map extends ReadonlyMap<string, infer Entity> ? readonly Entity[] : never;

/** Entities by kind, as lists; kinds that are left out stay as they are. */
export type Content = { readonly [Kind in keyof Omit<Snapshot, 'version'>]?: EntityList<Snapshot[Kind]> };

export interface MemorySnapshots extends SnapshotSource {
  set(content: Content): void;
}

const byId = <T extends Identified>(list: readonly T[]): Map<string, T> =>
  new Map(list.map((entity) => [entity.id, entity]));

/** A configuration in memory whose every change is a new snapshot. */
export const memorySnapshots = (content: Content): MemorySnapshots => {
  const listeners = new Set<(snapshot: Snapshot) => void>();
  let current = emptySnapshot();
  const set = (changed: Content): void => {
    const maps = Object.entries(changed).map(
      ([kind, list]) => [kind, byId(list as readonly Identified[])] as const,
    );
    current = { ...current, ...Object.fromEntries(maps), version: current.version + 1 };
    for (const listener of listeners) listener(current);
  };
  set(content);
  return {
    current: () => current,
    set,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
};
