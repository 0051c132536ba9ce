import type { Graph } from '../../stack/graph.ts';

/** When each service became ready, in milliseconds since the run started; 0 for what was ready before. */
export type ReadyTimes = ReadonlyMap<string, number>;

/** The dependency that kept a service waiting: of those it depends on, the one that was ready last. */
export function waitedFor(graph: Graph, service: string, ready: ReadyTimes): string | null {
  const dependencies = graph.find((node) => node.name === service)?.dependsOn ?? [];
  return latest(dependencies, ready);
}

/** The chain of services that the whole run waited for, first to last. */
export function criticalPath(graph: Graph, ready: ReadyTimes): string[] {
  const path: string[] = [];
  let service = latest([...ready.keys()], ready);
  while (service !== null) {
    path.unshift(service);
    service = waitedFor(graph, service, ready);
  }
  return path;
}

function latest(services: readonly string[], ready: ReadyTimes): string | null {
  let found: string | null = null;
  for (const service of services) {
    const ms = ready.get(service) ?? 0;
    if (ms > 0 && (found === null || ms > (ready.get(found) ?? 0))) found = service;
  }
  return found;
}
