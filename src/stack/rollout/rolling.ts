import type { GraphNode } from '../graph/graph.ts';
import type { Operation, StackPlan, Surge } from '../plan/plan.ts';
import { isBackend } from '../render/backends.ts';
import type { Task } from '../schedule/run-graph.ts';
import { bringToReady, type Run } from '../schedule/run-operation.ts';
import type { Replica } from './rotation.ts';

/** The service that sends requests to the replicas. */
const GATEWAY = 'kong';
/** The task after which nothing is behind the gateway but what is wanted. */
export const RETIRE_TASK = 'retire';
/** The task before which no replica is taken out where there is no surge. */
export const REJOIN_TASK = 'rejoin';

type SharedRun = Omit<Run, 'signal'>;

/**
 * What changes the replicas behind a gateway that serves: the surge first, then one replica after the other, each out of
 * rotation before it is stopped; last what is too many. Each waits for the one before, so the first failure leaves the rest
 * as it is, serving.
 */
export function rollingTasks(plan: StackPlan, run: SharedRun): Task[] {
  const { graph } = run.settings;
  const nodeOf = (service: string): GraphNode[] => graph.filter(({ name }) => name === service);
  const rolled = plan.operations.filter(({ drains }) => drains);
  const [first] = rolled;
  const chain: Task[] = first === undefined ? [] : [firstTask(plan.surge, first.service, run)];
  for (const operation of rolled) {
    const before = chain.at(-1);
    for (const node of nodeOf(operation.service)) {
      chain.push({
        id: operation.service,
        dependsOn: [...node.dependsOn, GATEWAY, ...(before === undefined ? [] : [before.id])],
        run: (signal) => replace(operation, node, { ...run, signal }),
      });
    }
  }
  return [...chain, ...retireTasks(plan, run)];
}

/** What makes sure that somebody serves while the first replica does not. */
const firstTask = (surge: Surge | null, like: string, run: SharedRun): Task =>
  surge === null ? rejoinTask(run) : surgeTask(surge, like, run);

/** Without a surge the replicas serve for each other: what a killed run has left out of rotation is in again first. */
const rejoinTask = ({ ports, settings }: SharedRun): Task => ({
  id: REJOIN_TASK,
  dependsOn: [GATEWAY],
  run: async () => {
    const rotation = await ports.rotation();
    const containers = await ports.patient.containers(settings.target.project);
    for (const { service, id, state } of containers)
      if (isBackend(service) && state === 'running') await rotation.rejoin({ service, containerId: id });
  },
});

function surgeTask({ operation, node }: Surge, like: string, run: SharedRun): Task {
  const { ports, settings } = run;
  return {
    id: node.name,
    dependsOn: [...node.dependsOn, GATEWAY],
    run: async (signal) => {
      const rotation = await ports.rotation();
      if (operation.drains) await rotation.takeOut(replicaOf(operation));
      const { service } = operation;
      const id =
        operation.action === 'keep'
          ? replicaOf(operation).containerId
          : await bringToReady(operation, node, { ...run, signal }, settings.surgeTarget);
      await rotation.add({ service, containerId: id }, like);
    },
  };
}

async function replace(operation: Operation, node: GraphNode, run: Run): Promise<void> {
  const rotation = await run.ports.rotation();
  await rotation.takeOut(replicaOf(operation));
  const containerId = await bringToReady(operation, node, run, run.settings.target);
  await rotation.putBack({ service: operation.service, containerId });
}

/** One task for all, the last: what is wanted serves by then. */
function retireTasks(plan: StackPlan, run: SharedRun): Task[] {
  const { graph, target } = run.settings;
  const surplus = new Set(plan.retired.map(({ service }) => service));
  if (plan.surge !== null) surplus.add(plan.surge.node.name);
  if (surplus.size === 0) return [];
  const wanted = graph.map(({ name }) => name).filter((name) => name === GATEWAY || isBackend(name));
  return [
    {
      id: RETIRE_TASK,
      dependsOn: [...wanted, ...(plan.surge === null ? [] : [plan.surge.node.name])],
      run: async (signal) => {
        const containers = await run.ports.patient.containers(target.project);
        for (const { id, service, state } of containers.filter((one) => surplus.has(one.service))) {
          signal.throwIfAborted();
          await retire({ service, containerId: id }, state === 'running', run);
        }
      },
    },
  ];
}

/** Nothing fails any more when it stops: the gateway has sent it nothing for a while. */
async function retire(replica: Replica, isRunning: boolean, { ports }: SharedRun): Promise<void> {
  const { service, containerId } = replica;
  const rotation = await ports.rotation();
  if (isRunning) await rotation.takeOut(replica);
  await rotation.forget(service);
  ports.emit({ type: 'service.stopping', service });
  await ports.engine.stop(containerId);
  ports.emit({ type: 'service.stopped', service });
  await ports.engine.remove(containerId);
}

function replicaOf({ service, containerId }: Operation): Replica {
  if (containerId === null) throw new Error(`${service} has no container to be taken out of rotation`);
  return { service, containerId };
}
