import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { fileURLToPath } from 'node:url';
import { Chalk } from 'chalk';
import { localBuildContexts } from './adapters/build-contexts.ts';
import { systemClock } from './adapters/clock.ts';
import { localCommands } from './adapters/commands.ts';
import { composePlugin } from './adapters/compose-plugin.ts';
import { dockerEngine } from './adapters/engine/docker-engine.ts';
import { localFiles } from './adapters/files.ts';
import { createHttp } from './adapters/http.ts';
import { kernelLock } from './adapters/kernel-lock.ts';
import { systemRandom } from './adapters/random.ts';
import { systemSockets } from './adapters/sockets.ts';
import { peculiarX509 } from './adapters/x509.ts';
import type { Context, Globals } from './cli/context.ts';
import { CommanderError, exitCodeOf, makeProgram } from './cli/program.ts';
import { errorDocument, errorText } from './cli/report/error-text.ts';
import {
  jsonReporter,
  liveReporter,
  plainReporter,
  quietReporter,
  type Reporter,
} from './cli/report/reporters.ts';
import { ApictlError, EXIT, type ExitCode } from './core/errors.ts';

/** The only place where real things are built and where the exit code is set. */

const packageRoot = join(dirname(fileURLToPath(import.meta.url)), '..');
const { version } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as {
  version: string;
};

const interruption = new AbortController();
let reporter: Reporter | undefined;
let globals: Globals = { color: true };

const writeOut = (text: string): void => {
  process.stdout.write(text);
};
const writeErr = (text: string): void => {
  process.stderr.write(text);
};

/** Colours only where somebody sees them, and never against NO_COLOR (no-color.org) or --no-color. */
function painter(stream: NodeJS.WriteStream, options: Globals) {
  const wanted = options.color && !process.env.NO_COLOR && process.env.TERM !== 'dumb';
  return new Chalk({ level: wanted && stream.isTTY ? 1 : 0 });
}

function makeReporter(options: Globals): Reporter {
  const paint = painter(process.stderr, options);
  if (options.json === true) return jsonReporter(writeErr, systemClock.now);
  if (options.quiet === true) return quietReporter(writeErr, paint);
  if (process.stderr.isTTY && !process.env.CI)
    return liveReporter(process.stderr, paint, options.verbose === true);
  return plainReporter(writeErr, paint, options.verbose === true);
}

function makeContext(options: Globals): Context {
  globals = options;
  const made = makeReporter(options);
  reporter = made;
  const isInteractive = process.stdin.isTTY === true && process.stdout.isTTY === true;
  return {
    globals: options,
    paint: painter(process.stdout, options),
    print: writeOut,
    emit: made.emit,
    isInteractive,
    settle: made.close,
    confirm: async (question) => {
      if (options.yes === true) return true;
      if (!isInteractive) return false;
      made.close();
      const terminal = createInterface({ input: process.stdin, output: process.stderr });
      const answer = await terminal
        .question(`${question} [y/N] `, { signal: interruption.signal })
        .catch(() => '');
      terminal.close();
      return /^y(es)?$/i.test(answer.trim());
    },
    world: {
      engine: dockerEngine(process.env),
      compose: composePlugin(process.env),
      files: localFiles,
      http: createHttp(),
      clock: systemClock,
      random: systemRandom,
      x509: peculiarX509,
      lock: kernelLock(systemClock),
      commands: localCommands(process.env),
      buildContexts: localBuildContexts,
      sockets: systemSockets,
      environment: process.env,
      packageRoot,
      workingFolder: process.cwd(),
      platform: process.platform,
      emit: made.emit,
      signal: interruption.signal,
    },
  };
}

/** The first signal asks for an orderly end, a second one ends at once; what runs in the engine stays as it is. */
function listenForSignals(): void {
  for (const [signal, code] of [
    ['SIGINT', EXIT.interrupted],
    ['SIGTERM', EXIT.terminated],
  ] as const) {
    process.on(signal, () => {
      if (interruption.signal.aborted) process.exit(code);
      interruption.abort(signal);
    });
  }
}

function fail(thrown: unknown): ExitCode {
  reporter?.close();
  if (thrown instanceof CommanderError) return exitCodeOf(thrown);
  if (interruption.signal.aborted && !(thrown instanceof ApictlError)) {
    return interruption.signal.reason === 'SIGTERM' ? EXIT.terminated : EXIT.interrupted;
  }
  if (globals.json === true) writeErr(`${JSON.stringify(errorDocument(thrown))}\n`);
  else writeErr(errorText(thrown, painter(process.stderr, globals)));
  return thrown instanceof ApictlError ? thrown.exitCode : EXIT.bug;
}

async function main(argv: readonly string[]): Promise<void> {
  listenForSignals();
  // A reader that closes the pipe early ("| head") has what it wanted.
  process.stdout.on('error', (thrown: NodeJS.ErrnoException) => {
    if (thrown.code === 'EPIPE') process.exit(process.exitCode ?? 0);
    throw thrown;
  });
  let exitCode: ExitCode = EXIT.ok;
  try {
    const onExit = (code: ExitCode): void => {
      exitCode = code;
    };
    await makeProgram({ version, makeContext, onExit, writeOut, writeErr }).parseAsync([...argv]);
  } catch (thrown) {
    exitCode = fail(thrown);
  }
  reporter?.close();
  process.exitCode = exitCode;
}

await main(process.argv);
