import { ApictlError, EXIT } from '../../core/errors.ts';
import type { PlannedService } from '../../core/events.ts';
import type { ComposeTarget } from '../../core/ports/compose.ts';
import type { HeldLock } from '../../core/ports/lock.ts';
import { createMissing, NotReady, stackTasks } from '../../stack/apply.ts';
import { EventHub } from '../../stack/event-hub.ts';
import type { Graph } from '../../stack/graph.ts';
import type { StackPlan } from '../../stack/plan.ts';
import { type Outcome, runGraph, type Task } from '../../stack/run-graph.ts';
import { explain } from '../explain.ts';
import type { World } from '../world.ts';

export interface BringUp {
  readonly plan: StackPlan;
  readonly graph: Graph;
  readonly target: ComposeTarget;
  readonly lock: HeldLock;
  readonly deadlineMs: number;
  readonly startedMs: number;
  /** Further nodes of the graph that are no containers, as the seeding. */
  readonly tasks: readonly Task[];
}

/**
 * Creates what is missing and starts everything in dependency order. Answers when each service was ready.
 * @throws ApictlError SERVICE_UNHEALTHY (4) with the cause of every failure, INTERRUPTED (130 or 143), or a task's own.
 */
export async function bringUp(world: World, work: BringUp): Promise<Map<string, number>> {
  const { plan, graph, target, startedMs } = work;
  const ready = new Map<string, number>();
  world.emit({ type: 'stack.planned', services: plannedServices(plan, graph) });
  // Ends with this run, and with the program's own signal.
  const ending = new AbortController();
  const signal = AbortSignal.any([world.signal, ending.signal]);
  const hub = new EventHub();
  const following = hub.follow(world, target.project, signal);
  try {
    await createMissing(plan, world, { target, lockFd: work.lock.fd }, world.signal);
    const containers = await world.engine.containers(target.project);
    const tasks = stackTasks(
      plan,
      containers,
      { ...world, hub },
      {
        target,
        graph,
        deadlineMs: work.deadlineMs,
        lockFd: work.lock.fd,
        startedMs,
        onReady: (service, ms) => ready.set(service, ms),
      },
    );
    const outcomes = await runGraph([...tasks, ...work.tasks], world.signal);
    await judge(world, outcomes);
    return ready;
  } finally {
    ending.abort();
    await following;
  }
}

const plannedServices = (plan: StackPlan, graph: Graph): PlannedService[] =>
  graph.flatMap(({ name, dependsOn, isJob }) => {
    const operation = plan.operations.find(({ service }) => service === name);
    return operation === undefined
      ? []
      : [{ service: name, action: operation.action, waitsFor: dependsOn, isJob }];
  });

async function judge(world: World, outcomes: readonly Outcome[]): Promise<void> {
  const failed = outcomes.filter((outcome) => outcome.state === 'failed');
  const skipped = outcomes.filter((outcome) => outcome.state === 'skipped');
  if (outcomes.some(({ state }) => state === 'cancelled')) throw interrupted(world.signal, outcomes);
  if (failed.length === 0) return;
  const reports = await Promise.all(failed.map(({ error }) => reportOf(world, error)));
  for (const { id, because } of skipped) world.emit({ type: 'service.skipped', service: id, because });
  for (const report of reports)
    world.emit({ type: 'service.failed', service: report.object, reason: report.cause });
  const [first] = reports;
  // A failure of a task that is no service, as the seeding, has its own code and words; it stands alone.
  if (first?.own !== undefined && reports.length === 1) throw first.own;
  throw new ApictlError({
    code: 'SERVICE_UNHEALTHY',
    exitCode: EXIT.unhealthy,
    message: reports.map(({ object, cause }) => `${object} ${cause}`).join('; '),
    object: reports.map(({ object }) => `service ${object}`).join(', '),
    details: [
      ...reports.flatMap(({ evidence }) => evidence),
      ...(skipped.length === 0
        ? []
        : [`not started because of it: ${skipped.map(({ id }) => id).join(', ')}`]),
      'what is healthy stays up',
    ],
    hint: first?.hint,
  });
}

interface FailureReport {
  readonly object: string;
  readonly cause: string;
  readonly hint: string | undefined;
  readonly evidence: readonly string[];
  readonly own?: ApictlError;
}

async function reportOf(world: World, error: unknown): Promise<FailureReport> {
  if (error instanceof NotReady) {
    const { readiness, service, containerId } = error;
    const finding = await explain(world.engine, {
      service,
      containerId,
      ending: readiness.state,
      exitCode: readiness.state === 'ended' ? readiness.exitCode : 0,
      checks: readiness.checks,
    });
    return { object: service, ...finding };
  }
  if (!(error instanceof ApictlError)) throw error;
  return {
    object: error.object ?? error.code,
    cause: error.message,
    hint: error.hint,
    evidence: error.details,
    own: error,
  };
}

function interrupted(signal: AbortSignal, outcomes: readonly Outcome[]): ApictlError {
  const done = outcomes.filter(({ state }) => state === 'done').map(({ id }) => id);
  const terminated = signal.reason === 'SIGTERM';
  return new ApictlError({
    code: 'INTERRUPTED',
    exitCode: terminated ? EXIT.terminated : EXIT.interrupted,
    message: `interrupted; what runs stays up${done.length === 0 ? '' : `: ${done.join(', ')}`}`,
    hint: 'Run "apictl up" again to finish, or "apictl down" to stop it.',
  });
}
