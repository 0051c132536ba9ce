/** The calls of the Docker Engine API that are about a Swarm, in our own nouns. `docker stack` writes; this port reads and tidies up. */

export interface SwarmFacts {
  /** `inactive`, `pending`, `active`, `error`, `locked`, in the engine's words. */
  readonly state: string;
  readonly isManager: boolean;
  /** The node that this engine is. */
  readonly nodeId: string;
  /** Whether a manager that starts again wants a key. */
  readonly isAutolocked: boolean;
}

export interface SwarmNode {
  readonly id: string;
  readonly name: string;
  /** Up, and given tasks. */
  readonly isActive: boolean;
  readonly labels: Readonly<Record<string, string>>;
}

/** A service of a stack as the engine has it now. */
export interface LiveService {
  readonly id: string;
  /** Without the stack's name. */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Without the digest that Swarm may have added. */
  readonly image: string;
  readonly replicas: number;
  /** Names of the secrets and configs that it uses. */
  readonly objects: readonly string[];
  /** `updating`, `completed`, `paused`, `rollback_started`, ...; null where it was never updated or the update has not begun. */
  readonly update: string | null;
}

/** One run of a service; Swarm keeps the last few that have ended. */
export interface LiveTask {
  readonly id: string;
  readonly serviceId: string;
  readonly slot: number;
  readonly nodeId: string;
  readonly containerId: string | null;
  /** Of its container. */
  readonly labels: Readonly<Record<string, string>>;
  /** `pending`, `preparing`, `starting`, `running`, `complete`, `failed`, `rejected`, `shutdown`, ... */
  readonly state: string;
  /** What it should be: `running`, `ready`, or `shutdown` where another has taken its place. */
  readonly desired: string;
  /** What went wrong, in Swarm's words; else empty. */
  readonly error: string;
  readonly exitCode: number | null;
  readonly createdMs: number;
}

/** A secret or config of a stack. */
export interface SwarmObjectFacts {
  readonly kind: 'secret' | 'config';
  readonly id: string;
  readonly name: string;
}

/** Every call throws `ApictlError` with exit code 5 as the Engine port's do. */
export interface Swarm {
  facts(): Promise<SwarmFacts>;
  nodes(): Promise<readonly SwarmNode[]>;
  labelNode(id: string, label: string, value: string): Promise<void>;
  services(stack: string): Promise<readonly LiveService[]>;
  tasks(stack: string): Promise<readonly LiveTask[]>;
  /** How many containers of the stack there are on the node of this engine, also those that have ended. */
  containers(stack: string): Promise<number>;
  /** The secrets and configs that carry the stack's label. */
  objects(stack: string): Promise<readonly SwarmObjectFacts[]>;
  /** False where a service still uses it; what is gone already is fine. */
  removeObject(object: SwarmObjectFacts): Promise<boolean>;
}
