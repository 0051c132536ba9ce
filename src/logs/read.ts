import { ApictlError } from '../core/errors.ts';
import type { ContainerSummary, Engine, LogLine, LogOptions } from '../core/ports/engine.ts';
import { Cursor } from './cursor.ts';
import { LastLines } from './last-lines.ts';
import { type Batch, mergeByTime } from './merge.ts';

/** A container as far as its log is concerned. */
export type Source = Pick<ContainerSummary, 'id' | 'service' | 'name'>;

export interface ReadRequest {
  /** RFC 3339 in UTC; both ends belong to what is read. */
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  /** The last lines of all containers together, of those that are wanted. */
  readonly tail?: number | undefined;
}

export interface Wanted {
  readonly isWanted: (line: LogLine) => boolean;
  /** Whether `isWanted` can say no, so that more has to be read than is shown. */
  readonly isFiltering: boolean;
}

export interface Reading {
  readonly engine: Pick<Engine, 'logs'>;
  readonly containers: readonly Source[];
  readonly request: ReadRequest;
  readonly wanted: Wanted;
  readonly signal: AbortSignal;
  /** A container whose log the engine does not give is left out, and told. */
  readonly onWarning?: (text: string) => void;
  /** Gets what has been read of each container, so that it can be followed from there. */
  readonly cursors?: Map<string, Cursor> | undefined;
  /** Lines from elsewhere, oldest first. */
  readonly others?: readonly AsyncIterable<Batch>[];
}

/** The wanted lines of the containers and of other sources, merged by time. */
export async function* readLogs(reading: Reading): AsyncIterable<Batch> {
  const { request, wanted } = reading;
  const sources = reading.containers.map((container) => readContainer(reading, container));
  const merged = filtered(mergeByTime([...sources, ...(reading.others ?? [])]), wanted);
  if (request.tail === undefined) {
    yield* merged;
    return;
  }
  const last = new LastLines(request.tail);
  for await (const batch of merged) for (const line of batch) last.add(line);
  if (last.lines().length > 0) yield last.lines();
}

async function* readContainer(reading: Reading, container: Source): AsyncIterable<Batch> {
  const { engine, request, wanted, cursors, signal } = reading;
  const cursor = cursors === undefined ? undefined : new Cursor(request.since);
  if (cursor !== undefined) cursors?.set(container.id, cursor);
  try {
    for await (const batch of engine.logs(
      container.id,
      optionsOf(container, request, wanted, cursor, signal),
    )) {
      if (cursor !== undefined) for (const line of batch) cursor.accept(line);
      yield batch;
    }
  } catch (thrown) {
    // It was removed a moment ago, or its logging driver cannot be read: no reason to withhold the others.
    if (!(thrown instanceof ApictlError) || thrown.code !== 'ENGINE_REFUSED') throw thrown;
    reading.onWarning?.(`${container.name}: ${thrown.message}`);
  }
}

/** Each container's last lines are enough where all of its lines count; else the engine would count the wrong ones. */
function optionsOf(
  container: Source,
  request: ReadRequest,
  wanted: Wanted,
  cursor: Cursor | undefined,
  signal: AbortSignal,
): LogOptions {
  const { since, until, tail } = request;
  const isTailEnough = tail !== undefined && until === undefined && !wanted.isFiltering;
  // A cursor needs the last line also where none is to be shown.
  const lines = cursor === undefined ? tail : Math.max(tail ?? 0, 1);
  return {
    service: container.service,
    container: container.name,
    signal,
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
    ...(isTailEnough && lines !== undefined ? { tail: lines } : {}),
  };
}

async function* filtered(log: AsyncIterable<Batch>, wanted: Wanted): AsyncIterable<Batch> {
  for await (const batch of log) {
    const lines = wanted.isFiltering ? batch.filter(wanted.isWanted) : batch;
    if (lines.length > 0) yield lines;
  }
}
