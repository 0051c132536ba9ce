import { type ComposeService, isMap, listAt, mapAt, type Tree, type TreeMap } from '../compose-tree.ts';
import { memoryAt, memoryOf, sortMounts } from './mounts.ts';
import { DATA_NODE_LABEL } from './swarm-tree.ts';

/** A service of the model, with what Swarm has to be told of it besides. */
export interface ServiceInModel {
  readonly service: ComposeService;
  readonly replicas: number;
  /** Several at once, on any node; everything else is one alone, beside its data. */
  readonly isReplicated: boolean;
  /** Every file that may be mounted, relative to .apictl. */
  readonly paths: readonly string[];
}

/** Means the same on Swarm. */
const KEPT = [
  ...[
    'image',
    'entrypoint',
    'command',
    'init',
    'user',
    'networks',
    'healthcheck',
    'read_only',
    'cap_add',
    'cap_drop',
  ],
  ...['extra_hosts', 'stop_signal', 'stop_grace_period', 'logging', 'labels'],
];

/**
 * Written in another form, or not at all: images are there already, the order is that of `wait`, and of `security_opt` Swarm
 * knows nothing.
 */
const TRANSLATED = [
  ...['environment', 'ports', 'secrets', 'volumes', 'tmpfs', 'shm_size', 'mem_limit', 'pids_limit', 'cpus'],
  ...['build', 'pull_policy', 'restart', 'depends_on', 'security_opt'],
];

/** @throws Error for what this renderer does not know: half a service would be worse than none */
export function swarmService(name: string, given: ServiceInModel): TreeMap {
  const { service, paths } = given;
  const unknown = Object.keys(service).find((key) => !KEPT.includes(key) && !TRANSLATED.includes(key));
  if (unknown !== undefined) throw new Error(`${name}: ${unknown} has no counterpart on Swarm`);
  const { volumes, files } = sortMounts(listAt(service, 'volumes'), paths);
  const mounts = [...volumes, ...listAt(service, 'tmpfs').map(memoryAt), ...sharedMemory(service.shm_size)];
  const named = listAt(service, 'secrets').map((secret): TreeMap => ({ source: secret, target: secret }));
  const mounted = (kind: string): TreeMap[] =>
    files.filter((file) => file.kind === kind).map(({ key, target }) => ({ source: key, target }));
  const environment = Object.entries(mapAt(service, 'environment'));
  return withoutEmpty({
    ...Object.fromEntries(
      KEPT.filter((key) => Object.hasOwn(service, key)).map((key) => [key, service[key] ?? null]),
    ),
    networks: Object.keys(mapAt(service, 'networks')),
    environment: Object.fromEntries(
      environment.map(([key, value]) => [key, key === 'INSTANCE_NAME' ? value : untemplated(value)]),
    ),
    ports: listAt(service, 'ports').filter(isMap).map(hostPort),
    secrets: [...named, ...mounted('secret')],
    configs: mounted('config'),
    volumes: mounts,
    deploy: deployOf(given),
  });
}

/** On the node where the task runs: the client's own address reaches the gateway, whose rate limits count by it. */
const hostPort = ({ target, published, protocol }: TreeMap): TreeMap => ({
  target: target ?? null,
  published: published ?? null,
  protocol: protocol ?? 'tcp',
  mode: 'host',
});

const sharedMemory = (size: Tree | undefined): TreeMap[] =>
  size === undefined ? [] : [memoryOf('/dev/shm', String(size))];

/** Swarm takes `{{` of an environment for a template of its own, as the number of the replica in the instance's name. */
const untemplated = (value: Tree): Tree =>
  typeof value === 'string' ? value.replaceAll('{{', '{{"{{"}}') : value;

function deployOf({ service, replicas, isReplicated }: ServiceInModel): TreeMap {
  const isJob = service.restart === 'no';
  // Only who has neither a volume to himself nor a port of the machine can run twice for a moment.
  const order = isReplicated ? 'start-first' : 'stop-first';
  const pace = { parallelism: 1, order, monitor: '5s' };
  return withoutEmpty({
    mode: 'replicated',
    replicas,
    // A name leads to the addresses of the replicas: the gateway balances and checks each, as on Compose.
    endpoint_mode: 'dnsrr',
    resources: { limits: limitsOf(service) },
    restart_policy: isJob
      ? { condition: 'on-failure', delay: '2s', max_attempts: 5 }
      : { condition: 'any', delay: '2s' },
    update_config: { ...pace, failure_action: isJob ? 'continue' : 'rollback' },
    rollback_config: { ...pace, failure_action: 'pause' },
    placement: isReplicated ? {} : { constraints: [`node.labels.${DATA_NODE_LABEL} == true`] },
  });
}

const limitsOf = ({ mem_limit, pids_limit, cpus }: ComposeService): TreeMap => ({
  ...(mem_limit === undefined ? {} : { memory: mem_limit }),
  ...(pids_limit === undefined ? {} : { pids: pids_limit }),
  ...(cpus === undefined ? {} : { cpus: String(cpus) }),
});

/** Keys whose list or map is empty say nothing. */
const withoutEmpty = (map: TreeMap): TreeMap =>
  Object.fromEntries(
    Object.entries(map).filter(
      ([, value]) => typeof value !== 'object' || value === null || Object.keys(value).length > 0,
    ),
  );
