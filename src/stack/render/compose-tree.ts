/** The rendered Compose file as a value: plain maps, lists and scalars, in the order they are written. */

export type Scalar = string | number | boolean | null;
export type Tree = Scalar | readonly Tree[] | TreeMap;
export interface TreeMap {
  readonly [key: string]: Tree;
}

/** The conditions of `depends_on`. */
export type DependencyCondition = 'service_started' | 'service_healthy' | 'service_completed_successfully';

/** One service; the keys that the rest of the program reads have types, the others are plain Compose. */
export interface ComposeService extends TreeMap {
  readonly image: string;
  readonly labels: { readonly [label: string]: string };
}

export interface ComposeTree {
  /** The Compose project. */
  readonly name: string;
  readonly services: { readonly [service: string]: ComposeService };
  readonly networks: { readonly [network: string]: TreeMap };
  readonly volumes: { readonly [volume: string]: TreeMap };
  /** Files are relative to the folder of compose.yaml. */
  readonly secrets: { readonly [secret: string]: { readonly file: string } };
}

/** True for a map, false for lists, scalars and null. */
export const isMap = (tree: Tree | undefined): tree is TreeMap =>
  typeof tree === 'object' && tree !== null && !Array.isArray(tree);

/** The list at a key; empty where there is none. */
export const listAt = (map: TreeMap, key: string): readonly Tree[] => {
  const value = map[key];
  return Array.isArray(value) ? (value as readonly Tree[]) : [];
};

/** The map at a key; empty where there is none. */
export const mapAt = (map: TreeMap, key: string): TreeMap => {
  const value = map[key];
  return isMap(value) ? value : {};
};

/** Service -> what it waits for, read from the rendered file: the only source of the start order. */
export function dependenciesOf(service: TreeMap): { readonly [service: string]: DependencyCondition } {
  return Object.fromEntries(
    Object.entries(mapAt(service, 'depends_on')).map(([name, entry]) => [
      name,
      (isMap(entry) ? entry.condition : 'service_started') as DependencyCondition,
    ]),
  );
}
