import type { Readable } from 'node:stream';
import type Docker from 'dockerode';
import type { LogLine, LogOptions } from '../../core/ports/engine.ts';
import { LogFrames } from './log-frames.ts';

export async function tailLog(docker: Docker, id: string, lines: number): Promise<LogLine[]> {
  const collected: LogLine[] = [];
  for await (const piece of readLog(docker, id, { service: '', container: id, tail: lines }))
    collected.push(...piece);
  return collected;
}

/** Reads a container's log piece by piece: no more of it is in memory than what the reader has not taken yet. */
export async function* readLog(
  docker: Docker,
  id: string,
  options: LogOptions,
): AsyncIterable<readonly LogLine[]> {
  const frames = new LogFrames(options);
  const stream = await openLog(docker, id, options);
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      const lines = frames.push(chunk);
      if (lines.length > 0) yield lines;
    }
  } finally {
    stream.destroy();
  }
  const last = frames.end();
  if (last.length > 0) yield last;
}

/** dockerode's own call collects a log that is not followed in memory, so this asks one level below it. */
function openLog(docker: Docker, id: string, options: LogOptions): Promise<Readable> {
  const query = {
    stdout: true,
    stderr: true,
    timestamps: true,
    follow: options.follow === true,
    ...(options.since === undefined ? {} : { since: engineTime(options.since) }),
    ...(options.until === undefined ? {} : { until: engineTime(options.until) }),
    ...(options.tail === undefined ? {} : { tail: options.tail }),
  };
  return new Promise((resolve, reject) => {
    docker.modem.dial(
      {
        path: `/containers/${encodeURIComponent(id)}/logs?`,
        method: 'GET',
        isStream: true,
        statusCodes: { 200: true, 404: 'no such container', 500: 'server error' },
        options: query,
        ...(options.signal === undefined ? {} : { abortSignal: options.signal }),
      },
      (failure: unknown, stream: unknown) => (failure ? reject(failure) : resolve(stream as Readable)),
    );
  });
}

/** The engine's form of a moment: seconds since the epoch, a point, nanoseconds. */
export function engineTime(timestamp: string): string {
  const [, whole = timestamp, fraction = ''] = /^([^.Z]*)(?:\.(\d{1,9}))?Z$/.exec(timestamp) ?? [];
  return `${Date.parse(`${whole}Z`) / 1000}.${fraction.padEnd(9, '0')}`;
}
