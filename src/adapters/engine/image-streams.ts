import type Docker from 'dockerode';
import { ApictlError, EXIT } from '../../core/errors.ts';
import type { BuildOptions } from '../../core/ports/engine.ts';

/** One message of the engine's progress stream (build, pull, import). */
export interface Progress {
  readonly stream?: string;
  readonly status?: string;
  readonly progress?: string;
  readonly id?: string;
  readonly error?: string;
}

const LAST_LINES = 30;

export async function buildImage(
  docker: Docker,
  context: NodeJS.ReadableStream,
  options: BuildOptions,
): Promise<void> {
  const lines: string[] = [];
  const stream = await docker.buildImage(context, {
    t: options.reference,
    dockerfile: options.dockerfile,
    buildargs: { ...options.buildArgs },
    labels: { ...options.labels },
    rm: true,
    forcerm: true,
    ...(options.network === undefined ? {} : { networkmode: options.network }),
    ...(options.signal === undefined ? {} : { abortSignal: options.signal }),
  });
  try {
    await followProgress(docker, stream, (message) => {
      for (const line of (message.stream ?? message.status ?? '').split('\n')) {
        if (line.trim() === '') continue;
        lines.push(line);
        options.onOutput(line);
      }
    });
  } catch (thrown) {
    throw new ApictlError({
      code: 'IMAGE_BUILD_FAILED',
      exitCode: EXIT.engine,
      message: `${options.reference} could not be built: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
      object: `image ${options.reference}`,
      details: lines.slice(-LAST_LINES),
      hint: 'The lines above are the builder’s last; run "apictl images build --verbose" for all of them.',
      cause: thrown,
    });
  }
}

export async function importRootfs(
  docker: Docker,
  rootfs: NodeJS.ReadableStream,
  reference: string,
  labels: Readonly<Record<string, string>>,
): Promise<void> {
  const separator = reference.lastIndexOf(':');
  // The published types know neither the stream's answer nor `changes`.
  const stream = (await docker.importImage(rootfs as never, {
    repo: reference.slice(0, separator),
    tag: reference.slice(separator + 1),
    changes: Object.entries(labels).map(([name, value]) => `LABEL ${name}=${JSON.stringify(value)}`),
  })) as unknown as NodeJS.ReadableStream;
  await followProgress(docker, stream, () => {});
}

export async function pullImage(
  docker: Docker,
  reference: string,
  onProgress: (text: string) => void,
  signal?: AbortSignal,
): Promise<void> {
  const stream = await docker.pull(reference, signal === undefined ? {} : { abortSignal: signal });
  await followProgress(docker, stream, (message) =>
    onProgress([message.id, message.status, message.progress].filter((part) => part !== undefined).join(' ')),
  );
}

/** Reads a progress stream to its end; an error message inside it is the failure, whatever the status was. */
export function followProgress(
  docker: Docker,
  stream: NodeJS.ReadableStream,
  onMessage: (message: Progress) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    docker.modem.followProgress(
      stream,
      (failure: Error | null, messages: readonly Progress[] | undefined) => {
        const said = messages?.find((message) => message.error !== undefined)?.error;
        if (failure !== null && failure !== undefined) reject(failure);
        else if (said !== undefined) reject(new Error(said));
        else resolve();
      },
      onMessage,
    );
  });
}
