import type { LiveService, LiveTask, Swarm, SwarmNode, SwarmObjectFacts } from '../../core/ports/swarm.ts';
import { EngineConnection } from './connection.ts';
import { engineError, statusOf } from './engine-errors.ts';

const STACK_LABEL = 'com.docker.stack.namespace';

/** The Swarm port over dockerode, on a connection of its own: few commands need it. */
export function engineSwarm(environment: Readonly<Record<string, string | undefined>>): Swarm {
  const connection = new EngineConnection(environment);
  const ofStack = (stack: string) => ({ filters: { label: [`${STACK_LABEL}=${stack}`] } });
  return {
    facts: async () => {
      const { Swarm: swarm = {} } = (await connection.answer('describe itself', (docker) =>
        docker.info(),
      )) as Info;
      const { LocalNodeState = 'inactive', ControlAvailable = false, NodeID = '', Cluster } = swarm;
      // Only a manager that is not locked can be asked for it.
      const spec = Cluster?.Spec?.EncryptionConfig;
      return {
        state: LocalNodeState,
        isManager: ControlAvailable,
        nodeId: NodeID,
        isAutolocked: spec?.AutoLockManagers === true,
      };
    },
    nodes: async () =>
      ((await connection.answer('list its nodes', (docker) => docker.listNodes())) as ApiNode[]).map(nodeOf),
    labelNode: async (id, label, value) => {
      await connection.call(`label node ${id}`, async (docker) => {
        const node = docker.getNode(id);
        const { Version, Spec } = (await node.inspect()) as ApiNode;
        await node.update({
          version: String(Version.Index),
          ...Spec,
          Labels: { ...Spec.Labels, [label]: value },
        });
      });
    },
    services: async (stack) => {
      const list = await connection.answer('list services', (docker) => docker.listServices(ofStack(stack)));
      return (list as unknown as ApiService[]).map((service) => serviceOf(service, stack));
    },
    tasks: async (stack) => {
      const list = await connection.answer('list tasks', (docker) => docker.listTasks(ofStack(stack)));
      return (list as ApiTask[]).map(taskOf);
    },
    containers: async (stack) => {
      const list = await connection.answer('list containers', (docker) =>
        docker.listContainers({ all: true, ...ofStack(stack) }),
      );
      return list.length;
    },
    objects: async (stack) => {
      const [secrets, configs] = await Promise.all([
        connection.answer('list secrets', (docker) => docker.listSecrets(ofStack(stack))),
        connection.answer('list configs', (docker) => docker.listConfigs(ofStack(stack))),
      ]);
      return [
        ...(secrets as ApiObject[]).map((object) => objectOf('secret', object)),
        ...(configs as unknown as ApiObject[]).map((object) => objectOf('config', object)),
      ];
    },
    removeObject: async ({ kind, id, name }) => {
      const { docker } = await connection.connected();
      const client = await docker();
      try {
        await (kind === 'secret' ? client.getSecret(id) : client.getConfig(id)).remove();
        return true;
      } catch (thrown) {
        const status = statusOf(thrown);
        if (status === 404) return true;
        // The engine's answer where a service uses it.
        if (status === 400) return false;
        throw engineError(thrown, (await connection.connected()).endpoint, `remove ${kind} ${name}`);
      }
    },
  };
}

interface Info {
  readonly Swarm?: {
    readonly LocalNodeState?: string;
    readonly ControlAvailable?: boolean;
    readonly NodeID?: string;
    readonly Cluster?: {
      readonly Spec?: { readonly EncryptionConfig?: { readonly AutoLockManagers?: boolean } };
    } | null;
  };
}

type Labels = Readonly<Record<string, string>> | null;

interface ApiNode {
  readonly ID: string;
  readonly Version: { readonly Index: number };
  readonly Spec: { readonly Labels?: Labels; readonly Availability?: string };
  readonly Description?: { readonly Hostname?: string };
  readonly Status?: { readonly State?: string };
}

const nodeOf = ({ ID, Spec, Description, Status }: ApiNode): SwarmNode => ({
  id: ID,
  name: Description?.Hostname ?? ID,
  isActive: Status?.State === 'ready' && Spec.Availability === 'active',
  labels: Spec.Labels ?? {},
});

interface ApiContainerSpec {
  readonly Image?: string;
  readonly Labels?: Labels;
  readonly Secrets?: readonly { readonly SecretName: string }[] | null;
  readonly Configs?: readonly { readonly ConfigName: string }[] | null;
}

interface ApiService {
  readonly ID: string;
  readonly Spec: {
    readonly Name: string;
    readonly Labels?: Labels;
    readonly TaskTemplate: { readonly ContainerSpec?: ApiContainerSpec };
    readonly Mode?: { readonly Replicated?: { readonly Replicas?: number } };
  };
  readonly UpdateStatus?: { readonly State?: string } | null;
}

function serviceOf({ ID, Spec, UpdateStatus }: ApiService, stack: string): LiveService {
  const { Image = '', Secrets, Configs } = Spec.TaskTemplate.ContainerSpec ?? {};
  return {
    id: ID,
    name: Spec.Name.replace(`${stack}_`, ''),
    labels: Spec.Labels ?? {},
    image: Image.replace(/@sha256:[0-9a-f]+$/, ''),
    replicas: Spec.Mode?.Replicated?.Replicas ?? 1,
    objects: [
      ...(Secrets ?? []).map(({ SecretName }) => SecretName),
      ...(Configs ?? []).map(({ ConfigName }) => ConfigName),
    ],
    update: UpdateStatus?.State ?? null,
  };
}

interface ApiTask {
  readonly ID: string;
  readonly CreatedAt: string;
  readonly ServiceID: string;
  readonly Slot?: number;
  readonly NodeID?: string;
  readonly DesiredState: string;
  readonly Spec: { readonly ContainerSpec?: ApiContainerSpec };
  readonly Status: {
    readonly State: string;
    readonly Err?: string;
    readonly ContainerStatus?: { readonly ContainerID?: string; readonly ExitCode?: number };
  };
}

const taskOf = ({
  ID,
  CreatedAt,
  ServiceID,
  Slot,
  NodeID,
  DesiredState,
  Spec,
  Status,
}: ApiTask): LiveTask => ({
  id: ID,
  serviceId: ServiceID,
  slot: Slot ?? 0,
  nodeId: NodeID ?? '',
  containerId: Status.ContainerStatus?.ContainerID || null,
  labels: Spec.ContainerSpec?.Labels ?? {},
  state: Status.State,
  desired: DesiredState,
  error: Status.Err ?? '',
  exitCode: Status.ContainerStatus?.ExitCode ?? null,
  createdMs: Date.parse(CreatedAt),
});

interface ApiObject {
  readonly ID: string;
  readonly Spec: { readonly Name: string };
}

const objectOf = (kind: SwarmObjectFacts['kind'], { ID, Spec }: ApiObject): SwarmObjectFacts => ({
  kind,
  id: ID,
  name: Spec.Name,
});
