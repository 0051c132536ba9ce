import { createHmac } from 'node:crypto';
import type { ComposeTree, TreeMap } from '../compose-tree.ts';
import { listAt, mapAt } from '../compose-tree.ts';
import { canonicalText, type DigestContents } from '../digest.ts';
import { DIGEST_LABEL } from '../labels.ts';
import type { RenderedFile, RenderedStack } from '../render-stack.ts';
import { yamlText } from '../yaml-text.ts';
import { type MountedFile, sortMounts } from './mounts.ts';
import { objectName } from './object-name.ts';
import { swarmService } from './swarm-service.ts';
import type { SwarmObject, SwarmService, SwarmTree } from './swarm-tree.ts';

/** Compose's labels: a volume that Swarm makes is the same volume to it, so data outlives a change between the two. */
const VOLUME_PROJECT = 'com.docker.compose.project';
const VOLUME_NAME = 'com.docker.compose.volume';

export const SWARM_FILE = 'swarm.yaml';
/** Beside those of Compose, whose containers read theirs as they are at the moment. */
const CONFIG_FOLDER = 'swarm';
const ownPath = (path: string): string => path.replace(/^config\//, `${CONFIG_FOLDER}/`);

export interface RenderedSwarm extends Pick<RenderedStack, 'services'> {
  /** What the stack file was written from. */
  readonly model: RenderedStack;
  readonly tree: SwarmTree;
  /** swarm.yaml and every configuration file that it names. */
  readonly files: readonly RenderedFile[];
  readonly configFolder: string;
}

/**
 * The stack file of a stack that was rendered for Swarm. Pure; the same contents give the same text, and another content of a secret
 * or file gives it another name, and the services that use it another label.
 */
export function renderSwarm(stack: RenderedStack, replicas: number, contents: DigestContents): RenderedSwarm {
  const { compose } = stack;
  const rendered = stack.files.filter(({ path }) => path !== 'compose.yaml');
  const contentOf: DigestContents['files'] = {
    ...contents.files,
    ...Object.fromEntries(rendered.map(({ path, content }) => [path, content])),
  };
  const paths = Object.keys(contentOf);
  const services = Object.entries(compose.services);
  const objects = objectsOf(compose, { ...contents, files: contentOf });
  const tree: SwarmTree = {
    version: formatOf(compose),
    services: Object.fromEntries(
      services.map(([name, service]) => {
        const isReplicated = name === 'backend';
        const given = { service, paths, isReplicated, replicas: isReplicated ? replicas : 1 };
        return [name, stamped(swarmService(name, given), objects, contents)];
      }),
    ),
    // What goes from machine to machine is nobody else's.
    networks: mapValues(compose.networks, () => ({ driver: 'overlay', driver_opts: { encrypted: 'true' } })),
    volumes: Object.fromEntries(
      Object.keys(compose.volumes).map((volume) => [
        volume,
        {
          name: `${compose.name}_${volume}`,
          labels: { [VOLUME_PROJECT]: compose.name, [VOLUME_NAME]: volume },
        },
      ]),
    ),
    ...objects,
  };
  const files = rendered.map((file) => ({ ...file, path: ownPath(file.path) }));
  return {
    model: stack,
    tree,
    services: stack.services,
    configFolder: CONFIG_FOLDER,
    files: [swarmFile(tree, compose.name), ...files],
  };
}

/** The oldest format that has what is written: only newer engines get `start_interval`. */
const formatOf = ({ services }: ComposeTree): string =>
  Object.values(services).some((service) => Object.hasOwn(mapAt(service, 'healthcheck'), 'start_interval'))
    ? '3.12'
    : '3.9';

/** The secrets of the services, and every file of the project that they see: keys as secrets, the rest as configs. */
function objectsOf(compose: ComposeTree, contents: DigestContents): Pick<SwarmTree, 'secrets' | 'configs'> {
  const paths = Object.keys(contents.files);
  const mounted = Object.values(compose.services).flatMap(
    (service) => sortMounts(listAt(service, 'volumes'), paths).files,
  );
  const objectOf = (
    { kind, key, path }: Omit<MountedFile, 'target'>,
    content: string | Uint8Array,
  ): [key: string, object: SwarmObject] => [
    key,
    {
      name: objectName(contents.key, { project: compose.name, kind, key, content }),
      file: path.startsWith('.') ? path : `./${ownPath(path)}`,
    },
  ];
  const files = (kind: MountedFile['kind']) =>
    mounted
      .filter((file) => file.kind === kind)
      .map((file) => objectOf(file, contents.files[file.path] ?? ''));
  const secrets = Object.entries(compose.secrets).map(([key, { file }]) =>
    objectOf({ kind: 'secret', key, path: file }, contents.secrets[key]?.reveal() ?? ''),
  );
  return {
    secrets: Object.fromEntries([...secrets, ...files('secret')]),
    configs: Object.fromEntries(files('config')),
  };
}

/** With the digest of all that it is made from, on the service and in its tasks: a task with another one is an older one. */
function stamped(
  service: TreeMap,
  { secrets, configs }: Pick<SwarmTree, 'secrets' | 'configs'>,
  { key }: DigestContents,
): SwarmService {
  const contents = [
    ...listAt(service, 'secrets').map((use) => secrets[sourceIn(use)]?.name ?? ''),
    ...listAt(service, 'configs').map((use) => configs[sourceIn(use)]?.name ?? ''),
  ];
  // Another number of replicas makes no task an older one.
  const { replicas: _replicas, ...deploy } = mapAt(service, 'deploy');
  const digest = createHmac('sha256', key.reveal())
    .update(canonicalText({ service: { ...service, deploy }, contents }))
    .digest('hex')
    .slice(0, 32);
  const labels = { [DIGEST_LABEL]: digest };
  return {
    ...service,
    labels: { ...mapAt(service, 'labels'), ...labels },
    deploy: { ...mapAt(service, 'deploy'), labels },
  } as unknown as SwarmService;
}

const sourceIn = (use: unknown): string => String((use as TreeMap).source);

const mapValues = <V>(map: Readonly<Record<string, TreeMap>>, value: () => V): Record<string, V> =>
  Object.fromEntries(Object.keys(map).map((key) => [key, value()]));

const swarmFile = (tree: SwarmTree, project: string): RenderedFile => ({
  path: SWARM_FILE,
  content: yamlText({ ...tree } as unknown as TreeMap, [
    'Generated by "apictl render --target swarm"; edits are lost.',
    `Works without apictl: docker stack deploy --prune --resolve-image never --compose-file .apictl/${SWARM_FILE} ${project}`,
  ]),
  mode: 0o644,
});
