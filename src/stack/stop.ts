import type { Emit } from '../core/events.ts';
import type { ContainerSummary, Engine } from '../core/ports/engine.ts';
import { dependantsOf, type Graph } from './graph.ts';
import { type Outcome, runGraph, type Task } from './run-graph.ts';

/**
 * Stops the running containers in the reverse of the start order, each as soon as all that depend on it have stopped.
 * Containers of services that the graph does not know stop at once.
 */
export function stopStack(
  containers: readonly ContainerSummary[],
  graph: Graph,
  ports: { readonly engine: Pick<Engine, 'stop'>; readonly emit: Emit },
  settings: { readonly graceSeconds: number | undefined },
  signal: AbortSignal,
): Promise<Outcome[]> {
  const tasks = containers
    .filter(
      (container) =>
        container.state === 'running' || container.state === 'restarting' || container.state === 'paused',
    )
    .map(
      (container): Task => ({
        id: container.id,
        dependsOn: containers
          .filter((other) => dependantsOf(graph, container.service).includes(other.service))
          .map((other) => other.id),
        run: async () => {
          await ports.engine.stop(container.id, settings.graceSeconds);
          ports.emit({ type: 'service.stopped', service: container.service });
        },
      }),
    );
  return runGraph(tasks, signal);
}
