import { exposure } from '../../config/exposure.ts';
import { messageOf } from '../../core/errors.ts';
import { orInterruption } from '../../core/interruption.ts';
import type { HeldLock } from '../../core/ports/lock.ts';
import { isIdle, type StackPlan } from '../../stack/plan/plan.ts';
import { createMissing } from '../../stack/schedule/apply.ts';
import { refuseIncomplete } from '../backup/marker.ts';
import { healDoors } from '../certs/heal.ts';
import { refuseDeployed } from '../deploy/deployed.ts';
import { cacheFiles } from '../project/cache-files.ts';
import { presentOf } from '../project/present.ts';
import type { Project } from '../project/project.ts';
import { withLock } from '../project/session.ts';
import { composeTarget } from '../render/rendered.ts';
import { healRotation } from '../secrets/heal.ts';
import type { BringServices } from '../secrets/run-rotation.ts';
import type { World } from '../world.ts';
import { type BringUp, type BroughtUp, bringUp } from './bring-up.ts';
import { decide } from './decide.ts';
import { readEarlierRuns, seenIn, writeEarlierRuns } from './earlier-runs.ts';
import { makeImagesAndFiles } from './make.ts';
import type { UpOptions, UpResult, UpVariant } from './model.ts';
import { type Choice, choose } from './prepare.ts';
import { upResult } from './result.ts';
import { seedTasks } from './seed-task.ts';
import { recordTimes } from './timings.ts';

/** What `up --dry-run` answers. */
export interface UpPreview {
  readonly plan: StackPlan;
}

/**
 * Brings the stack up: decides, prepares, renders, plans, and runs the plan. What is healthy and unchanged is left alone.
 * @throws ApictlError of every step; what was done before it stays, and the next run goes on from there.
 */
export async function up(
  world: World,
  project: Project,
  options: UpOptions,
  variant: UpVariant = plainUp(options),
): Promise<UpResult | UpPreview> {
  const startedMs = world.clock.now();
  const exposed = exposure(project.config);
  if (exposed !== null) world.emit({ type: 'warning', text: exposed });
  // The engine is asked before the lock: without one there is nothing to lock for.
  const facts = await world.engine.facts();
  const lock = { command: variant.command, waitSeconds: options.waitLockSeconds };
  return withLock(world, project, lock, async (held) => {
    const present = await presentOf(world, project);
    refuseIncomplete(present.volumes, project);
    if (facts.isSwarmManager === true) await refuseDeployed(world, project);
    const isHealed =
      !options.dryRun && (await healRotation(world, project, bringServices(world, project, held)));
    const choice = await choose(world, project, facts, isHealed ? undefined : present);
    return upLocked(world, project, { options, variant, choice, lock: held, startedMs });
  }).catch((thrown: unknown) => {
    throw orInterruption(thrown, world.signal, {
      message: 'interrupted; what runs stays up',
      hint: `Run "apictl ${variant.command}" again to finish, or "apictl down" to stop it.`,
    });
  });
}

const plainUp = ({ services, seed }: UpOptions): UpVariant => ({
  command: 'up',
  services: async () => services,
  begin: async () => {},
  tasks: (world, project, graph) => (seed ? seedTasks(world, project, graph) : []),
});

interface UpRun {
  readonly options: UpOptions;
  readonly variant: UpVariant;
  readonly choice: Choice;
  readonly lock: HeldLock;
  readonly startedMs: number;
}

/** The same for whoever holds the project's lock already, and knows that what is there may be started. */
export async function upWithLock(
  world: World,
  project: Project,
  options: UpOptions,
  lock: HeldLock,
): Promise<UpResult | UpPreview> {
  const startedMs = world.clock.now();
  const choice = await choose(world, project, await world.engine.facts());
  return upLocked(world, project, { options, variant: plainUp(options), choice, lock, startedMs });
}

/** `up` of some services as a part of something else that holds the lock: no seeding, nothing built anew. */
export const bringServices =
  (world: World, project: Project, lock: HeldLock): BringServices =>
  async (services, until) => {
    const options = { ...PART_OF_SOMETHING, services, createOnly: until === 'created' };
    const result = await upWithLock(world, project, options, lock);
    return 'plan' in result
      ? []
      : result.services.filter(({ action }) => action !== 'unchanged').map(({ name }) => name);
  };

const PART_OF_SOMETHING: UpOptions = {
  ports: 'remembered',
  services: [],
  seed: false,
  build: false,
  pull: false,
  timeoutSeconds: 600,
  dryRun: false,
  waitLockSeconds: 0,
};

async function upLocked(outside: World, given: Project, run: UpRun): Promise<UpResult | UpPreview> {
  const { options, variant, choice, lock, startedMs } = run;
  const timeline = recordTimes(outside, startedMs);
  const world: World = { ...outside, emit: timeline.emit };
  const decided = await decide(world, given, run);
  const { project, drawn } = decided;
  if (options.dryRun) return { plan: drawn.plan };
  await variant.begin();
  const plan = await makeImagesAndFiles(world, decided, options);
  tellOrphans(world, plan);
  const target = await composeTarget(world, project);
  if (options.createOnly === true) {
    await createMissing(plan, world, { target, lockFd: lock.fd }, world.signal);
    return { plan };
  }
  const earlierRuns = await readEarlierRuns(cacheFiles(world), project.root);
  const { ready, passes, containers } = await carryOut(world, project, {
    target,
    graph: drawn.graph,
    plan,
    planAgain: (engine) => decided.planAgain(project, drawn, engine, 'same'),
    surgeStack: drawn.surgeStack,
    command: variant.command,
    containers: choice.containers,
    tasks: variant.tasks(world, project, drawn.graph),
    lock,
    startedMs,
    options,
    cpus: choice.facts.cpus,
    earlierRuns,
  });
  await healDoors(world, project, containers);
  await writeEarlierRuns(cacheFiles(world), project.root, earlierRuns, seenIn(timeline, ready, passes)).catch(
    // The stack is up, and the next run is only a little slower without it.
    (thrown: unknown) =>
      world.emit({ type: 'warning', text: `what services took is not kept: ${messageOf(thrown)}` }),
  );
  return upResult(project, {
    stack: drawn.stack,
    graph: drawn.graph,
    plan,
    ready,
    timeline,
    flavour: choice.flavour,
    seconds: (world.clock.now() - startedMs) / 1000,
  });
}

function tellOrphans({ emit }: Pick<World, 'emit'>, { orphans }: StackPlan): void {
  for (const { service } of orphans) {
    const text = `${service} is no part of this stack any more; "apictl down" removes it`;
    emit({ type: 'warning', text });
  }
}

/** Carries the plan out. Where nothing is to be done, what comes besides is done all the same. */
async function carryOut(
  world: World,
  project: Project,
  work: Omit<BringUp, 'deadlineMs'> & Pick<BroughtUp, 'containers'> & { readonly options: UpOptions },
): Promise<BroughtUp> {
  const { options, containers, ...given } = work;
  if (isIdle(work.plan)) {
    for (const task of work.tasks) await task.run(world.signal);
    return { ready: new Map(work.graph.map(({ name }) => [name, 0])), passes: new Map(), containers };
  }
  return bringUp(world, project, {
    ...given,
    deadlineMs: work.startedMs + options.timeoutSeconds * 1000,
  });
}
