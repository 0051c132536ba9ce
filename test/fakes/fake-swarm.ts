import type {
  LiveService,
  LiveTask,
  Swarm,
  SwarmFacts,
  SwarmNode,
  SwarmObjectFacts,
} from '../../src/core/ports/swarm.ts';
import { DIGEST_LABEL } from '../../src/stack/render/labels.ts';

export const node = (given: Partial<SwarmNode> = {}): SwarmNode => ({
  id: 'node-1',
  name: 'first',
  isActive: true,
  labels: {},
  ...given,
});

export const liveService = (name: string, digest: string, given: Partial<LiveService> = {}): LiveService => ({
  id: `id-${name}`,
  name,
  labels: { [DIGEST_LABEL]: digest },
  image: `apictl/${name}:1`,
  replicas: 1,
  objects: [],
  update: null,
  ...given,
});

let made = 0;

export const liveTask = (service: string, digest: string, given: Partial<LiveTask> = {}): LiveTask => {
  made += 1;
  return {
    id: `task-${made}`,
    serviceId: `id-${service}`,
    slot: 1,
    nodeId: 'node-1',
    containerId: `container-${made}`,
    labels: { [DIGEST_LABEL]: digest },
    state: 'running',
    desired: 'running',
    error: '',
    exitCode: null,
    createdMs: made,
    ...given,
  };
};

/** What one look at the engine finds. */
export interface Look {
  readonly services: readonly LiveService[];
  readonly tasks: readonly LiveTask[];
}

/** A Swarm that is looked at: each call of `tasks` moves on to the next picture, and the last one stays. */
export class FakeSwarm implements Swarm {
  self: SwarmFacts = { state: 'active', isManager: true, nodeId: 'node-1', isAutolocked: false };
  members: SwarmNode[] = [node()];
  looks: Look[] = [{ services: [], tasks: [] }];
  kept: SwarmObjectFacts[] = [];
  /** Names of objects that a service uses. */
  inUse = new Set<string>();

  async facts() {
    return this.self;
  }
  async nodes() {
    return this.members;
  }
  async labelNode(id: string, label: string, value: string) {
    this.members = this.members.map((one) =>
      one.id === id ? { ...one, labels: { ...one.labels, [label]: value } } : one,
    );
  }
  async services() {
    return this.#look.services;
  }
  async tasks() {
    const { tasks } = this.#look;
    if (this.looks.length > 1) this.looks.shift();
    return tasks;
  }
  async containers() {
    return 0;
  }
  async objects() {
    return this.kept;
  }
  async removeObject(object: SwarmObjectFacts) {
    if (this.inUse.has(object.name)) return false;
    this.kept = this.kept.filter(({ id }) => id !== object.id);
    return true;
  }

  get #look(): Look {
    const [look] = this.looks;
    if (look === undefined) throw new Error('there is nothing to look at');
    return look;
  }
}

/** An engine that is no part of one. */
export function noSwarm(): FakeSwarm {
  const swarm = new FakeSwarm();
  swarm.self = { state: 'inactive', isManager: false, nodeId: '', isAutolocked: false };
  return swarm;
}
