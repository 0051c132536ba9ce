import { parse as parseYaml } from 'yaml';
import type { VolumeFacts } from '../../core/ports/engine.ts';
import { isMap, type Tree, type TreeMap } from '../render/compose-tree.ts';

/** Compose's own labels, which say nothing of what the user declared. */
const COMPOSE_LABEL = /^com\.docker\.compose\./;
const VOLUME_LABEL = 'com.docker.compose.volume';

export interface ChangedVolume {
  /** The engine's name of it, as `apictl_postgres-data-17-embedded`. */
  readonly name: string;
  /** `driver_opts.type: "none" instead of nothing`. */
  readonly differences: readonly string[];
}

/**
 * Volumes that exist and are declared otherwise now. A volume cannot be changed, only made anew without its data: Compose asks
 * about that in the middle of its work, so it must never come to that. What is rendered declares nothing but names; so only
 * the user's override can differ. Pure.
 */
export function findChangedVolumes(
  override: string | null,
  volumes: readonly VolumeFacts[],
): readonly ChangedVolume[] {
  const declared = declaredVolumes(override);
  return volumes.flatMap((volume) => {
    const wanted = declared[volume.labels[VOLUME_LABEL] ?? ''];
    if (!isMap(wanted) || wanted.external === true) return [];
    const differences = differencesOf(wanted, volume);
    return differences.length === 0 ? [] : [{ name: volume.name, differences }];
  });
}

function declaredVolumes(override: string | null): TreeMap {
  try {
    const parsed =
      override === null ? null : (parseYaml(override, { merge: true, logLevel: 'error' }) as Tree);
    return isMap(parsed) && isMap(parsed.volumes) ? parsed.volumes : {};
  } catch {
    // A file that cannot be read is for Compose to refuse, with line and column.
    return {};
  }
}

function differencesOf(wanted: TreeMap, volume: VolumeFacts): string[] {
  const labels = Object.entries(volume.labels).filter(([name]) => !COMPOSE_LABEL.test(name));
  return [
    ...difference('driver', wanted.driver ?? 'local', volume.driver),
    ...mapDifferences('driver_opts', textMap(wanted.driver_opts), volume.options),
    ...mapDifferences('labels', textMap(wanted.labels), Object.fromEntries(labels)),
  ];
}

const mapDifferences = (
  name: string,
  wanted: Readonly<Record<string, string>>,
  found: Readonly<Record<string, string>>,
): string[] =>
  [...new Set([...Object.keys(wanted), ...Object.keys(found)])]
    .sort()
    .flatMap((key) => difference(`${name}.${key}`, wanted[key], found[key]));

const difference = (name: string, wanted: unknown, found: string | undefined): string[] =>
  wanted === found ? [] : [`${name}: ${shown(wanted)} instead of ${shown(found)}`];

const shown = (value: unknown): string => (value === undefined ? 'nothing' : JSON.stringify(value));

/** Compose's two forms of a map of texts: `key: value` and `- key=value`. */
function textMap(tree: Tree | undefined): Readonly<Record<string, string>> {
  if (isMap(tree)) {
    return Object.fromEntries(Object.entries(tree).map(([key, value]) => [key, String(value ?? '')]));
  }
  const entries = Array.isArray(tree) ? tree.map(String) : [];
  return Object.fromEntries(
    entries.map((entry) => [entry.split('=')[0] ?? '', entry.split('=').slice(1).join('=')]),
  );
}
