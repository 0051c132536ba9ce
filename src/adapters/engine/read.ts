import type { Readable } from 'node:stream';
import type { Connected } from './connect.ts';
import { socketStream } from './socket-stream.ts';

/** The words of a question, as `{ all: 'true' }`. */
export type Query = Readonly<Record<string, string>>;

/**
 * What the engine answers to a GET, as it comes; each piece is good until the next is asked for. Of a local engine it is read without the client library, which is slower for
 * logs and takes as long to load as a short command has to run.
 * @throws Error with `statusCode`, or with the system's `code`.
 */
export async function* readStream(
  { docker, socketPath, apiVersion }: Pick<Connected, 'docker' | 'socketPath' | 'apiVersion'>,
  path: string,
  query: Query,
  signal?: AbortSignal,
): AsyncIterable<Buffer> {
  if (socketPath === undefined) yield* dialled(await docker(), path, query, signal);
  else yield* socketStream(socketPath, `/v${apiVersion}${path}?${new URLSearchParams(query)}`, { signal });
}

/** A document that the engine answers to a GET. */
export async function readDocument(connected: Connected, path: string, query: Query): Promise<unknown> {
  const pieces: Buffer[] = [];
  for await (const piece of readStream(connected, path, query)) pieces.push(Buffer.from(piece));
  return JSON.parse(Buffer.concat(pieces).toString('utf8'));
}

/** Over TCP, TLS and SSH. dockerode's own call collects a log that is not followed in memory, so this asks one level below it. */
async function* dialled(
  docker: Awaited<ReturnType<Connected['docker']>>,
  path: string,
  query: Query,
  signal: AbortSignal | undefined,
): AsyncIterable<Buffer> {
  const request = {
    path: `${path}?`,
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
