import type { Emit } from '../../core/events.ts';
import type { ContainerSummary, Engine } from '../../core/ports/engine.ts';
import { dependantsOf, type Graph } from '../graph/graph.ts';
import { runGraph, type Task } from './run-graph.ts';

const STOPPABLE: ReadonlySet<ContainerSummary['state']> = new Set(['running', 'restarting', 'paused']);

/**
 * Stops the running containers in the reverse of the start order, each as soon as all that depend on it have stopped, and
 * removes each as soon as it has stopped; what does not run is removed at once. Containers of services that the graph does not
 * know stop at once. After `signal` nothing more is stopped.
 * @throws what the engine said first; everything else that could go has gone by then.
 */
export async function takeDown(
  containers: readonly ContainerSummary[],
  graph: Graph,
  ports: { readonly engine: Pick<Engine, 'stop' | 'remove'>; readonly emit: Emit },
  settings: { readonly graceSeconds: number | undefined },
  signal: AbortSignal,
): Promise<void> {
  const running = containers.filter(({ state }) => STOPPABLE.has(state));
  ports.emit({
    type: 'stack.planned',
    services: running.map(({ service }) => ({
      service,
      action: 'stop',
      waitsFor: running.map((other) => other.service).filter(isDependantOf(graph, service)),
      isJob: false,
    })),
  });
  // What depends on nothing but the end of others must not wait for their removal, so nobody waits for it before the end.
  const removals: Promise<{ readonly error: unknown } | null>[] = [];
  const remove = (id: string): void => {
    removals.push(
      ports.engine.remove(id).then(
        () => null,
        (error) => ({ error }),
      ),
    );
  };
  for (const { id, state } of containers) if (!STOPPABLE.has(state)) remove(id);
  const tasks = running.map(
    (container): Task => ({
      id: container.id,
      dependsOn: running
        .filter((other) => isDependantOf(graph, container.service)(other.service))
        .map((other) => other.id),
      run: async () => {
        ports.emit({ type: 'service.stopping', service: container.service });
        await ports.engine.stop(container.id, settings.graceSeconds);
        ports.emit({ type: 'service.stopped', service: container.service });
        remove(container.id);
      },
    }),
  );
  const outcomes = await runGraph(tasks, signal);
  const failure =
    outcomes.find((outcome) => outcome.state === 'failed') ??
    (await Promise.all(removals)).find((removal) => removal !== null);
  if (failure !== undefined && failure !== null) throw failure.error;
}

function isDependantOf(graph: Graph, service: string): (other: string) => boolean {
  const dependants = new Set(dependantsOf(graph, service));
  return (other) => dependants.has(other);
}
