import type Docker from 'dockerode';
import { LogFrames } from './log-frames.ts';

const MAX_OUTPUT_BYTES = 64 * 1024;

/**
 * Runs a command in a container and waits for its end. A command that is over its time is left to the engine,
 * which has no way to end an exec; its result counts as exit code 124, as timeout(1) says it.
 */
export async function runExec(
  docker: Docker,
  id: string,
  argv: readonly string[],
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<{ exitCode: number; output: string }> {
  const exec = await docker.getContainer(id).exec({
    Cmd: [...argv],
    AttachStdout: true,
    AttachStderr: true,
    ...(signal === undefined ? {} : { abortSignal: signal }),
  });
  const stream = await exec.start({ hijack: false, stdin: false });
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

async function readOutput(stream: AsyncIterable<Buffer>): Promise<string> {
  const frames = new LogFrames();
  const lines: string[] = [];
  let bytes = 0;
  try {
    for await (const chunk of stream) {
      for (const { line } of frames.push(chunk)) {
        if (bytes < MAX_OUTPUT_BYTES) lines.push(line);
        bytes += line.length + 1;
      }
    }
  } catch {
    // The stream was closed by the deadline or by the engine; what was read until then counts.
  }
  if (bytes < MAX_OUTPUT_BYTES) lines.push(...frames.end().map(({ line }) => line));
  return lines.join('\n');
}
