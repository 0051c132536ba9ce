import { isMap, type TreeMap } from './compose-tree.ts';

/**
 * The second map over the first: maps merge key by key, anything else replaces what was there, null removes
 * the key. Lists are replaced as a whole, so that a fragment shows the list that counts.
 */
export function deepMerge(below: TreeMap, above: TreeMap): TreeMap {
  const merged = new Map(Object.entries(below));
  for (const [key, value] of Object.entries(above)) {
    const present = merged.get(key);
    if (value === null) merged.delete(key);
    else merged.set(key, isMap(present) && isMap(value) ? deepMerge(present, value) : value);
  }
  return Object.fromEntries(merged);
}
