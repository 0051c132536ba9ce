import type { Readable } from 'node:stream';
import type Docker from 'dockerode';
import { ApictlError, EXIT, messageOf } from '../../core/errors.ts';
import type { ImageTransfer } from '../../core/ports/image-transfer.ts';
import { EngineConnection } from './connection.ts';
import { engineError } from './engine-errors.ts';
import { followProgress } from './image-streams.ts';

/** The ImageTransfer port over dockerode, on a connection of its own: it is used rarely. */
export function imageTransfer(environment: Readonly<Record<string, string | undefined>>): ImageTransfer {
  const connection = new EngineConnection(environment);
  return {
    describe: async (reference) => {
      const image = (docker: Docker) => docker.getImage(reference).inspect();
      const found = await connection.call(`inspect ${reference}`, image, [404]);
      if (found === undefined) return null;
      const { Id, RepoDigests, Size, RootFS } = found;
      return { id: Id, digests: RepoDigests ?? [], sizeBytes: Size, layers: RootFS.Layers ?? [] };
    },
    tag: async (id, reference) => {
      const at = reference.lastIndexOf(':');
      const [repo, tag] = [reference.slice(0, at), reference.slice(at + 1)];
      await connection.answer(`tag ${reference}`, (docker) => docker.getImage(id).tag({ repo, tag }));
    },
    save: async (references, signal) => {
      const { docker, endpoint } = await connection.connected();
      try {
        return await getImages(await docker(), references, signal);
      } catch (thrown) {
        signal.throwIfAborted();
        throw engineError(thrown, endpoint, 'save images');
      }
    },
    load: async (tar, onProgress, signal) => {
      const { docker, endpoint } = await connection.connected();
      let answer: NodeJS.ReadableStream;
      // What is wrong with the stream is its reader's to tell; the connection only breaks of it.
      let broken: Error | undefined;
      tar.once('error', (thrown) => {
        broken = thrown;
      });
      try {
        const client = await docker();
        answer = await client.loadImage(tar, { abortSignal: abortOf(tar, signal) });
        await followProgress(client, answer, (message) => {
          const text = (message.stream ?? message.status ?? '').trim();
          if (text !== '') onProgress(text);
        });
      } catch (thrown) {
        signal.throwIfAborted();
        if (broken !== undefined) throw broken;
        if ((thrown as { statusCode?: unknown }).statusCode === undefined && isSaid(thrown))
          throw loadFailed(thrown);
        throw engineError(thrown, endpoint, 'load images');
      }
    },
  };
}

/** dockerode has a call for one image only; the engine takes several, and then writes shared layers once. */
function getImages(docker: Docker, names: readonly string[], signal: AbortSignal): Promise<Readable> {
  return new Promise((resolve, reject) => {
    docker.modem.dial(
      {
        path: '/images/get?',
        method: 'GET',
        options: { names: [...names] },
        abortSignal: signal,
        isStream: true,
        statusCodes: { 200: true, 404: 'no such image', 500: 'server error' },
      },
      (failure: unknown, stream: unknown) => {
        if (failure === null || failure === undefined) resolve(stream as Readable);
        else reject(failure);
      },
    );
  });
}

/** A stream that fails must end the request, or the engine would wait for the rest. */
function abortOf(tar: Readable, signal: AbortSignal): AbortSignal {
  const failing = new AbortController();
  tar.once('error', () => failing.abort());
  return AbortSignal.any([signal, failing.signal]);
}

/** The engine's words inside its progress stream, which have no status and no system's code. */
const isSaid = (thrown: unknown): boolean =>
  thrown instanceof Error && (thrown as NodeJS.ErrnoException).code === undefined;

const loadFailed = (thrown: unknown): ApictlError =>
  new ApictlError({
    code: 'IMAGES_LOAD_FAILED',
    exitCode: EXIT.engine,
    message: `the Docker Engine could not load the images: ${messageOf(thrown)}`,
    hint: 'What it has loaded already stays; see "docker system df" for its disk, and run the same command again.',
    cause: thrown,
  });
