import { basename } from 'node:path';
import type { PlannedService } from '../../core/events.ts';
import type { ComposeTarget } from '../../core/ports/compose.ts';
import type { ContainerSummary } from '../../core/ports/engine.ts';
import type { HeldLock } from '../../core/ports/lock.ts';
import type { Graph } from '../../stack/graph/graph.ts';
import { hasToCreate, type StackPlan } from '../../stack/plan/plan.ts';
import type { RenderedStack } from '../../stack/render/render-stack.ts';
import {
  type ApplyPorts,
  type ApplySettings,
  createMissing,
  stackTasks,
  steadyTasks,
} from '../../stack/schedule/apply.ts';
import { EventHub } from '../../stack/schedule/event-hub.ts';
import { NotReady } from '../../stack/schedule/not-ready.ts';
import type { PassedCheck } from '../../stack/schedule/passed-check.ts';
import { type PatientEngine, patientEngine } from '../../stack/schedule/patient-engine.ts';
import { type Outcome, runGraph, type Task } from '../../stack/schedule/run-graph.ts';
import { cacheFiles } from '../project/cache-files.ts';
import { composeFile, type Project, surgeFile } from '../project/project.ts';
import { runningRotation } from '../rollout/running-rotation.ts';
import type { World } from '../world.ts';
import type { EarlierRuns } from './earlier-runs.ts';
import { ended, restless } from './in-the-end.ts';
import { explainRefusal, judge } from './judge.ts';
import { withProgress } from './progress.ts';
import type { ReadyTimes } from './timings.ts';

export interface BringUp {
  readonly plan: StackPlan;
  /** Looks at the engine and plans again. */
  readonly planAgain: (engine: PatientEngine) => Promise<StackPlan>;
  /** The stack with one replica more; asked for where replicas are replaced. */
  readonly surgeStack: () => Promise<RenderedStack>;
  /** What was typed, without the program's name: `up`. */
  readonly command: string;
  readonly graph: Graph;
  readonly target: ComposeTarget;
  readonly lock: HeldLock;
  readonly deadlineMs: number;
  readonly startedMs: number;
  /** Processors of the engine's machine. */
  readonly cpus: number;
  readonly earlierRuns: EarlierRuns;
  /** Further nodes of the graph that are no containers, as the seeding. */
  readonly tasks: readonly Task[];
}

export interface BroughtUp {
  readonly ready: ReadyTimes;
  /** Service -> the check of ours that said that it is ready. */
  readonly passes: ReadonlyMap<string, PassedCheck>;
  /** As they are at the end. */
  readonly containers: readonly ContainerSummary[];
}

/**
 * Creates what is missing and starts everything in dependency order.
 * @throws what `judge` throws, ENGINE_LOST (5), and COMPOSE_FAILED (5) when what is missing cannot be created
 */
export async function bringUp(world: World, project: Project, work: BringUp): Promise<BroughtUp> {
  const { graph, target, startedMs } = work;
  const ready = new Map<string, number>();
  const passes = new Map<string, PassedCheck>();
  const fell = new Set<string>();
  world.emit({ type: 'stack.planned', services: plannedServices(work.plan, graph) });
  // Ends with this run, and with the program's own signal.
  const ending = new AbortController();
  const signal = AbortSignal.any([world.signal, ending.signal]);
  const hub = new EventHub();
  const following = hub.follow(world, target.project, signal);
  const patient = patientEngine(world.engine, world, world.signal);
  const ports = { ...world, hub, patient, rotation: runningRotation(world, project) };
  const settings = {
    target,
    surgeTarget: surgeTarget(project, target),
    graph,
    deadlineMs: work.deadlineMs,
    lockFd: work.lock.fd,
    startedMs,
    cpus: work.cpus,
    earlierRuns: work.earlierRuns,
    onReady: (service: string, ms: number, check: PassedCheck | null) => {
      ready.set(service, ms);
      if (check !== null) passes.set(service, check);
    },
    onFallen: (service: string) => void fell.add(service),
  };
  try {
    const plan = await planWithAllCreated(work, ports, settings, world.signal).catch((thrown: unknown) => {
      throw withProgress(
        thrown,
        unchangedServices(work),
        work.plan.operations.map(({ service }) => service),
      );
    });
    const tasks = stackTasks(plan, ports, settings);
    if (plan.surge !== null) await writeSurge(world, project, await work.surgeStack());
    const outcomes = await runGraph([...tasks, ...work.tasks], world.signal);
    const judged = { graph, plan, command: work.command };
    const isDone = outcomes.every(({ state }) => state === 'done');
    try {
      const containers = isDone ? await patient.containers(target.project) : [];
      const steadied = await runGraph(
        steadyTasks(restless(containers, graph, fell), ports, settings),
        world.signal,
      );
      const inTheEnd = [...ended(containers, graph), ...steadied];
      await judge(world, project, judged, [
        ...outcomes.filter(({ id }) => inTheEnd.every((later) => later.id !== id)),
        ...inTheEnd,
      ]);
      return { ready, passes, containers };
    } finally {
      // It was told what its log said; left alone it would be started again and again.
      await removeFailedSurge(world, plan, outcomes);
      await world.files.remove(surgeFile(project.root));
    }
  } finally {
    ending.abort();
    await following;
  }
}

const surgeTarget = ({ root }: Project, target: ComposeTarget): ComposeTarget => ({
  ...target,
  files: [surgeFile(root), ...target.files.slice(1)],
});

async function writeSurge(
  world: Pick<World, 'files' | 'clock' | 'emit'>,
  { root }: Project,
  stack: RenderedStack,
): Promise<void> {
  const file = stack.files.find(({ path }) => path === basename(composeFile(root)));
  if (file === undefined) throw new Error('a rendered stack has no file for Compose');
  await cacheFiles(world).write(surgeFile(root), file.content, file.mode);
}

async function removeFailedSurge(
  { engine }: Pick<World, 'engine'>,
  { surge }: StackPlan,
  outcomes: readonly Outcome[],
): Promise<void> {
  const failed = outcomes.find(({ id, state }) => id === surge?.node.name && state === 'failed');
  if (failed?.state !== 'failed' || !(failed.error instanceof NotReady)) return;
  await engine.stop(failed.error.containerId, 0);
  await engine.remove(failed.error.containerId);
}

const unchangedServices = ({ plan, graph }: BringUp): string[] =>
  graph.map(({ name }) => name).filter((name) => plan.operations.every(({ service }) => service !== name));

/** More often than this, something else creates and removes containers of this project at the same time. */
const MOST_CREATIONS = 3;

/**
 * Creates what is missing and plans again from what is there then: Compose may have done more than it was asked for, as making a
 * network anew and stopping all containers in it, and an engine that restarts may have kept it from its end.
 */
async function planWithAllCreated(
  work: BringUp,
  ports: ApplyPorts,
  settings: ApplySettings,
  signal: AbortSignal,
): Promise<StackPlan> {
  let { plan } = work;
  for (let left = MOST_CREATIONS; left > 0 && hasToCreate(plan); left -= 1) {
    const outages = ports.patient.outages();
    try {
      await createMissing(plan, ports, settings, signal);
    } catch (thrown) {
      signal.throwIfAborted();
      await ports.patient.containers(settings.target.project);
      if (ports.patient.outages() === outages || left === 1) throw explainRefusal(thrown, plan);
    }
    plan = await work.planAgain(ports.patient);
  }
  return plan;
}

const plannedServices = (plan: StackPlan, graph: Graph): PlannedService[] => [
  ...graph.flatMap(({ name, dependsOn, isJob }) => {
    const operation = plan.operations.find(({ service }) => service === name);
    return operation === undefined
      ? []
      : [{ service: name, action: operation.action, waitsFor: dependsOn, isJob }];
  }),
  ...(plan.surge === null
    ? []
    : [
        {
          service: plan.surge.node.name,
          action: plan.surge.operation.action,
          waitsFor: plan.surge.node.dependsOn,
          isJob: false,
        },
      ]),
  ...plan.retired
    .filter(({ service }) => service !== plan.surge?.node.name)
    .map(({ service }): PlannedService => ({ service, action: 'stop', waitsFor: [], isJob: false })),
];
