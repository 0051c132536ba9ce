import * as z from 'zod';
import { ApictlError, EXIT } from '../../core/errors.ts';
import type { ContainerSummary } from '../../core/ports/engine.ts';
import { type Graph, withDependencies } from '../../stack/graph/graph.ts';
import { liveGraph } from '../../stack/graph/live-graph.ts';
import type { Operation, StackPlan } from '../../stack/plan/plan.ts';
import { isBackend } from '../../stack/render/backends.ts';
import { cacheFiles } from '../project/cache-files.ts';
import type { Project } from '../project/project.ts';
import { withLock } from '../project/session.ts';
import { composeTarget } from '../render/rendered.ts';
import { bringUp } from '../up/bring-up.ts';
import { readEarlierRuns } from '../up/earlier-runs.ts';
import type { World } from '../world.ts';
import { gatewayNotRunning, nothingThere, whySingle } from './refusals.ts';

/** What `restart --json` prints. */
export const restartResultSchema = z.object({
  rolling: z.boolean(),
  seconds: z.number(),
  services: z.array(
    z.object({
      name: z.string(),
      readySeconds: z.number().describe('Seconds from the start of the run until it was ready again.'),
    }),
  ),
});
export type RestartResult = z.output<typeof restartResultSchema>;

export interface RestartOptions {
  /** Names; `backend` stands for all replicas. */
  readonly services: readonly string[];
  /** One replica after the other, each out of the gateway's rotation before it stops. */
  readonly rolling: boolean;
  readonly timeoutSeconds: number;
  readonly dryRun: boolean;
  readonly waitLockSeconds: number;
}

/**
 * Stops and starts containers as they are, each when what it depends on is ready again, and waits until they are ready.
 * @throws ApictlError SERVICE_UNKNOWN, RESTART_IMPOSSIBLE, ROLLING_IMPOSSIBLE (64), STACK_NOT_UP, GATEWAY_NOT_RUNNING (4) before
 * anything is stopped;
 * otherwise as `up`
 */
export async function restart(
  world: World,
  project: Project,
  options: RestartOptions,
): Promise<RestartResult | { readonly plan: StackPlan }> {
  const startedMs = world.clock.now();
  const { cpus } = await world.engine.facts();
  const command = `restart ${[...options.services, ...(options.rolling ? ['--rolling'] : [])].join(' ')}`;
  const lock = { command, waitSeconds: options.waitLockSeconds };
  return withLock(world, project, lock, async (held) => {
    const containers = await world.engine.containers(project.config.project);
    if (containers.length === 0) throw nothingThere(command);
    const graph = wantedGraph(containers, options.services);
    await refuseJobs(world, containers, graph);
    if (options.rolling) refuseRolling(containers, graph, command);
    const plan = restartPlan(containers, graph, options.rolling);
    if (options.dryRun) return { plan };
    const { ready } = await bringUp(world, project, {
      plan,
      planAgain: async () => plan,
      surgeStack: () => Promise.reject(new Error('a restart has no surge')),
      command,
      graph,
      tasks: [],
      lock: held,
      startedMs,
      cpus,
      earlierRuns: await readEarlierRuns(cacheFiles(world), project.root),
      deadlineMs: startedMs + options.timeoutSeconds * 1000,
      target: await composeTarget(world, project),
    });
    const seconds = (ms: number): number => Math.round(ms / 10) / 100;
    return {
      rolling: options.rolling,
      seconds: seconds(world.clock.now() - startedMs),
      services: graph.map(({ name }) => ({ name, readySeconds: seconds(ready.get(name) ?? 0) })),
    };
  });
}

/** The named services in the order of what is there, with what they depend on among themselves. */
function wantedGraph(containers: readonly ContainerSummary[], names: readonly string[]): Graph {
  const live = [...liveGraph(containers)].sort((a, b) =>
    a.name.localeCompare(b.name, 'en', { numeric: true }),
  );
  const replicas = live.filter(({ name }) => isBackend(name)).map(({ name }) => name);
  const wanted = new Set(
    names.flatMap((name) => (name === 'backend' && replicas.length > 0 ? replicas : [name])),
  );
  // Throws for a name that nothing has.
  withDependencies(
    live.map((node) => ({ ...node, dependsOn: [] })),
    [...wanted],
  );
  return live.filter(({ name }) => wanted.has(name));
}

async function refuseJobs(
  { engine }: Pick<World, 'engine'>,
  containers: readonly ContainerSummary[],
  graph: Graph,
): Promise<void> {
  for (const { name } of graph) {
    const id = containers.find(({ service }) => service === name)?.id ?? '';
    if ((await engine.inspect(id)).restartPolicy !== 'no') continue;
    throw new ApictlError({
      code: 'RESTART_IMPOSSIBLE',
      exitCode: EXIT.usage,
      message: `${name} cannot be restarted: it is a job, which runs once and ends; nothing was stopped`,
      object: `service ${name}`,
      hint: '"apictl up" runs it again when it has to.',
    });
  }
}

function refuseRolling(containers: readonly ContainerSummary[], graph: Graph, command: string): void {
  const impossible = (service: string, why: string, hint: string) =>
    new ApictlError({
      code: 'ROLLING_IMPOSSIBLE',
      exitCode: EXIT.usage,
      message: `${service} cannot be restarted without an interruption: ${why}; nothing was stopped`,
      object: `service ${service}`,
      hint,
    });
  const single = graph.find(({ name }) => !isBackend(name));
  if (single !== undefined) {
    const plain = `"apictl restart ${single.name}" restarts it with an interruption.`;
    throw impossible(single.name, whySingle(single.name, containers), plain);
  }
  // One that a killed restart left stopped counts: it is started first.
  if (containers.filter(({ service }) => isBackend(service)).length < 2) {
    throw impossible(
      'backend',
      'there is one replica, and nobody else to serve meanwhile',
      'Run "apictl scale backend=2" first, or restart it without --rolling.',
    );
  }
  if (!containers.some(({ service, state }) => service === 'kong' && state === 'running'))
    throw gatewayNotRunning(command);
}

const restartPlan = (containers: readonly ContainerSummary[], graph: Graph, rolling: boolean): StackPlan => ({
  operations: graph
    .flatMap(({ name }) => containers.filter(({ service }) => service === name))
    .map(({ id, service, state }): Operation => {
      const isRunning = state === 'running';
      return {
        service,
        containerId: id,
        action: isRunning ? 'restart' : 'start',
        why: isRunning ? 'asked for' : `is ${state}`,
        interrupts: isRunning && !rolling,
        drains: rolling,
      };
    })
    // What a killed restart left stopped is in rotation again before the next one leaves it.
    .sort((a, b) => Number(a.action === 'restart') - Number(b.action === 'restart')),
  leftovers: [],
  surge: null,
  retired: [],
  orphans: [],
});
