import { once } from 'node:events';
import type { Duplex, Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import type Docker from 'dockerode';
import { ApictlError, EXIT } from '../../core/errors.ts';
import type { ContainerCommand, ContainerCommandOptions, EngineData } from '../../core/ports/engine-data.ts';
import { EngineConnection } from './connection.ts';
import { eachFrame } from './frames.ts';

/** Enough for the rows of a database's tables; what a command says beyond that is not read. */
const MOST_STDERR_CHARACTERS = 16 * 1024 * 1024;
const LAST_LINES = 20;

/** The EngineData port over dockerode, on a connection of its own: it is used rarely. */
export function engineData(environment: Readonly<Record<string, string | undefined>>): EngineData {
  const connection = new EngineConnection(environment);
  return {
    run: (id, argv, options) => runCommand(connection, id, argv, options),
    readFolder: (id, path) =>
      connection.answer(
        `read ${path} of a container`,
        async (docker) => (await docker.getContainer(id).getArchive({ path })) as unknown as Readable,
      ),
    writeFolder: async (id, path, tar) => {
      await connection.call(`write ${path} of a container`, async (docker) => {
        const stream = await docker.getContainer(id).putArchive(tar, { path });
        // Its answer has no body, but it ends only when everything is unpacked.
        for await (const _ of stream as AsyncIterable<Buffer>);
      });
    },
    // 409: it is held still already, or it does not run.
    pause: async (id) =>
      void (await connection.call('pause a container', (d) => d.getContainer(id).pause(), [409])),
    resume: async (id) =>
      void (await connection.call(
        'resume a container',
        (d) => d.getContainer(id).unpause(),
        [404, 409, 500],
      )),
    makeVolume: async (name, labels) => {
      await connection.call(`make volume ${name}`, (d) =>
        d.createVolume({ Name: name, Labels: { ...labels } }),
      );
    },
  };
}

function runCommand(
  connection: EngineConnection,
  id: string,
  argv: readonly string[],
  { input, signal }: ContainerCommandOptions = {},
): ContainerCommand {
  let stderr = '';
  const said = (text: string): void => {
    if (stderr.length < MOST_STDERR_CHARACTERS) stderr += text;
  };
  const output = async function* (): AsyncIterable<Buffer> {
    signal?.throwIfAborted();
    const { exec, stream } = await connection.answer('run a command in a container', (docker) =>
      begin(docker, id, argv, input !== undefined),
    );
    const stop = () => stream.destroy(asError(signal?.reason));
    signal?.addEventListener('abort', stop);
    try {
      const feeding = input === undefined ? undefined : feed(stream, input);
      try {
        yield* standardOutput(stream, said);
      } catch (thrown) {
        signal?.throwIfAborted();
        throw (await feeding) ?? thrown;
      }
      const unfed = await feeding;
      signal?.throwIfAborted();
      const { ExitCode } = await connection.answer('say how a command ended', () => exec.inspect());
      if (ExitCode !== 0) throw failed(argv, ExitCode, stderr);
      if (unfed !== undefined) throw unfed;
    } finally {
      signal?.removeEventListener('abort', stop);
      stream.destroy();
    }
  };
  return { output: output(), stderr: () => stderr };
}

async function begin(docker: Docker, id: string, argv: readonly string[], takesInput: boolean) {
  const exec = await docker.getContainer(id).exec({
    Cmd: [...argv],
    AttachStdin: takesInput,
    AttachStdout: true,
    AttachStderr: true,
  });
  return { exec, stream: await exec.start({ hijack: takesInput, stdin: takesInput }) };
}

/** Answers why not all of it went in, where it did not: how the command ended says more than a broken pipe does. */
async function feed(stream: Duplex, input: AsyncIterable<Uint8Array>): Promise<Error | undefined> {
  try {
    for await (const bytes of input) {
      if (stream.destroyed || stream.writableEnded) return undefined;
      if (!stream.write(bytes)) await Promise.race([once(stream, 'drain'), once(stream, 'close')]);
    }
    stream.end();
    return undefined;
  } catch (thrown) {
    // The command must not take half of the input for all of it.
    stream.destroy();
    return asError(thrown);
  }
}

async function* standardOutput(
  stream: AsyncIterable<Buffer>,
  onStderr: (text: string) => void,
): AsyncIterable<Buffer> {
  const decoder = new StringDecoder();
  let pending: Buffer = Buffer.alloc(0);
  for await (const chunk of stream) {
    const bytes = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    const out: Buffer[] = [];
    const used = eachFrame(bytes, (name, from, to) => {
      const piece = bytes.subarray(from, to);
      if (name === 'stdout') out.push(piece);
      else onStderr(decoder.write(piece));
    });
    pending = bytes.subarray(used);
    if (out.length > 0) yield Buffer.concat(out);
  }
}

const failed = (argv: readonly string[], exitCode: number | null, stderr: string) =>
  new ApictlError({
    code: 'COMMAND_IN_CONTAINER_FAILED',
    exitCode: EXIT.engine,
    message: `${argv[0]} in a container ended with ${exitCode ?? 'no exit code'}`,
    object: argv[0],
    details: stderr.trim().split('\n').slice(-LAST_LINES),
  });

const asError = (thrown: unknown): Error =>
  thrown instanceof Error ? thrown : new Error(String(thrown ?? 'aborted'));
