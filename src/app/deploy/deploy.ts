import { join } from 'node:path';
import type { PlannedService } from '../../core/events.ts';
import { orInterruption } from '../../core/interruption.ts';
import type { EngineFacts } from '../../core/ports/engine.ts';
import { type Graph, readGraph } from '../../stack/graph/graph.ts';
import { listAt, type TreeMap } from '../../stack/render/compose-tree.ts';
import { DIGEST_LABEL } from '../../stack/render/labels.ts';
import { type RenderedSwarm, SWARM_FILE } from '../../stack/render/swarm/render-swarm.ts';
import type { AwaitedService } from '../../stack/swarm/judge.ts';
import { isIdlePlan, obsoleteObjects, planSwarm, type SwarmOperation } from '../../stack/swarm/plan.ts';
import { checkAlerting, tellUnread } from '../alerts/check.ts';
import { refuseIncomplete } from '../backup/marker.ts';
import { planProjectImages, provideImages } from '../images/images.ts';
import { refuseOtherThanLoaded } from '../images/lock/loaded.ts';
import { presentOf } from '../project/present.ts';
import { apictlFolder, type Project } from '../project/project.ts';
import { withLock } from '../project/session.ts';
import { stackUrls } from '../project/urls.ts';
import { tellOverrideUnused } from '../render/override-file.ts';
import { renderSwarmProject, writeRendered } from '../render/rendered.ts';
import { type Choice, choose, prepareSecrets } from '../up/prepare.ts';
import type { World } from '../world.ts';
import { deployFailed } from './failure.ts';
import { followDeploy } from './follow.ts';
import type { DeployOptions, DeployResult } from './model.ts';
import { type Manager, refuseCompose, requireDataNode, requireManager, tellLimits } from './preflight.ts';
import { seedOnSwarm } from './seed.ts';
import { stackCommand } from './stack-command.ts';

/**
 * Brings the stack up on Docker Swarm and waits until it is what was asked for. What has not changed is left alone.
 * @throws ApictlError SWARM_* (5), STACK_ON_COMPOSE (64), STACK_REFUSED (5), DEPLOY_FAILED, DEPLOY_TIMEOUT (4), and those of
 * secrets, images and seeding. What was done before it stays, and the next run goes on from there.
 */
export async function deploy(
  world: World,
  project: Project,
  options: DeployOptions,
): Promise<DeployResult | { readonly plan: readonly SwarmOperation[] }> {
  const startedMs = world.clock.now();
  const manager = await requireManager(world);
  const facts = await world.engine.facts();
  const lock = { command: 'deploy', waitSeconds: options.waitLockSeconds };
  return withLock(world, project, lock, () =>
    deployLocked(world, project, { options, manager, facts, startedMs }),
  ).catch((thrown: unknown) => {
    throw orInterruption(thrown, world.signal, {
      message: 'interrupted; Swarm goes on with what it was told',
      hint: 'Run "apictl deploy" again to finish, or "apictl deploy rm" to take the stack away.',
    });
  });
}

interface Run {
  readonly options: DeployOptions;
  readonly manager: Manager;
  readonly facts: EngineFacts;
  readonly startedMs: number;
}

async function deployLocked(world: World, project: Project, run: Run) {
  const { options, manager, startedMs } = run;
  const stack = project.config.project;
  const present = await presentOf(world, project);
  refuseIncomplete(present.volumes, project);
  refuseCompose(present.containers, project);
  await requireDataNode(world, manager, options.dryRun);
  await tellOverrideUnused(world, project);
  const choice = await choose(world, project, run.facts, present);
  if (!options.dryRun) await prepareSecrets(world, project, present.volumes);
  const rendered = await prepared(world, project, choice, options);
  const [live, before] = await Promise.all([world.swarm.services(stack), world.swarm.tasks(stack)]);
  const plan = planSwarm(rendered.tree, live);
  if (options.dryRun) return { plan };
  const isIdle = isIdlePlan(plan);
  const graph = readGraph(rendered.model.compose.services);
  if (!isIdle) {
    await tellLimits(world, manager, rendered.tree.services.backend?.image ?? '', publishedPorts(rendered));
    world.emit({ type: 'stack.planned', services: plannedServices(plan, graph) });
    await handOver(world, project);
  }
  const touched = new Set(plan.filter(({ action }) => action !== 'keep').map(({ service }) => service));
  const followed = await followDeploy(world, {
    stack,
    services: awaited(rendered, graph, plan),
    told: touched,
    known: new Set(before.filter(({ state }) => state !== 'running').map(({ id }) => id)),
    startedMs,
    deadlineMs: startedMs + options.timeoutSeconds * 1000,
  });
  if (followed.open.length > 0) throw await deployFailed(world, project, followed, manager);
  const urls = gatewayUrls(project);
  if (options.seed) {
    await seedOnSwarm(world, project, rendered.tree.services.kong?.deploy.labels[DIGEST_LABEL] ?? '');
    world.emit({ type: 'url.ready', name: 'proxy', url: urls.proxy ?? '' });
  }
  const removedObjects = await removeObsolete(world, stack, rendered);
  return deployResult({
    plan,
    rendered,
    ready: followed.ready,
    removedObjects,
    urls,
    choice,
    seconds: (world.clock.now() - startedMs) / 1000,
  });
}

/** Everything that the stack file names: the file itself with what lies beside it, and the images of this node. */
async function prepared(
  world: World,
  project: Project,
  { flavour, profiles, facts }: Choice,
  options: DeployOptions,
): Promise<RenderedSwarm> {
  const images = await planProjectImages(world, project, { flavour, profiles, target: 'swarm' });
  const rendered = await renderSwarmProject(world, project, {
    flavour,
    profiles,
    engineApiVersion: facts.apiVersion,
    images: images.references,
  });
  if (options.dryRun) return rendered;
  const wish = { rebuild: options.build, refresh: options.pull };
  await provideImages(world, images, publishedImages(rendered), wish);
  await refuseOtherThanLoaded(world, project);
  tellUnread(world, await checkAlerting(world, project, rendered.model, { remember: true }));
  await writeRendered(world.files, apictlFolder(project.root), rendered);
  return rendered;
}

const publishedImages = ({ tree }: RenderedSwarm): string[] => [
  ...new Set(
    Object.values(tree.services)
      .map(({ image }) => image)
      .filter((image) => !image.startsWith('apictl/')),
  ),
];

const publishedPorts = ({ tree }: RenderedSwarm): number[] =>
  Object.values(tree.services).flatMap((service) =>
    listAt(service, 'ports').map((port) => Number((port as TreeMap).published)),
  );

const gatewayUrls = ({ config }: Project): Record<string, string> =>
  Object.fromEntries(
    Object.entries(stackUrls(config, ['kong'])).filter(([name]) => name === 'proxy' || name === 'proxyTls'),
  );

/** The images are there, or their node fetches them by the name that is written: no registry is asked what a name means. */
function handOver(world: World, { root, config }: Project): Promise<void> {
  const options = [
    '--prune',
    '--resolve-image',
    'never',
    '--compose-file',
    join(apictlFolder(root), SWARM_FILE),
  ];
  return stackCommand(world, 'hand the stack over to Swarm', ['deploy', ...options, config.project]);
}

function awaited({ tree }: RenderedSwarm, graph: Graph, plan: readonly SwarmOperation[]): AwaitedService[] {
  const updated = new Set(plan.filter(({ action }) => action === 'update').map(({ service }) => service));
  return graph.map(({ name, isJob }) => {
    const deploy = tree.services[name]?.deploy;
    return {
      name,
      digest: deploy?.labels[DIGEST_LABEL] ?? '',
      replicas: deploy?.replicas ?? 1,
      isJob,
      isUpdated: updated.has(name),
    };
  });
}

const PROGRESS = { create: 'create', update: 'recreate', keep: 'keep', remove: 'stop' } as const;

function plannedServices(plan: readonly SwarmOperation[], graph: Graph): PlannedService[] {
  return plan
    .filter(({ action }) => action !== 'remove')
    .map(({ service, action }) => {
      const node = graph.find(({ name }) => name === service);
      return {
        service,
        action: PROGRESS[action],
        waitsFor: node?.dependsOn ?? [],
        isJob: node?.isJob ?? false,
      };
    });
}

/** What carried the values of before; a secret that a task still holds stays until the next run. */
async function removeObsolete(world: World, stack: string, { tree }: RenderedSwarm): Promise<string[]> {
  const removed: string[] = [];
  for (const object of obsoleteObjects(tree, await world.swarm.objects(stack))) {
    if (await world.swarm.removeObject(object)) removed.push(object.name);
  }
  return removed;
}

const DONE = { create: 'created', update: 'updated', keep: 'unchanged', remove: 'removed' } as const;

/** What a deploy that came to its good end was. */
interface Finished {
  readonly plan: readonly SwarmOperation[];
  readonly rendered: RenderedSwarm;
  readonly ready: ReadonlyMap<string, number>;
  readonly removedObjects: string[];
  readonly urls: Record<string, string>;
  readonly choice: Choice;
  readonly seconds: number;
}

const deployResult = ({
  plan,
  rendered,
  ready,
  removedObjects,
  urls,
  choice,
  seconds,
}: Finished): DeployResult => ({
  state: 'healthy',
  images: choice.flavour,
  seconds,
  services: plan.map(({ service, action, why }) => ({
    name: service,
    action: DONE[action],
    readySeconds:
      action === 'remove' ? null : action === 'keep' ? 0 : Math.round((ready.get(service) ?? 0) / 10) / 100,
    why,
  })),
  removedObjects,
  urls,
  table: rendered.services.map((row) => ({ ...row })),
});
