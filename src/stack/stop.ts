import type { Emit } from '../core/events.ts';
import type { ContainerSummary, Engine } from '../core/ports/engine.ts';
import { dependantsOf, type Graph } from './graph.ts';
import { type Outcome, runGraph, type Task } from './run-graph.ts';

const STOPPABLE: ReadonlySet<ContainerSummary['state']> = new Set(['running', 'restarting', 'paused']);

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
      },
    }),
  );
  return runGraph(tasks, signal);
}

function isDependantOf(graph: Graph, service: string): (other: string) => boolean {
  const dependants = new Set(dependantsOf(graph, service));
  return (other) => dependants.has(other);
}
