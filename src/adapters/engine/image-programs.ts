import { StringDecoder } from 'node:string_decoder';
import type Docker from 'dockerode';
import {
  FILES_FOLDER,
  type ImageProgram,
  type ImagePrograms,
  type ProgramEnd,
} from '../../core/ports/image-programs.ts';
import { EngineConnection } from './connection.ts';
import { eachFrame } from './frames.ts';

/** Beside no label of Compose's: the container belongs to no project, and no listing of one shows it. */
const LABEL = 'io.apictl.program';
/** Far beyond the time that any program is given: what is older was left by a process that was killed. */
const LEFT_BEHIND_SECONDS = 600;
const TIMED_OUT = 124;
const MAX_OUTPUT_BYTES = 64 * 1024;

/** The ImagePrograms port over dockerode, on a connection of its own: it is used rarely. */
export function imagePrograms(environment: Readonly<Record<string, string | undefined>>): ImagePrograms {
  const connection = new EngineConnection(environment);
  return {
    run: async (program, signal) => {
      const doing = `run ${program.argv[0]} of ${program.image}`;
      const container = await connection.call(doing, (docker) => create(docker, program), [404]);
      if (container === undefined) return null;
      try {
        return await connection.answer(doing, () => runOnce(container, program, signal));
      } finally {
        await connection.call('remove a container', () => container.remove({ force: true, v: true }), [404]);
        await connection.call('remove what was left behind', removeLeftBehind, [404, 409]);
      }
    },
  };
}

const create = (docker: Docker, { image, argv: [program = '', ...words] }: ImageProgram) =>
  docker.createContainer({
    Image: image,
    Entrypoint: [program],
    Cmd: words,
    User: '65534:65534',
    WorkingDir: '/',
    Labels: { [LABEL]: program },
    Healthcheck: { Test: ['NONE'] },
    HostConfig: {
      NetworkMode: 'none',
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      Memory: 512 * 1024 * 1024,
      PidsLimit: 64,
      // Whatever the engine's own default is, this one can be read.
      LogConfig: { Type: 'json-file', Config: {} },
    },
  });

/** The files go in as an archive: an engine on another machine sees no folder of this one. */
async function runOnce(
  container: Docker.Container,
  { files, timeoutMs }: ImageProgram,
  signal: AbortSignal | undefined,
): Promise<ProgramEnd> {
  // The library of archives comes with the first of them.
  const { fileArchive } = await import('./file-archive.ts');
  const answer = await container.putArchive(fileArchive(FILES_FOLDER, files), { path: '/' });
  // It has no body, but ends only when everything is unpacked.
  for await (const _ of answer as AsyncIterable<Buffer>);
  await container.start();
  const deadline = AbortSignal.timeout(timeoutMs);
  const abortSignal = signal === undefined ? deadline : AbortSignal.any([deadline, signal]);
  const end = await container.wait({ abortSignal }).catch((thrown: unknown) => {
    signal?.throwIfAborted();
    if (!deadline.aborted) throw thrown;
    return { StatusCode: TIMED_OUT };
  });
  const log = await container.logs({ stdout: true, stderr: true, follow: false });
  return { exitCode: (end as { StatusCode: number }).StatusCode, output: textOf(log) };
}

function textOf(log: Buffer): string {
  const decoders = { stdout: new StringDecoder(), stderr: new StringDecoder() };
  let text = '';
  eachFrame(log, (stream, from, to) => {
    if (from < MAX_OUTPUT_BYTES) text += decoders[stream].write(log.subarray(from, to));
  });
  return text.trimEnd();
}

async function removeLeftBehind(docker: Docker): Promise<void> {
  const found = await docker.listContainers({ all: true, filters: { label: [LABEL] } });
  const oldest = Date.now() / 1000 - LEFT_BEHIND_SECONDS;
  const left = found.filter(({ Created }) => Created < oldest);
  await Promise.all(left.map(({ Id }) => docker.getContainer(Id).remove({ force: true, v: true })));
}
