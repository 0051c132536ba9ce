import { ApictlError } from '../../core/errors.ts';
import type { ComposeTarget } from '../../core/ports/compose.ts';
import type { Engine } from '../../core/ports/engine.ts';
import type { Slots } from '../../core/slots.ts';
import { dependantsOf, type GraphNode } from '../graph/graph.ts';
import type { Operation } from '../plan/plan.ts';
import type { ApplyPorts, ApplySettings } from './apply.ts';
import type { CheckPace } from './check-pace.ts';
import { NotReady } from './not-ready.ts';
import { type Readiness, waitUntilReady } from './readiness.ts';

/** Never build, never pull: images are there before, with their own progress and errors. */
export const NO_SURPRISES = ['--no-build', '--pull', 'never'] as const;

/** What the operations of one run share. */
export interface Run {
  readonly ports: ApplyPorts;
  readonly settings: ApplySettings;
  readonly pace: CheckPace;
  readonly starts: Slots;
  readonly signal: AbortSignal;
}

/** Does what the plan says of one service and waits until it is ready. @throws NotReady */
export async function runOperation(operation: Operation, node: GraphNode, run: Run): Promise<void> {
  if (operation.action === 'keep') {
    run.settings.onReady(operation.service, 0, null);
    if (operation.containerId !== null) watchFall(operation.service, operation.containerId, run);
  } else await bringToReady(operation, node, run, run.settings.target);
}

/** As `runOperation` for what is not kept; answers the container that is ready. `target` is what it is made from. */
export async function bringToReady(
  operation: Operation,
  node: GraphNode,
  run: Run,
  target: ComposeTarget,
): Promise<string> {
  const { service, action } = operation;
  run.signal.throwIfAborted();
  const id = await containerToStart(operation, run, target);
  await startUntilReady({ node, id, mustStart: action !== 'wait', hasFlapped: false }, run);
  watchFall(service, id, run);
  return id;
}

/** What is ready may end or become unhealthy while others come up. */
function watchFall(service: string, id: string, { ports, settings }: Run): void {
  ports.hub.subscribe(id, ({ action, health }) => {
    if (action === 'die' || health === 'unhealthy') settings.onFallen(service);
  });
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

/** The container of an operation, made anew where the plan says so, and stopped where it is to start again. */
async function containerToStart(operation: Operation, run: Run, target: ComposeTarget): Promise<string> {
  const { service, action, why, containerId } = operation;
  if (action === 'recreate' || containerId === null) return recreate(service, why, run, target);
  if (action === 'restart') {
    run.ports.emit({ type: 'service.stopping', service });
    await run.ports.engine.stop(containerId);
  }
  return containerId;
}

/** Answers the new container, created and not started. */
async function recreate(
  service: string,
  why: string,
  { ports, settings, signal }: Run,
  target: ComposeTarget,
): Promise<string> {
  ports.emit({ type: 'service.creating', service, why });
  await ports.compose.run(
    target,
    ['up', '--no-start', '--no-deps', '--force-recreate', ...NO_SURPRISES, service],
    { signal, lockFd: settings.lockFd },
  );
  ports.emit({ type: 'service.created', service });
  const containers = await ports.patient.containers(target.project);
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

/** Waits once more for a service that was ready in this run and fell. @throws NotReady */
export async function waitUntilSteady(node: GraphNode, id: string, run: Run): Promise<void> {
  const { emit } = run.ports;
  emit({
    type: 'warning',
    text: `${node.name} was healthy and is not any more; waiting until it stays healthy`,
  });
  await startUntilReady({ node, id, mustStart: false, hasFlapped: true }, run);
}

interface Boot {
  readonly node: GraphNode;
  /** Of the container. */
  readonly id: string;
  readonly mustStart: boolean;
  readonly hasFlapped: boolean;
}

/** Starts, waits, and tells when it is ready. @throws NotReady */
async function startUntilReady(boot: Boot, run: Run): Promise<void> {
  const { ports, settings } = run;
  const service = boot.node.name;
  const readiness = await startAndWait(boot, run);
  if (readiness.state !== 'ready') throw new NotReady(service, boot.id, readiness);
  const ms = ports.clock.now() - settings.startedMs;
  settings.onReady(service, ms, readiness.passed);
  ports.emit({ type: 'service.ready', service, ms, restarts: readiness.restarts });
}

/** What an engine took down with it when it went away is started once more. */
async function startAndWait({ node, id, mustStart, hasFlapped }: Boot, run: Run): Promise<Readiness> {
  const { ports, settings, pace, starts, signal } = run;
  const subject = {
    containerId: id,
    isJob: node.isJob,
    dependants: dependantsOf(settings.graph, node.name).length,
    expectedBootMs: settings.earlierRuns.get(node.name)?.bootMs ?? null,
    lastPassed: hasFlapped ? null : (settings.earlierRuns.get(node.name)?.passed ?? null),
    hasFlapped,
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
