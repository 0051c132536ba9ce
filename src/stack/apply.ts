import { ApictlError } from '../core/errors.ts';
import type { Emit } from '../core/events.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { Compose, ComposeTarget } from '../core/ports/compose.ts';
import type { Engine } from '../core/ports/engine.ts';
import { Slots } from '../core/slots.ts';
import { CheckPace } from './check-pace.ts';
import type { EventHub } from './event-hub.ts';
import { dependantsOf, type Graph, type GraphNode } from './graph.ts';
import type { PatientEngine } from './patient-engine.ts';
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
  readonly engine: Pick<Engine, 'exec' | 'remove'>;
  /** For what must outlive a restart of the engine. */
  readonly patient: PatientEngine;
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
  /** Processors of the engine's machine. */
  readonly cpus: number;
  /** Service -> milliseconds that its boot took before. */
  readonly bootTimes: ReadonlyMap<string, number>;
}

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
export function stackTasks(plan: StackPlan, ports: ApplyPorts, settings: ApplySettings): Task[] {
  const pace = new CheckPace();
  const starts = new Slots(startsAtOnce(settings.cpus));
  // What interrupts goes one at a time, from its stop until it is ready again: the others keep serving meanwhile.
  const replacements = new Slots(1);
  return settings.graph.flatMap((node) => {
    const operation = plan.operations.find(({ service }) => service === node.name);
    if (operation === undefined) return [];
    const run = (signal: AbortSignal): Promise<void> => {
      const work = () => runOperation(operation, node, { ports, settings, pace, starts, signal });
      return operation.action === 'recreate' ? replacements.use(work, -settings.graph.indexOf(node)) : work();
    };
    return [{ id: node.name, dependsOn: node.dependsOn, run }];
  });
}

/**
 * A start keeps about one and a half processors busy for a third of a second. Side by side on a small machine all of them take
 * longer, and what others wait for would be started last as often as first.
 */
const startsAtOnce = (cpus: number): number => Math.max(1, Math.floor(cpus / 2));

interface Run {
  readonly ports: ApplyPorts;
  readonly settings: ApplySettings;
  readonly pace: CheckPace;
  readonly starts: Slots;
  readonly signal: AbortSignal;
}

async function runOperation(operation: Operation, node: GraphNode, run: Run): Promise<void> {
  const { ports, settings, signal } = run;
  const { service, action } = operation;
  if (action === 'keep') {
    settings.onReady(service, 0);
    return;
  }
  signal.throwIfAborted();
  const id =
    action === 'recreate' || operation.containerId === null
      ? await recreate(service, operation.why, run)
      : operation.containerId;
  const readiness = await startUntilReady(id, node, action !== 'wait', run);
  if (readiness.state !== 'ready') throw new NotReady(service, id, readiness);
  const ms = ports.clock.now() - settings.startedMs;
  settings.onReady(service, ms);
  ports.emit({ type: 'service.ready', service, ms, restarts: readiness.restarts });
}

/** A refusal is the service's failure, as a port that is held; an engine that is away is the whole run's. */
async function start(service: string, id: string, engine: Pick<Engine, 'start'>): Promise<void> {
  try {
    await engine.start(id);
  } catch (thrown) {
    if (!(thrown instanceof ApictlError) || thrown.code !== 'ENGINE_REFUSED') throw thrown;
    throw new NotReady(service, id, { state: 'not-started', refusal: thrown.message });
  }
}

/** Answers the new container, created and not started. */
async function recreate(service: string, why: string, { ports, settings, signal }: Run): Promise<string> {
  ports.emit({ type: 'service.creating', service, why });
  await ports.compose.run(
    settings.target,
    ['up', '--no-start', '--no-deps', '--force-recreate', ...NO_SURPRISES, service],
    { signal, lockFd: settings.lockFd },
  );
  ports.emit({ type: 'service.created', service });
  const containers = await ports.patient.containers(settings.target.project);
  const made = containers.find((container) => container.service === service);
  if (made === undefined) throw new Error(`${service} has no container although it was created`);
  return made.id;
}

/** Ended by SIGKILL or SIGTERM: also what an engine does that goes down, a moment before it stops to answer. */
const STOPPED_FROM_OUTSIDE: ReadonlySet<number> = new Set([137, 143]);
const GOING_DOWN_MS = 2_000;
const WATCH_EVERY_MS = 200;

/** Looks for a while whether the engine goes away; returns when it is back, or when it has stayed. */
async function watchEngine(id: string, { ports, signal }: Run): Promise<void> {
  const outages = ports.patient.outages();
  const untilMs = ports.clock.now() + GOING_DOWN_MS;
  while (ports.clock.now() < untilMs && ports.patient.outages() === outages) {
    // The kernel's own end of it has nothing to do with the engine.
    if ((await ports.patient.inspect(id)).oomKilled) return;
    await ports.clock.sleep(WATCH_EVERY_MS, signal);
    signal.throwIfAborted();
  }
}

/** Starts and waits; what an engine took down with it when it went away is started once more. */
async function startUntilReady(
  id: string,
  node: GraphNode,
  mustStart: boolean,
  run: Run,
): Promise<Readiness> {
  const { ports, settings, pace, starts, signal } = run;
  const subject = {
    containerId: id,
    isJob: node.isJob,
    dependants: dependantsOf(settings.graph, node.name).length,
    expectedBootMs: settings.bootTimes.get(node.name) ?? null,
    deadlineMs: settings.deadlineMs,
  };
  const engine = { inspect: ports.patient.inspect, exec: ports.engine.exec.bind(ports.engine) };
  let isToStart = mustStart;
  for (;;) {
    const outages = ports.patient.outages();
    const begin = async (): Promise<void> => {
      const startNow = () => start(node.name, id, ports.patient);
      await starts.use(() => pace.aroundStart(startNow), subject.dependants);
      ports.emit({ type: 'service.started', service: node.name });
    };
    const waitPorts = { engine, clock: ports.clock, pace, onEvent: ports.hub.subscribe };
    const readiness = await waitUntilReady(subject, waitPorts, signal, isToStart ? begin : undefined);
    if (readiness.state !== 'ended') return readiness;
    if (STOPPED_FROM_OUTSIDE.has(readiness.exitCode)) await watchEngine(id, run);
    if (ports.patient.outages() === outages) return readiness;
    isToStart = true;
  }
}
