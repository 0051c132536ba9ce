import { exposure } from '../../config/exposure.ts';
import { step } from '../../core/events.ts';
import type { HeldLock } from '../../core/ports/lock.ts';
import { type Graph, readGraph, withDependencies } from '../../stack/graph.ts';
import { isIdle, planStack, type StackPlan } from '../../stack/plan.ts';
import { publishedPorts } from '../../stack/published-ports.ts';
import { DIGEST_LABEL } from '../../stack/render/digest.ts';
import type { RenderedStack } from '../../stack/render/render-stack.ts';
import type { Task } from '../../stack/run-graph.ts';
import { writeTable } from '../expected-services.ts';
import { buildProjectImages, planProjectImages, pullImages } from '../images.ts';
import { heldPorts, refuseHeldPorts, refuseLowDisk } from '../preflight.ts';
import { apictlFolder, composeFile, type Project } from '../project.ts';
import { overrideFile, renderProject, writeRendered } from '../rendered.ts';
import { DEFAULT_SEED, seed } from '../seed.ts';
import { withLock } from '../session.ts';
import { stackUrls } from '../urls.ts';
import type { World } from '../world.ts';
import { bringUp } from './bring-up.ts';
import type { UpOptions, UpResult } from './model.ts';
import { type Choice, choose, prepareSecrets } from './prepare.ts';
import { criticalPath, type ReadyTimes, waitedFor } from './timings.ts';

/** What `up --dry-run` answers. */
export interface UpPreview {
  readonly plan: StackPlan;
}

/**
 * Brings the stack up: decides, prepares, renders, plans, and runs the plan. What is healthy and unchanged is left alone.
 * @throws ApictlError of every step; what was done before it stays, and the next run goes on from there.
 */
export async function up(world: World, project: Project, options: UpOptions): Promise<UpResult | UpPreview> {
  const startedMs = world.clock.now();
  const exposed = exposure(project.config);
  if (exposed !== null) world.emit({ type: 'warning', text: exposed });
  // The engine is asked before the lock: without one there is nothing to lock for.
  const choice = await choose(world, project);
  const lock = { command: 'up', waitSeconds: options.waitLockSeconds };
  return withLock(world, project, lock, (held) => upLocked(world, project, options, choice, held, startedMs));
}

async function upLocked(
  world: World,
  project: Project,
  options: UpOptions,
  choice: Choice,
  lock: HeldLock,
  startedMs: number,
): Promise<UpResult | UpPreview> {
  if (!options.dryRun) await refuseLowDisk(world, project, choice.facts);
  if (!options.dryRun) await prepareSecrets(world, project);
  const images = await planProjectImages(world, project, choice.flavour);
  const stack = await renderProject(world, project, {
    flavour: choice.flavour,
    profiles: choice.profiles,
    engineApiVersion: choice.facts.apiVersion,
    composeVersion: choice.composeVersion,
    images: images.references,
  });
  const whole = readGraph(stack.compose.services);
  const graph = options.services.length === 0 ? whole : withDependencies(whole, options.services);
  if (options.dryRun) return { plan: await planFor(world, project, graph, stack) };
  // Before the first image is built: a port that is held makes all the rest useless.
  const wanted = publishedPorts(stack.compose).filter(({ service }) =>
    graph.some(({ name }) => name === service),
  );
  refuseHeldPorts(await heldPorts(world, wanted, choice.containers, choice.facts.endpoint));
  await buildProjectImages(world, images, { rebuild: options.build });
  await pullImages(world, publishedReferences(stack, graph), options.pull);
  await writeRendered(world.files, apictlFolder(project.root), stack);
  await writeTable(world.files, project.root, stack.services);
  const plan = await planFor(world, project, graph, stack);
  for (const { service } of plan.orphans) {
    world.emit({
      type: 'warning',
      text: `${service} is no part of this stack any more; "apictl down" removes it`,
    });
  }
  const tasks = options.seed ? seedTasks(world, project, graph) : [];
  const ready = await run(world, project, { graph, plan, tasks, lock, startedMs, options });
  return result(project, stack, choice, { graph, plan, ready }, (world.clock.now() - startedMs) / 1000);
}

async function run(
  world: World,
  project: Project,
  work: {
    readonly graph: Graph;
    readonly plan: StackPlan;
    readonly tasks: readonly Task[];
    readonly lock: HeldLock;
    readonly startedMs: number;
    readonly options: UpOptions;
  },
): Promise<ReadyTimes> {
  const { graph, plan, tasks, lock, startedMs, options } = work;
  if (isIdle(plan)) {
    for (const task of tasks) await task.run(world.signal);
    return new Map(graph.map(({ name }) => [name, 0]));
  }
  const override = overrideFile(project.root);
  const hasOverride = (await world.files.stat(override)) !== null;
  return bringUp(world, project, {
    plan,
    graph,
    tasks,
    lock,
    startedMs,
    deadlineMs: startedMs + options.timeoutSeconds * 1000,
    target: {
      project: project.config.project,
      files: [composeFile(project.root), ...(hasOverride ? [override] : [])],
      folder: apictlFolder(project.root),
    },
  });
}

/** One listing of containers, compared with what is rendered. */
async function planFor(
  world: World,
  project: Project,
  graph: Graph,
  stack: RenderedStack,
): Promise<StackPlan> {
  const name = project.config.project;
  const [containers, networks, wanted] = await Promise.all([
    world.engine.containers(name),
    world.engine.networks(name),
    Promise.all(
      Object.entries(stack.compose.services).map(async ([service, { image, labels }]) => {
        const facts = await world.engine.image(image);
        return [service, { digest: labels[DIGEST_LABEL] ?? '', imageId: facts?.id ?? null }] as const;
      }),
    ),
  ]);
  return planStack({
    graph,
    wanted: Object.fromEntries(wanted),
    containers,
    networkIds: new Set(networks.map(({ id }) => id)),
  });
}

/**
 * Seeding is a node of the graph: it runs as soon as the gateway and its backends are ready, whatever else still starts.
 * Where the gateway is no part of this run, there is nothing to seed.
 */
function seedTasks(world: World, project: Project, graph: Graph): Task[] {
  const names = graph.map(({ name }) => name);
  if (!names.includes('kong')) return [];
  return [
    {
      id: 'seed',
      dependsOn: names.filter((name) => name === 'kong' || /^backend-\d+$/.test(name)),
      run: async () => {
        await step(world.emit, 'seed Kong', world.clock.now, () => seed(world, project, DEFAULT_SEED));
        world.emit({ type: 'url.ready', name: 'proxy', url: stackUrls(project.config, names).proxy ?? '' });
      },
    },
  ];
}

const publishedReferences = (stack: RenderedStack, graph: Graph): string[] => [
  ...new Set(
    graph
      .map(({ name }) => stack.compose.services[name]?.image ?? '')
      .filter((image) => !image.startsWith('apictl/') && image !== ''),
  ),
];

const ACTIONS = {
  create: 'created',
  recreate: 'recreated',
  start: 'started',
  run: 'started',
  wait: 'unchanged',
  keep: 'unchanged',
} as const;

function result(
  project: Project,
  stack: RenderedStack,
  choice: Choice,
  run: { readonly graph: Graph; readonly plan: StackPlan; readonly ready: ReadyTimes },
  seconds: number,
): UpResult {
  const names = run.graph.map(({ name }) => name);
  return {
    state: 'healthy',
    images: choice.flavour,
    seconds,
    criticalPath: criticalPath(run.graph, run.ready),
    services: run.plan.operations.map(({ service, action }) => ({
      name: service,
      readySeconds: Math.round((run.ready.get(service) ?? 0) / 10) / 100,
      waitedFor: waitedFor(run.graph, service, run.ready),
      action: ACTIONS[action],
    })),
    urls: stackUrls(project.config, names),
    table: stack.services.map((row) => ({ ...row })),
  };
}
