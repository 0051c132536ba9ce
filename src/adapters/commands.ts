import { PassThrough } from 'node:stream';
import type { ResultPromise } from 'execa';
import { ApictlError, EXIT, systemCodeOf } from '../core/errors.ts';
import type {
  CommandOptions,
  CommandResult,
  CommandStreamOptions,
  Commands,
} from '../core/ports/commands.ts';

const LAST_LINES = 30;
/** Long enough to unmount and to remove temporary folders. */
const GRACE_MS = 10_000;

/** The Commands port over execa, with the environment of apictl itself. */
export function localCommands(environment: Readonly<Record<string, string | undefined>>): Commands {
  return {
    run: (argv, options) => run(environment, argv, options ?? {}),
    stream: (argv, options) => stream(environment, argv, options),
  };
}

async function run(
  environment: Readonly<Record<string, string | undefined>>,
  argv: readonly string[],
  options: CommandOptions,
): Promise<CommandResult> {
  options.signal?.throwIfAborted();
  const child = (await starter())(environment, argv, options, ['ignore', 'pipe', 'pipe']);
  const told = options.onLine === undefined ? undefined : tell(child, 'all', options.onLine);
  const result = await child;
  await told;
  options.signal?.throwIfAborted();
  if (result.exitCode === undefined) throw notStarted(argv, result);
  return { exitCode: result.exitCode, stdout: String(result.stdout), stderr: String(result.stderr) };
}

function stream(
  environment: Readonly<Record<string, string | undefined>>,
  argv: readonly string[],
  options: CommandStreamOptions | undefined,
): NodeJS.ReadableStream {
  const lastLines: string[] = [];
  const out = new PassThrough();
  void (async () => {
    const start = await starter();
    // Whoever was to read it has gone before it was started.
    if (out.destroyed) return;
    const child = start(environment, argv, options ?? {}, ['ignore', 'pipe', 'pipe'], false);
    const told = tell(child, 'stderr', (line) => {
      if (line.trim() === '') return;
      lastLines.push(line);
      if (lastLines.length > LAST_LINES) lastLines.shift();
      options?.onLine?.(line);
    });
    // Ended by hand: the end of the output says nothing about how the program ended.
    child.stdout?.pipe(out, { end: false });
    out.once('close', () => child.kill());
    const result = await child;
    await told;
    if (options?.signal?.aborted === true) out.destroy(asError(options.signal.reason));
    else if (result.exitCode === 0) out.end();
    else if (isNotStarted(result)) out.destroy(notStarted(argv, result));
    else out.destroy(options?.failure(result.exitCode, lastLines) ?? new Error(`${argv[0]} failed`));
  })();
  return out;
}

type Start = (
  environment: Readonly<Record<string, string | undefined>>,
  argv: readonly string[],
  options: CommandOptions,
  stdio: ['ignore', 'pipe', 'pipe'],
  buffer?: boolean,
) => ResultPromise;

/** Loads the library at the first command. */
async function starter(): Promise<Start> {
  const { execa } = await import('execa');
  return (environment, argv, options, stdio, buffer = true) => {
    const [program = '', ...rest] = argv;
    return execa(program, rest, {
      env: { ...environment, ...options.environment },
      extendEnv: false,
      stdio,
      all: buffer,
      buffer,
      reject: false,
      forceKillAfterDelay: GRACE_MS,
      ...(options.signal === undefined ? {} : { cancelSignal: options.signal }),
    }) as ResultPromise;
  };
}

async function tell(child: ResultPromise, from: 'all' | 'stderr', onLine: (line: string) => void) {
  // A program that fails has its failure told by its result.
  await (async () => {
    for await (const line of child.iterable({ from })) onLine(String(line));
  })().catch(() => {});
}

interface Ending {
  readonly code?: string | undefined;
  readonly exitCode?: number | undefined;
  readonly signal?: string | undefined;
  readonly cause?: unknown;
}

const isNotStarted = (result: Ending) => ['ENOENT', 'EACCES', 'ENOTDIR'].includes(systemCodeOf(result) ?? '');

function notStarted(argv: readonly string[], result: Ending): Error {
  const [program = ''] = argv;
  const code = systemCodeOf(result);
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new ApictlError({
      code: 'COMMAND_MISSING',
      exitCode: EXIT.engine,
      message: `the program ${program} is not on the PATH`,
      object: program,
      hint: 'Install it, or put its folder on the PATH, and run the command again.',
      cause: result,
    });
  }
  return new ApictlError({
    code: code === 'EACCES' ? 'COMMAND_FORBIDDEN' : 'COMMAND_KILLED',
    exitCode: EXIT.engine,
    message:
      code === 'EACCES'
        ? `${program} may not be run by this user`
        : `${program} was ended by ${result.signal ?? code ?? 'the system'}`,
    object: program,
    cause: result,
  });
}

const asError = (reason: unknown): Error =>
  reason instanceof Error ? reason : new Error(String(reason ?? 'aborted'));
