import type Docker from 'dockerode';
import type { LogLine, LogOptions } from '../../core/ports/engine.ts';
import { LogFrames, splitTimestamp } from './log-frames.ts';

export async function tailLog(docker: Docker, id: string, lines: number): Promise<LogLine[]> {
  const collected: LogLine[] = [];
  for await (const line of followLog(docker, id, { service: '', container: id, tail: lines }))
    collected.push(line);
  return collected;
}

/** Engine times of `since` and `until` are seconds with a fraction. */
const seconds = (ms: number): string => (ms / 1000).toFixed(3);

export async function* followLog(docker: Docker, id: string, options: LogOptions): AsyncIterable<LogLine> {
  const query = {
    stdout: true,
    stderr: true,
    timestamps: true,
    ...(options.sinceMs === undefined ? {} : { since: seconds(options.sinceMs) }),
    ...(options.untilMs === undefined ? {} : { until: seconds(options.untilMs) }),
    ...(options.tail === undefined ? {} : { tail: options.tail }),
    ...(options.signal === undefined ? {} : { abortSignal: options.signal }),
  };
  const container = docker.getContainer(id);
  const frames = new LogFrames();
  const lineOf = ({ stream, line }: { stream: 'stdout' | 'stderr'; line: string }): LogLine => ({
    service: options.service,
    container: options.container,
    stream,
    ...splitTimestamp(line),
  });
  if (options.follow === true) {
    const stream = await container.logs({ ...query, follow: true } as Docker.ContainerLogsOptions & {
      follow: true;
    });
    for await (const chunk of stream as unknown as AsyncIterable<Buffer>)
      yield* frames.push(chunk).map(lineOf);
  } else {
    const all = await container.logs({ ...query, follow: false } as Docker.ContainerLogsOptions & {
      follow: false;
    });
    yield* frames.push(all).map(lineOf);
  }
  yield* frames.end().map(lineOf);
}
