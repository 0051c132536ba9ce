import { StringDecoder } from 'node:string_decoder';
import type Docker from 'dockerode';
import type { Secret } from '../../core/secret.ts';
import { eachFrame } from './frames.ts';

const MAX_OUTPUT_BYTES = 64 * 1024;

interface ExecOptions {
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  /** Its standard input, which ends behind it. */
  readonly input: Secret | undefined;
}

/**
 * Runs a command in a container and waits for its end. A command that is over its time is left to the engine,
 * which has no way to end an exec; its result counts as exit code 124, as timeout(1) says it.
 */
export async function runExec(
  docker: Docker,
  id: string,
  argv: readonly string[],
  { timeoutMs, signal, input }: ExecOptions,
): Promise<{ exitCode: number; output: string }> {
  const exec = await docker.getContainer(id).exec({
    Cmd: [...argv],
    AttachStdout: true,
    AttachStderr: true,
    AttachStdin: input !== undefined,
    ...(signal === undefined ? {} : { abortSignal: signal }),
  });
  const stream = await exec.start({ hijack: input !== undefined, stdin: input !== undefined });
  // Closes one direction only: the command's output still comes.
  if (input !== undefined) stream.end(input.reveal());
  const deadline = AbortSignal.timeout(timeoutMs);
  const stop = () => stream.destroy();
  deadline.addEventListener('abort', stop);
  signal?.addEventListener('abort', stop);
  const output = await readOutput(stream as AsyncIterable<Buffer>).finally(() => {
    deadline.removeEventListener('abort', stop);
    signal?.removeEventListener('abort', stop);
  });
  if (deadline.aborted || signal?.aborted) {
    return { exitCode: 124, output: `${output}\n(no end within ${timeoutMs / 1000} s)`.trim() };
  }
  const { ExitCode } = await exec.inspect();
  return { exitCode: ExitCode ?? 124, output };
}

/** The first bytes of both streams, in the order in which they came. */
async function readOutput(stream: AsyncIterable<Buffer>): Promise<string> {
  const decoders = { stdout: new StringDecoder(), stderr: new StringDecoder() };
  let pending: Buffer = Buffer.alloc(0);
  let output = '';
  let left = MAX_OUTPUT_BYTES;
  try {
    for await (const chunk of stream) {
      const bytes = Buffer.concat([pending, chunk]);
      const used = eachFrame(bytes, (name, from, to) => {
        output += decoders[name].write(bytes.subarray(from, Math.min(to, from + left)));
        left = Math.max(0, left - (to - from));
      });
      pending = bytes.subarray(used);
    }
  } catch {
    // The stream was closed by the deadline or by the engine; what was read until then counts.
  }
  return output.replaceAll('\r\n', '\n').replace(/\n$/, '');
}
