import { ApictlError } from '../core/errors.ts';
import type { Emit } from '../core/events.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { Compose, ComposeTarget } from '../core/ports/compose.ts';
import type { ContainerSummary, Engine } from '../core/ports/engine.ts';
import { Slots } from '../core/slots.ts';
import type { EventHub } from './event-hub.ts';
import { dependantsOf, type Graph, type GraphNode } from './graph.ts';
import type { Operation, StackPlan } from './plan.ts';
import { type Readiness, waitUntilReady } from './readiness.ts';
import type { Task } from './run-graph.ts';

/** Why a service is not ready: how the wait for it ended, or what the engine said when it refused to start it. */
export type NotReadyReason =
  | Exclude<Readiness, { state: 'ready' }>
  | { readonly state: 'not-started'; readonly refusal: string };

/** A service that did not become ready; what is known of it is added by the diagnosis. */
export class NotReady extends Error {
  readonly service: string;
  readonly containerId: string;
  readonly readiness: NotReadyReason;

  constructor(service: string, containerId: string, readiness: NotReadyReason) {
    super(`${service} did not become ready: ${readiness.state}`);
    this.service = service;
    this.containerId = containerId;
    this.readiness = readiness;
  }
}

export interface ApplyPorts {
  readonly engine: Engine;
  readonly compose: Compose;
  readonly clock: Clock;
  readonly hub: EventHub;
  readonly emit: Emit;
}

export interface ApplySettings {
  readonly target: ComposeTarget;
  readonly graph: Graph;
  readonly deadlineMs: number;
  readonly lockFd: number | undefined;
  /** Called once for each service as it becomes ready, with the milliseconds since `startedMs`. */
  readonly onReady: (service: string, ms: number) => void;
  readonly startedMs: number;
}

/** Readiness checks in flight: more would slow down the very services that are starting. */
const CHECKS_AT_ONCE = 2;

/** Never build, never pull: images are there before, with their own progress and errors. */
const NO_SURPRISES = ['--no-build', '--pull', 'never'] as const;

/** Removes what a killed Compose left behind and creates all that is missing, in one call. Starts nothing. */
export async function createMissing(
  plan: StackPlan,
  ports: Pick<ApplyPorts, 'engine' | 'compose' | 'emit'>,
  settings: Pick<ApplySettings, 'target' | 'lockFd'>,
  signal: AbortSignal,
): Promise<void> {
  for (const leftover of plan.leftovers) await ports.engine.remove(leftover.id);
  const missing = plan.operations.filter(({ action }) => action === 'create');
  if (missing.length === 0) return;
  for (const { service, why } of missing) ports.emit({ type: 'service.creating', service, why });
  await ports.compose.run(
    settings.target,
    ['create', '--no-recreate', ...NO_SURPRISES, ...missing.map(({ service }) => service)],
    { signal, lockFd: settings.lockFd },
  );
  for (const { service } of missing) ports.emit({ type: 'service.created', service });
}

/** One task for each operation, for the scheduler. Decides nothing: the plan did. */
export function stackTasks(
  plan: StackPlan,
  containers: readonly ContainerSummary[],
  ports: ApplyPorts,
  settings: ApplySettings,
): Task[] {
  const checks = new Slots(CHECKS_AT_ONCE);
  // What interrupts goes one at a time, from its stop until it is ready again: the others keep serving meanwhile.
  const replacements = new Slots(1);
  return settings.graph.flatMap((node) => {
    const operation = plan.operations.find(({ service }) => service === node.name);
    if (operation === undefined) return [];
    const run = (signal: AbortSignal): Promise<void> => {
      const work = () => runOperation(operation, node, containers, { ports, settings, checks, signal });
      return operation.action === 'recreate'
        ? replacements.use(work, -orderOf(settings.graph, node))
        : work();
    };
    return [{ id: node.name, dependsOn: node.dependsOn, run }];
  });
}

const orderOf = (graph: Graph, node: GraphNode): number => graph.indexOf(node);

interface Run {
  readonly ports: ApplyPorts;
  readonly settings: ApplySettings;
  readonly checks: Slots;
  readonly signal: AbortSignal;
}

async function runOperation(
  operation: Operation,
  node: GraphNode,
  containers: readonly ContainerSummary[],
  run: Run,
): Promise<void> {
  const { ports, settings, signal } = run;
  const { service, action } = operation;
  if (action === 'keep') {
    settings.onReady(service, 0);
    return;
  }
  signal.throwIfAborted();
  if (action === 'recreate') await recreate(operation, run);
  const id =
    action === 'create' || action === 'recreate'
      ? await containerOf(
          service,
          action === 'create' ? containers : await ports.engine.containers(settings.target.project),
        )
      : operation.containerId;
  if (id === null || id === undefined) throw new Error(`${service} has no container although it was created`);
  if (action !== 'wait') {
    await start(service, id, ports.engine);
    ports.emit({ type: 'service.started', service });
  }
  const readiness = await waitUntilReady(
    {
      containerId: id,
      isJob: node.isJob,
      priority: dependantsOf(settings.graph, service).length,
      deadlineMs: settings.deadlineMs,
    },
    { engine: ports.engine, clock: ports.clock, slots: run.checks, onEvent: ports.hub.subscribe },
    signal,
  );
  if (readiness.state !== 'ready') throw new NotReady(service, id, readiness);
  const ms = ports.clock.now() - settings.startedMs;
  settings.onReady(service, ms);
  ports.emit({ type: 'service.ready', service, ms });
}

/** A refusal is the service's failure, as a port that is held; an engine that is away is the whole run's. */
async function start(service: string, id: string, engine: Engine): Promise<void> {
  try {
    await engine.start(id);
  } catch (thrown) {
    if (!(thrown instanceof ApictlError) || thrown.code !== 'ENGINE_REFUSED') throw thrown;
    throw new NotReady(service, id, { state: 'not-started', refusal: thrown.message });
  }
}

async function recreate({ service, why }: Operation, { ports, settings, signal }: Run): Promise<void> {
  ports.emit({ type: 'service.creating', service, why });
  await ports.compose.run(
    settings.target,
    ['up', '--no-start', '--no-deps', '--force-recreate', ...NO_SURPRISES, service],
    { signal, lockFd: settings.lockFd },
  );
  ports.emit({ type: 'service.created', service });
}

const containerOf = (service: string, containers: readonly ContainerSummary[]): string | undefined =>
  containers.find((container) => container.service === service)?.id;
