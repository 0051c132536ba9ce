import type { Fragment } from '../fragments/fragments.ts';
import type { ComposeService, TreeMap } from './compose-tree.ts';
import { isMap, listAt, mapAt } from './compose-tree.ts';
import { mountsOf } from './config-files.ts';
import { deepMerge } from './deep-merge.ts';
import { withKnownFeatures } from './engine-features.ts';
import { FLAVOUR_LABEL, MANAGED_LABEL, READ_ONCE_LABEL, RELOAD_LABEL } from './labels.ts';
import { escapeForCompose, resolveMap } from './placeholders.ts';
import type { RenderInput } from './render-stack.ts';

/** One service as Compose takes it: common parts below, the fragment over them, the flavour's part on top. */
export function renderService(fragment: Fragment, input: RenderInput, values: TreeMap): ComposeService {
  const { common } = input.fragments;
  const part = fragment[input.flavour];
  const layers = [
    common.service,
    common[input.flavour],
    fragment.service,
    part.kind === 'left out' ? {} : part.service,
  ];
  const merged = layers.reduce(deepMerge, {});
  const resolution = { values, encode: escapeForCompose, file: fragment.path };
  // Only those that are wanted are left.
  const overlays = listAt(resolveMap({ overlays: fragment.overlays }, resolution), 'overlays').filter(isMap);
  const resolved = overlays
    .map((overlay) => mapAt(overlay, 'service'))
    .reduce(deepMerge, resolveMap(merged, resolution));
  const known = withKnownFeatures(onTarget(fragment, resolved, input), input);
  const certificates = overlays.flatMap((overlay) => listAt(overlay, 'certificates').map(String));
  const mounts = [
    ...listAt(known, 'volumes'),
    ...mountsOf({ ...fragment, certificates: [...new Set([...fragment.certificates, ...certificates])] }),
  ];
  return inReadingOrder({
    ...known,
    ...(mounts.length === 0 ? {} : { volumes: mounts }),
    labels: {
      ...mapAt(known, 'labels'),
      [FLAVOUR_LABEL]: input.flavour,
      [MANAGED_LABEL]: 'true',
      ...(fragment.reload === undefined ? {} : { [RELOAD_LABEL]: fragment.reload }),
      ...(fragment.readOnce.length === 0 ? {} : { [READ_ONCE_LABEL]: fragment.readOnce.join(',') }),
    },
  }) as unknown as ComposeService;
}

/** The service as its target takes it; for Swarm with what the fragment says of that. */
function onTarget(fragment: Fragment, service: TreeMap, { target, flavour }: RenderInput): TreeMap {
  if (target !== 'swarm') return service;
  const { swarm } = fragment;
  const own = swarm === undefined || 'leftOut' in swarm ? { publish: [], service: {} } : swarm;
  const wait = typeof own.wait === 'object' ? own.wait[flavour] : own.wait;
  const ports = listAt(service, 'ports').filter(
    (port) => isMap(port) && own.publish.includes(Number(port.target)),
  );
  return deepMerge(service, {
    ...own.service,
    ports: ports.length === 0 ? null : ports,
    ...(wait === undefined ? {} : { command: [`${wait}${scriptOf(fragment, service)}`] }),
  });
}

/** The one script that a shell with `-ec` gets. */
function scriptOf({ path }: Fragment, service: TreeMap): string {
  const [script, ...more] = listAt(service, 'command');
  if (listAt(service, 'entrypoint').at(-1) === '-ec' && typeof script === 'string' && more.length === 0)
    return script;
  throw new Error(`${path}: swarm.wait stands before a script, and there is none`);
}

/** What a reader looks for first stands first; keys that are not named here follow as they are. */
const READING_ORDER = [
  ...['image', 'build', 'pull_policy', 'entrypoint', 'command', 'init', 'user', 'restart', 'depends_on'],
  ...['networks', 'network_mode', 'ports', 'environment', 'secrets', 'volumes', 'tmpfs', 'healthcheck'],
];

const inReadingOrder = (service: TreeMap): TreeMap => {
  const first = READING_ORDER.filter((key) => Object.hasOwn(service, key));
  const keys = [...first, ...Object.keys(service).filter((key) => !first.includes(key))];
  return Object.fromEntries(keys.map((key) => [key, service[key] ?? null]));
};
