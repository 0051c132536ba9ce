import type { ContainerSummary } from '../../core/ports/engine.ts';
import type { Graph } from '../../stack/graph/graph.ts';
import { NotReady } from '../../stack/schedule/not-ready.ts';
import type { Outcome } from '../../stack/schedule/run-graph.ts';

/** What was ready and does not run any more at the end: a service that is up must still be so when `up` says it. */
export const ended = (containers: readonly ContainerSummary[], graph: Graph): Outcome[] =>
  servicesAmong(containers, graph)
    .filter(hasEnded)
    .map(({ service, id, statusText }): Outcome => {
      const exitCode = Number(/\((\d+)\)/.exec(statusText)?.[1] ?? -1);
      const error = new NotReady(service, id, { state: 'ended', exitCode, checks: [] });
      return { id: service, state: 'failed', error };
    });

/** What was ready and then ended or became unhealthy, and may be ready again: the engine starts it anew. */
export const restless = (
  containers: readonly ContainerSummary[],
  graph: Graph,
  fell: ReadonlySet<string>,
): ContainerSummary[] =>
  servicesAmong(containers, graph).filter(
    (container) => !hasEnded(container) && (fell.has(container.service) || container.state === 'restarting'),
  );

const servicesAmong = (containers: readonly ContainerSummary[], graph: Graph): ContainerSummary[] => {
  const services = new Set(graph.filter(({ isJob }) => !isJob).map(({ name }) => name));
  return containers.filter(({ service }) => services.has(service));
};

const hasEnded = ({ state }: ContainerSummary): boolean => state === 'exited' || state === 'dead';
