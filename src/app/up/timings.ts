import type { Emit } from '../../core/events.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Graph } from '../../stack/graph/graph.ts';

/** When a run created and started a service, in milliseconds since it began; null where it did not. */
export interface ServiceTimes {
  readonly createdMs: number | null;
  readonly startedMs: number | null;
}

export interface Timeline {
  /** Hands every event on, and keeps the time of those that tell of a service. */
  readonly emit: Emit;
  of(service: string): ServiceTimes;
}

/** Reads the times of a run off its events. */
export function recordTimes(
  world: { readonly emit: Emit; readonly clock: Pick<Clock, 'now'> },
  runStartedMs: number,
): Timeline {
  const created = new Map<string, number>();
  const started = new Map<string, number>();
  return {
    emit: (event) => {
      const ms = world.clock.now() - runStartedMs;
      if (event.type === 'service.created') created.set(event.service, ms);
      if (event.type === 'service.started') started.set(event.service, ms);
      world.emit(event);
    },
    of: (service) => ({
      createdMs: created.get(service) ?? null,
      startedMs: started.get(service) ?? null,
    }),
  };
}

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
