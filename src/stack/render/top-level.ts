import type { ComposeService, ComposeTree, Tree } from './compose-tree.ts';
import { isMap, listAt, mapAt } from './compose-tree.ts';

/** What stands beside the services: read off them, so that it cannot differ from what they use. */

type Services = Readonly<Record<string, ComposeService>>;

/** Plain bridges without labels or options: a changed definition would cost every container its network. */
export const networksOf = (services: Services): ComposeTree['networks'] =>
  emptyMaps(Object.values(services).flatMap((service) => Object.keys(mapAt(service, 'networks'))));

export const volumesOf = (services: Services): ComposeTree['volumes'] =>
  emptyMaps(
    Object.values(services)
      .flatMap((service) => listAt(service, 'volumes').map(sourceOf))
      .filter((source) => /^[A-Za-z0-9]/.test(source)),
  );

export const secretsOf = (services: Services): ComposeTree['secrets'] =>
  Object.fromEntries(
    sortedOnce(Object.values(services).flatMap((service) => listAt(service, 'secrets').map(String))).map(
      (name) => [name, { file: `../secrets/values/${name}` }],
    ),
  );

/** The host side of a mount, in Compose's short or long form. */
export const sourceOf = (mount: Tree): string =>
  isMap(mount) ? String(mount.source ?? '') : (String(mount).split(':')[0] ?? '');

const sortedOnce = (names: readonly string[]): string[] => [...new Set(names)].sort();

const emptyMaps = (names: readonly string[]): Record<string, Record<string, never>> =>
  Object.fromEntries(sortedOnce(names).map((name) => [name, {}]));
