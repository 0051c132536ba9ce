import type { Flavour, Profile } from '../../config/choices.ts';
import type { Config } from '../../config/schema.ts';
import type { Fragment, Fragments } from '../fragments/fragments.ts';
import { type Pins, pinned } from '../images/pins.ts';
import { backendNames } from './backends.ts';
import { composeFile } from './compose-file.ts';
import { type ComposeService, type ComposeTree, mapAt, type Tree, type TreeMap } from './compose-tree.ts';
import { configFilesOf } from './config-files.ts';
import { renderService } from './render-service.ts';
import { selectFragments, serviceRows } from './selection.ts';
import { TASK_SLOT } from './swarm/task-slot.ts';
import { networksOf, secretsOf, volumesOf } from './top-level.ts';
import { renderValues } from './values.ts';

/** What the model is rendered for. */
export type Target = 'compose' | 'swarm';

export interface RenderInput {
  /** Compose where absent. For Swarm the tree is the same, less what does not go there; `render/swarm` writes it as a stack file. */
  readonly target?: Target | undefined;
  readonly config: Config;
  readonly flavour: Flavour;
  readonly profiles: readonly Profile[];
  /** The API version spoken with the engine, as `1.41`: decides what the file may contain. */
  readonly engineApiVersion: string;
  /** Compose's version, as `2.26.1`; absent: only what every Compose v2 understands is written. */
  readonly composeVersion?: string | undefined;
  /**
   * References of the images built on this machine, by name. Embedded: postgres, prometheus, alertmanager, node-exporter,
   * postgres-exporter, blackbox-exporter, dev-gateway, backend, logging. Official: backend, logging.
   * `backend` is not needed where the configuration names an image of the user's own.
   */
  readonly images: Readonly<Record<string, string>>;
  /** The digests that published references are held to. */
  readonly pins?: Pins | undefined;
  readonly fragments: Fragments;
}

export interface RenderedFile {
  /** Relative to the folder .apictl, as `config/prometheus/prometheus.yml`. */
  readonly path: string;
  readonly content: string;
  /** Permission bits: 0o644, readable by whatever user a container runs as. */
  readonly mode: number;
}

/** One row of the table that `up` prints and README shows. */
export interface ServiceRow {
  readonly service: string;
  readonly kind: 'real' | 'substitute' | 'left out';
  readonly why: string;
}

export interface RenderedStack {
  readonly compose: ComposeTree;
  /** compose.yaml and every configuration file that it mounts. */
  readonly files: readonly RenderedFile[];
  readonly services: readonly ServiceRow[];
}

/**
 * Model and fragments -> the Compose file and everything it mounts. Pure.
 * @throws ApictlError FRAGMENT_INVALID (exit 64) for a placeholder that does not exist, naming file and path;
 * CONFIG_INVALID (exit 64) for a version from which nothing can be derived
 */
export function renderStack(input: RenderInput): RenderedStack {
  const selected = selectFragments(input);
  const values = renderValues(input, new Set(selected.map((fragment) => fragment.name)));
  const services = withoutAbsentDependencies(
    fromRegistry(
      Object.fromEntries(selected.flatMap((fragment) => instancesOf(fragment, input, values))),
      input,
    ),
  );
  const compose: ComposeTree = {
    name: input.config.project,
    services,
    networks: networksOf(services),
    volumes: volumesOf(services),
    secrets: secretsOf(services),
  };
  const configFiles = selected.flatMap((fragment) => configFilesOf(fragment, input.fragments, values));
  return {
    compose,
    // A file that several services mount is written once.
    files: [composeFile(compose), ...new Map(configFiles.map((file) => [file.path, file])).values()],
    services: serviceRows(input, values),
  };
}

/** One service, or one for every replica, whom Swarm makes of one. */
function instancesOf(fragment: Fragment, input: RenderInput, values: TreeMap): [string, ComposeService][] {
  if (fragment.replicated === undefined) return [[fragment.name, renderService(fragment, input, values)]];
  if (input.target === 'swarm') {
    const instance = { name: `${fragment.name}-${TASK_SLOT}`, number: null };
    return [[fragment.name, renderService(fragment, input, { ...values, instance })]];
  }
  return backendNames(input.config).map((name, index) => [
    name,
    renderService(fragment, input, { ...values, instance: { name, number: index + 1 } }),
  ]);
}

/** From the mirror, and by the digest that is locked; what the user names comes from where it says. */
const fromRegistry = (
  services: Readonly<Record<string, ComposeService>>,
  { config, pins = {} }: RenderInput,
): Record<string, ComposeService> =>
  Object.fromEntries(
    Object.entries(services).map(([name, service]) => [
      name,
      {
        ...service,
        image: pinned(
          service.image,
          service.image === config.backends.image ? undefined : config.registry.mirror,
          pins,
        ),
      },
    ]),
  );

/** A service does not wait for what this profile or flavour does not have. */
function withoutAbsentDependencies(
  services: Record<string, ComposeService>,
): Readonly<Record<string, ComposeService>> {
  const isRendered = ([name]: [string, Tree]): boolean => Object.hasOwn(services, name);
  const entries = Object.entries(services).map(([name, service]): [string, ComposeService] => {
    if (!Object.hasOwn(service, 'depends_on')) return [name, service];
    const kept = Object.entries(mapAt(service, 'depends_on')).filter(isRendered);
    return [name, { ...service, depends_on: Object.fromEntries(kept) }];
  });
  return Object.fromEntries(entries);
}
