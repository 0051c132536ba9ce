import { setMaxListeners } from 'node:events';
import { keptLine } from '../../core/kept-line.ts';
import type { LogLine, LogOptions } from '../../core/ports/engine.ts';
import { LogFrames } from './log-frames.ts';
import { readStream } from './read.ts';

type LogEngine = Parameters<typeof readStream>[0];

export async function tailLog(engine: LogEngine, id: string, lines: number): Promise<LogLine[]> {
  const collected: LogLine[] = [];
  for await (const piece of readLog(engine, id, { service: '', container: id, tail: lines }))
    collected.push(...piece.map(keptLine));
  return collected;
}

/** Reads a container's log piece by piece: no more of it is in memory than what the reader has not taken yet. */
export async function* readLog(
  engine: LogEngine,
  id: string,
  options: LogOptions,
): AsyncIterable<readonly LogLine[]> {
  // One signal ends the logs of all containers, and more than ten listeners of it are no leak.
  if (options.signal !== undefined) setMaxListeners(0, options.signal);
  const frames = new LogFrames(options);
  for await (const chunk of openLog(engine, id, options)) {
    const lines = frames.push(chunk);
    if (lines.length > 0) yield lines;
  }
  const last = frames.end();
  if (last.length > 0) yield last;
}

function openLog(engine: LogEngine, id: string, options: LogOptions): AsyncIterable<Buffer> {
  const query = {
    stdout: 'true',
    stderr: 'true',
    timestamps: 'true',
    follow: String(options.follow === true),
    ...(options.since === undefined ? {} : { since: engineTime(options.since) }),
    ...(options.until === undefined ? {} : { until: engineTime(options.until) }),
    ...(options.tail === undefined ? {} : { tail: String(options.tail) }),
  };
  return readStream(engine, `/containers/${encodeURIComponent(id)}/logs`, query, options.signal);
}

/** The engine's form of a moment: seconds since the epoch, a point, nanoseconds. */
export function engineTime(timestamp: string): string {
  const [, whole = timestamp, fraction = ''] = /^([^.Z]*)(?:\.(\d{1,9}))?Z$/.exec(timestamp) ?? [];
  return `${Date.parse(`${whole}Z`) / 1000}.${fraction.padEnd(9, '0')}`;
}
