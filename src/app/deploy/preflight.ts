import { ApictlError, EXIT } from '../../core/errors.ts';
import type { ContainerSummary } from '../../core/ports/engine.ts';
import type { SwarmFacts, SwarmNode } from '../../core/ports/swarm.ts';
import { DATA_NODE_LABEL } from '../../stack/render/swarm/swarm-tree.ts';
import type { Project } from '../project/project.ts';
import type { World } from '../world.ts';

/** The Swarm that a stack is deployed on. */
export interface Manager {
  readonly self: SwarmNode;
  readonly nodes: readonly SwarmNode[];
}

/** @throws ApictlError SWARM_INACTIVE, SWARM_LOCKED, SWARM_WORKER (5) */
export async function requireManager(world: Pick<World, 'swarm'>): Promise<Manager> {
  const facts = await world.swarm.facts();
  if (!facts.isManager) throw noManager(facts);
  const nodes = await world.swarm.nodes();
  const self = nodes.find(({ id }) => id === facts.nodeId);
  if (self === undefined) throw new Error(`the Swarm does not list its own node ${facts.nodeId}`);
  return { self, nodes };
}

function noManager({ state }: SwarmFacts): ApictlError {
  if (state === 'locked') {
    return new ApictlError({
      code: 'SWARM_LOCKED',
      exitCode: EXIT.engine,
      message: 'this engine is a Swarm manager that is locked',
      hint: 'Run "docker swarm unlock" and give it the key.',
    });
  }
  if (state === 'active') {
    return new ApictlError({
      code: 'SWARM_WORKER',
      exitCode: EXIT.engine,
      message: 'this engine is a worker of its Swarm; only a manager can be told what to run',
      hint: 'Choose a manager ("docker context use NAME", or DOCKER_HOST), or make this node one there: "docker node promote NODE".',
    });
  }
  return new ApictlError({
    code: 'SWARM_INACTIVE',
    exitCode: EXIT.engine,
    message: `this engine is no part of a Swarm (${state})`,
    hint: 'Run "docker swarm init" to make it one of its own, or "docker swarm join" as its manager; "apictl up" needs no Swarm.',
  });
}

/**
 * The node of this engine holds the data: from here images, logs and the gateway's Admin API are reached. The label is set where
 * there is no choice.
 * @throws ApictlError SWARM_DATA_NODE (5)
 */
export async function requireDataNode(
  world: Pick<World, 'swarm' | 'emit'>,
  { self, nodes }: Manager,
  isDryRun: boolean,
): Promise<void> {
  const labelled = nodes.filter(({ labels }) => labels[DATA_NODE_LABEL] === 'true');
  if (labelled.length === 1 && labelled[0]?.id === self.id) return;
  if (labelled.length === 0 && nodes.length === 1) {
    if (isDryRun) return;
    await world.swarm.labelNode(self.id, DATA_NODE_LABEL, 'true');
    world.emit({
      type: 'note',
      text: `node ${self.name} holds the data: it has the label ${DATA_NODE_LABEL}=true now`,
    });
    return;
  }
  const command = `docker node update --label-add ${DATA_NODE_LABEL}=true`;
  throw new ApictlError({
    code: 'SWARM_DATA_NODE',
    exitCode: EXIT.engine,
    message: dataNodeProblem(labelled, self),
    object: `node ${self.name}`,
    hint:
      labelled.length === 0
        ? `Name it, on the node that you deploy from: "${command} ${self.name}".`
        : 'Deploy from that node (a context of its own, or DOCKER_HOST); volumes do not move with the label.',
  });
}

function dataNodeProblem(labelled: readonly SwarmNode[], self: SwarmNode): string {
  if (labelled.length === 0)
    return `no node is named to hold the data (label ${DATA_NODE_LABEL}=true), and there are several`;
  const names = labelled.map(({ name }) => name).join(', ');
  return labelled.length === 1
    ? `the data is on node ${names}, and this is the engine of node ${self.name}`
    : `several nodes have the label ${DATA_NODE_LABEL}=true: ${names}`;
}

/** Two targets of one project would share its volumes. @throws ApictlError STACK_ON_COMPOSE (64) */
export function refuseCompose(containers: readonly ContainerSummary[], { config }: Project): void {
  if (containers.length === 0) return;
  throw new ApictlError({
    code: 'STACK_ON_COMPOSE',
    exitCode: EXIT.usage,
    message: `the project ${config.project} has ${containers.length} containers of "apictl up"; both would use the same data`,
    object: `project ${config.project}`,
    hint: 'Run "apictl down" first; the data stays, and Swarm goes on with it on this node.',
  });
}

/** What is told of a Swarm before anything is made. */
export async function tellLimits(
  world: Pick<World, 'swarm' | 'emit'>,
  { nodes, self }: Manager,
  backendImage: string,
  ports: readonly number[],
): Promise<void> {
  const warn = (text: string): void => world.emit({ type: 'warning', text });
  warn(
    `Swarm publishes the ports ${ports.join(' and ')} on every address of node ${self.name}; no other port is published`,
  );
  const others = nodes.filter(({ id, isActive }) => isActive && id !== self.id).map(({ name }) => name);
  if (others.length === 0) return;
  if (!(await world.swarm.facts()).isAutolocked)
    warn(
      'the managers of this Swarm start without a key: "docker swarm update --autolock=true" makes them ask for one',
    );
  if (backendImage.startsWith('apictl/')) {
    warn(
      `${backendImage} was built on ${self.name} and no registry has it; on ${others.join(', ')} it has to be there too ("docker save", "docker load"), or name an image of a registry as backends.image`,
    );
  }
}
