import type { Clock } from '../core/ports/clock.ts';
import type { ContainerSummary, Engine, LogLine } from '../core/ports/engine.ts';

export interface ReadRequest {
  readonly project: string;
  /** Services, all where empty. */
  readonly services: readonly string[];
  readonly sinceMs?: number | undefined;
  readonly untilMs?: number | undefined;
  /** Lines of each container at most. */
  readonly tail?: number | undefined;
}

/** The lines of all wanted containers, merged by time. */
export async function readLogs(
  engine: Pick<Engine, 'logs'>,
  containers: readonly ContainerSummary[],
  request: ReadRequest,
  signal: AbortSignal,
): Promise<LogLine[]> {
  const perContainer = await Promise.all(
    wanted(containers, request).map(async (container) => {
      const lines: LogLine[] = [];
      for await (const line of engine.logs(container.id, optionsOf(container, request, signal)))
        lines.push(line);
      return lines;
    }),
  );
  // The engine's timestamps have nine digits after the point, so they sort as text.
  return perContainer
    .flat()
    .sort((a, b) => (a.timestamp < b.timestamp ? -1 : a.timestamp > b.timestamp ? 1 : 0));
}

const LOOK_AGAIN_MS = 1_000;

/**
 * Follows the lines of the wanted services as they come, until the signal aborts. A container that ends is read on when it
 * runs again, and one that takes its place is followed from its start: no line twice, none left out.
 */
export async function followLogs(
  ports: { readonly engine: Pick<Engine, 'logs' | 'containers'>; readonly clock: Clock },
  request: ReadRequest,
  onLine: (line: LogLine) => void,
  signal: AbortSignal,
): Promise<void> {
  const following = new Map<string, Promise<void>>();
  const lastSeen = new Map<string, string>();
  let isFirstLook = true;
  while (!signal.aborted) {
    const containers = wanted(await ports.engine.containers(request.project), request);
    for (const container of containers.filter(({ state, id }) => state === 'running' && !following.has(id))) {
      const seen = lastSeen.get(container.id);
      // A container that was not there at the first look is new: everything it wrote is new as well.
      const options =
        seen === undefined && !isFirstLook ? { ...request, tail: undefined, sinceMs: undefined } : request;
      const work = followOne(ports.engine, container, options, seen, signal, (line) => {
        lastSeen.set(container.id, line.timestamp);
        onLine(line);
      });
      following.set(
        container.id,
        work.finally(() => following.delete(container.id)),
      );
    }
    isFirstLook = false;
    await ports.clock.sleep(LOOK_AGAIN_MS, signal);
  }
  await Promise.allSettled(following.values());
}

async function followOne(
  engine: Pick<Engine, 'logs'>,
  container: ContainerSummary,
  request: ReadRequest,
  seen: string | undefined,
  signal: AbortSignal,
  onLine: (line: LogLine) => void,
): Promise<void> {
  const options = optionsOf(container, request, signal);
  const resumed = seen === undefined ? options : { ...options, sinceMs: Date.parse(seen), tail: undefined };
  const { tail, ...rest } = resumed;
  try {
    for await (const line of engine.logs(container.id, {
      ...rest,
      ...(tail === undefined ? {} : { tail }),
      follow: true,
    })) {
      // `since` has milliseconds and the lines have nanoseconds: what was seen already comes again.
      if (seen === undefined || line.timestamp > seen) onLine(line);
    }
  } catch {
    // The container is gone, or the engine is away: the next look goes on from the last line seen.
  }
}

const wanted = (containers: readonly ContainerSummary[], request: ReadRequest): ContainerSummary[] =>
  containers.filter(({ service }) => request.services.length === 0 || request.services.includes(service));

const optionsOf = (container: ContainerSummary, request: ReadRequest, signal: AbortSignal) => ({
  service: container.service,
  container: container.name,
  signal,
  ...(request.sinceMs === undefined ? {} : { sinceMs: request.sinceMs }),
  ...(request.untilMs === undefined ? {} : { untilMs: request.untilMs }),
  ...(request.tail === undefined ? {} : { tail: request.tail }),
});
