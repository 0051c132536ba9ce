import type { ServiceAction } from '../../core/events.ts';
import type { ContainerSummary } from '../../core/ports/engine.ts';
import type { Graph, GraphNode } from '../graph/graph.ts';
import { isBackend } from '../render/backends.ts';
import { DIGEST_LABEL, MANAGED_LABEL } from '../render/labels.ts';

/** What is done to a service, with the reason. `interrupts`: what runs is stopped by it. */
export interface Operation {
  readonly service: string;
  readonly action: Exclude<ServiceAction, 'stop'>;
  readonly why: string;
  readonly interrupts: boolean;
  /** It is one of several that the gateway sends requests to: taken out of rotation before it is stopped, put back when it is ready. */
  readonly drains: boolean;
  /** The container the operation starts from; null where there is none yet. */
  readonly containerId: string | null;
}

/** A replica beyond the wanted ones that shows first that new ones become healthy, and serves while the others are replaced. */
export interface Surge {
  readonly operation: Operation;
  readonly node: GraphNode;
}

export interface StackPlan {
  readonly operations: readonly Operation[];
  /** Leftovers of a Compose killed while it recreated: `<12 hex>_name`, not running. Removed before anything else. */
  readonly leftovers: readonly ContainerSummary[];
  /** Null where no replica is replaced. */
  readonly surge: Surge | null;
  /** Replicas beyond the wanted ones: drained, stopped and removed when those serve. */
  readonly retired: readonly ContainerSummary[];
  /** Other containers of services that the rendered file no longer has. */
  readonly orphans: readonly ContainerSummary[];
}

export interface WantedService {
  readonly digest: string;
  /** Image id as the engine knows it, null where it is not there. */
  readonly imageId: string | null;
  /** Whether it belongs into any network. */
  readonly needsNetwork: boolean;
}

export interface StackFacts {
  readonly graph: Graph;
  readonly wanted: Readonly<Record<string, WantedService>>;
  readonly containers: readonly ContainerSummary[];
  /** Ids of the project's networks as they are now. */
  readonly networkIds: ReadonlySet<string>;
  /** Whether a gateway runs that may send requests to the replicas. */
  readonly gatewayRuns: boolean;
}

/** The engine's own networks, which belong to no project. */
const PREDEFINED: ReadonlySet<string> = new Set(['bridge', 'host', 'none']);

/** Compose's temporary name while it replaces a container. */
const LEFTOVER = /^[0-9a-f]{12}_/;

/** Wanted and live, compared: one operation for every service of the graph, in its order. Pure. */
export function planStack(facts: StackFacts): StackPlan {
  const leftovers = facts.containers.filter(
    (container) => LEFTOVER.test(container.name) && container.state !== 'running',
  );
  const present = facts.containers.filter((container) => !leftovers.includes(container));
  const unwanted = present.filter((container) => !(container.service in facts.wanted));
  // A run for other services alone is no reason to remove any.
  const retired = facts.graph.some(({ name }) => isBackend(name)) ? unwanted.filter(isOwnReplica) : [];
  return {
    operations: facts.graph.map((node) => {
      const container = present.find((candidate) => candidate.service === node.name);
      return operationFor(node.name, node.isJob, container, facts);
    }),
    leftovers,
    surge: null,
    retired,
    orphans: unwanted.filter((container) => !retired.includes(container)),
  };
}

const isOwnReplica = ({ service, labels }: ContainerSummary): boolean =>
  isBackend(service) && labels[MANAGED_LABEL] === 'true';

/** Per network, the names that a container has there. */
export type Aliases = Readonly<Record<string, readonly string[]>>;

/** The containers that the plan starts as they are, whose names the engine's listing does not tell. */
export const toBeStarted = (plan: StackPlan): string[] =>
  plan.operations.flatMap(({ action, containerId }) =>
    containerId !== null && (action === 'start' || action === 'run') ? [containerId] : [],
  );

/** The plan in which a container that nobody would find by its service's name is made anew instead of started. Pure. */
export function withNamelessAnew(plan: StackPlan, aliasesById: ReadonlyMap<string, Aliases>): StackPlan {
  const operations = plan.operations.map((operation): Operation => {
    const aliases = aliasesById.get(operation.containerId ?? '');
    if (aliases === undefined || isFoundByName(operation.service, aliases)) return operation;
    return { ...operation, action: 'recreate', why: 'its network does not know its name' };
  });
  return { ...plan, operations };
}

/**
 * Whether others find a container by its service's name in every network of the project. A Compose that makes a network anew
 * under existing containers leaves them without: they would run, and nobody could reach them.
 */
export const isFoundByName = (service: string, aliases: Aliases): boolean =>
  Object.entries(aliases).every(([network, names]) => PREDEFINED.has(network) || names.includes(service));

/** Whether nothing has to be done at all. */
export const isIdle = (plan: StackPlan): boolean =>
  plan.leftovers.length === 0 &&
  plan.retired.length === 0 &&
  plan.operations.every(({ action }) => action === 'keep');

/** Whether there is work that only Compose does. */
export const needsCompose = (plan: StackPlan): boolean =>
  plan.operations.some(({ action }) => action === 'create' || action === 'recreate');

/** Whether Compose has to create anything, or something has to be cleared away before. */
export const hasToCreate = (plan: StackPlan): boolean =>
  plan.leftovers.length > 0 || plan.operations.some(({ action }) => action === 'create');

function operationFor(
  service: string,
  isJob: boolean,
  container: ContainerSummary | undefined,
  facts: StackFacts,
): Operation {
  const quiet = { service, interrupts: false, drains: false };
  if (container === undefined) return { ...quiet, action: 'create', why: 'not there', containerId: null };
  const base = { ...quiet, containerId: container.id };
  const changed = difference(container, facts);
  if (changed !== undefined) {
    const isRunning = !isJob && container.state === 'running';
    const drains = isRunning && facts.gatewayRuns && isBackend(service) && container.health !== 'unhealthy';
    return { ...base, action: 'recreate', why: changed, interrupts: isRunning && !drains, drains };
  }
  if (isJob) return jobOperation(base, container);
  if (container.state !== 'running') {
    return {
      ...base,
      action: 'start',
      why: container.state === 'created' ? 'created, never started' : `is ${container.state}`,
    };
  }
  if (container.health === 'healthy' || container.health === 'none') {
    return { ...base, action: 'keep', why: 'unchanged and running' };
  }
  return { ...base, action: 'wait', why: `runs, its health is ${container.health}` };
}

function jobOperation(
  base: Pick<Operation, 'service' | 'containerId' | 'interrupts' | 'drains'>,
  container: ContainerSummary,
): Operation {
  if (container.state === 'running') return { ...base, action: 'wait', why: 'is running' };
  if (/^Exited \(0\)/.test(container.statusText)) {
    return { ...base, action: 'keep', why: 'ended with 0 and is unchanged' };
  }
  return {
    ...base,
    action: 'run',
    why: container.state === 'created' ? 'created, never run' : 'did not end with 0',
  };
}

function difference(container: ContainerSummary, facts: StackFacts): string | undefined {
  const wanted = facts.wanted[container.service];
  if (wanted === undefined) return undefined;
  if (container.labels[DIGEST_LABEL] !== wanted.digest) return 'its configuration or a mounted file changed';
  if (wanted.imageId !== null && container.imageId !== wanted.imageId) return 'its image changed';
  // A container that was created in a network that is gone would start without names in the new one.
  const lost = Object.entries(container.networks).some(
    ([name, { networkId }]) => !PREDEFINED.has(name) && networkId !== '' && !facts.networkIds.has(networkId),
  );
  if (lost) return 'its network was made anew';
  // Somebody took it out of all of them, or the network went away under it.
  return wanted.needsNetwork && Object.keys(container.networks).length === 0
    ? 'it is in no network any more'
    : undefined;
}
