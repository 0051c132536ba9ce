import { isMap, type Tree, type TreeMap } from './compose-tree.ts';

/** Keys that older engines or Compose versions refuse: the file would stop half-way through its creation. */
interface Feature {
  /** Path in a service; `*` stands for any key. */
  readonly path: readonly string[];
  readonly sinceApi: string;
  readonly sinceCompose?: string;
}

const FEATURES: readonly Feature[] = [
  { path: ['healthcheck', 'start_interval'], sinceApi: '1.44' },
  { path: ['networks', '*', 'gw_priority'], sinceApi: '1.48', sinceCompose: '2.33.1' },
];

export interface Versions {
  readonly engineApiVersion: string;
  /** Absent: unknown, so nothing is written that needs a certain Compose version. */
  readonly composeVersion?: string | undefined;
}

/** Whether the version of Compose decides anything on an engine with this API. */
export const dependsOnCompose = (engineApiVersion: string): boolean =>
  FEATURES.some(
    ({ sinceApi, sinceCompose }) => sinceCompose !== undefined && isAtLeast(engineApiVersion, sinceApi),
  );

/** The service without the keys that this engine or this Compose would refuse. */
export function withKnownFeatures(service: TreeMap, versions: Versions): TreeMap {
  return FEATURES.filter((feature) => !isKnown(feature, versions)).reduce<TreeMap>(
    (kept, feature) => without(kept, feature.path),
    service,
  );
}

const isKnown = ({ sinceApi, sinceCompose }: Feature, versions: Versions): boolean =>
  isAtLeast(versions.engineApiVersion, sinceApi) &&
  (sinceCompose === undefined ||
    (versions.composeVersion !== undefined && isAtLeast(versions.composeVersion, sinceCompose)));

function without(map: TreeMap, [key, ...rest]: readonly string[]): TreeMap {
  const entries: [string, Tree][] = [];
  for (const [name, value] of Object.entries(map)) {
    if (key !== '*' && key !== name) entries.push([name, value]);
    else if (rest.length > 0) entries.push([name, isMap(value) ? without(value, rest) : value]);
  }
  return Object.fromEntries(entries);
}

/** Compares dotted numbers part by part; what follows the numbers (`-4`, `+dfsg`) does not count. */
export function isAtLeast(version: string, wanted: string): boolean {
  const [have, need] = [version, wanted].map((text) =>
    (/\d+(?:\.\d+)*/.exec(text)?.[0] ?? '0').split('.').map(Number),
  );
  for (const [index, part] of (need ?? []).entries()) {
    const difference = (have?.[index] ?? 0) - part;
    if (difference !== 0) return difference > 0;
  }
  return true;
}
