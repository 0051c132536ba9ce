import { setMaxListeners } from 'node:events';
import type { Readable } from 'node:stream';
import type Docker from 'dockerode';
import type { LogLine, LogOptions } from '../../core/ports/engine.ts';
import { LogFrames } from './log-frames.ts';
import { socketStream } from './socket-stream.ts';

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
  // One signal ends the logs of all containers, and more than ten listeners of it are no leak.
  if (options.signal !== undefined) setMaxListeners(0, options.signal);
  const frames = new LogFrames(options);
  for await (const chunk of openLog(docker, id, options)) {
    const lines = frames.push(chunk);
    if (lines.length > 0) yield lines;
  }
  const last = frames.end();
  if (last.length > 0) yield last;
}

function openLog(docker: Docker, id: string, options: LogOptions): AsyncIterable<Buffer> {
  const query = {
    stdout: 'true',
    stderr: 'true',
    timestamps: 'true',
    follow: String(options.follow === true),
    ...(options.since === undefined ? {} : { since: engineTime(options.since) }),
    ...(options.until === undefined ? {} : { until: engineTime(options.until) }),
    ...(options.tail === undefined ? {} : { tail: String(options.tail) }),
  };
  const path = `/containers/${encodeURIComponent(id)}/logs?`;
  const { socketPath, version } = docker.modem as { socketPath?: string; version?: string };
  return socketPath === undefined
    ? dialled(docker, path, query, options.signal)
    : socketStream(socketPath, `/${version}${path}${new URLSearchParams(query)}`, options.signal);
}

/** Over TCP, TLS and SSH. dockerode's own call collects a log that is not followed in memory, so this asks one level below it. */
async function* dialled(
  docker: Docker,
  path: string,
  query: Readonly<Record<string, string>>,
  signal: AbortSignal | undefined,
): AsyncIterable<Buffer> {
  const request = {
    path,
    method: 'GET',
    isStream: true,
    statusCodes: { 200: true, 404: 'no such container', 500: 'server error' },
    options: query,
    ...(signal === undefined ? {} : { abortSignal: signal }),
  };
  const stream = await new Promise<Readable>((resolve, reject) => {
    docker.modem.dial(request, (failure: unknown, answer: unknown) =>
      failure ? reject(failure) : resolve(answer as Readable),
    );
  });
  try {
    yield* stream as AsyncIterable<Buffer>;
  } finally {
    stream.destroy();
  }
}

/** The engine's form of a moment: seconds since the epoch, a point, nanoseconds. */
export function engineTime(timestamp: string): string {
  const [, whole = timestamp, fraction = ''] = /^([^.Z]*)(?:\.(\d{1,9}))?Z$/.exec(timestamp) ?? [];
  return `${Date.parse(`${whole}Z`) / 1000}.${fraction.padEnd(9, '0')}`;
}
