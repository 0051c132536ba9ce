import type { PlannedService } from '../../core/events.ts';
import type { ComposeTarget } from '../../core/ports/compose.ts';
import type { HeldLock } from '../../core/ports/lock.ts';
import { createMissing, stackTasks } from '../../stack/apply.ts';
import { EventHub } from '../../stack/event-hub.ts';
import type { Graph } from '../../stack/graph.ts';
import type { StackPlan } from '../../stack/plan.ts';
import { runGraph, type Task } from '../../stack/run-graph.ts';
import type { Project } from '../project.ts';
import type { World } from '../world.ts';
import { explainRefusal, judge } from './judge.ts';

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
 * @throws what `judge` throws, and ApictlError COMPOSE_FAILED (5) when what is missing cannot be created
 */
export async function bringUp(world: World, project: Project, work: BringUp): Promise<Map<string, number>> {
  const { plan, graph, target, startedMs } = work;
  const ready = new Map<string, number>();
  world.emit({ type: 'stack.planned', services: plannedServices(plan, graph) });
  // Ends with this run, and with the program's own signal.
  const ending = new AbortController();
  const signal = AbortSignal.any([world.signal, ending.signal]);
  const hub = new EventHub();
  const following = hub.follow(world, target.project, signal);
  try {
    await createMissing(plan, world, { target, lockFd: work.lock.fd }, world.signal).catch(
      (thrown: unknown) => {
        throw explainRefusal(thrown, plan);
      },
    );
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
    await judge(world, project, graph, outcomes);
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
