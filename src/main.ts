import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import type { Assembly } from './assemble.ts';
import { CommanderError, exitCodeOf, makeProgram, reportOptions } from './cli/program.ts';
import { usageProblem } from './cli/usage.ts';
import { EXIT, type ExitCode } from './core/errors.ts';

/**
 * Reads the words and sets the exit code. The real things are built by assemble.ts, which is loaded only when a command is
 * called: `--help` and `--version` take hardly longer than Node.js itself. The two are bundled apart (scripts/bundle.mjs), so
 * no class of this one is known to the other.
 */

const packageRoot = join(dirname(fileURLToPath(import.meta.url)), '..');
const interruption = new AbortController();
let assembly: Assembly | undefined;

const { version } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as {
  version: string;
};

const writeOut = (text: string): void => {
  process.stdout.write(text);
};

/** The first signal asks for an orderly end, a second one ends at once; what runs in the engine stays as it is. */
function listenForSignals(): void {
  for (const [signal, code] of [
    ['SIGINT', EXIT.interrupted],
    ['SIGTERM', EXIT.terminated],
  ] as const) {
    process.on(signal, () => {
      if (interruption.signal.aborted) {
        assembly?.close();
        process.exit(code);
      }
      interruption.abort(signal);
    });
  }
}

/** A reader that closes the pipe early ("| head") has what it wanted; a disk that takes no more is a failure. */
function endWithReader(words: readonly string[]): void {
  process.stdout.once('error', (thrown: NodeJS.ErrnoException) => {
    if (thrown.code === 'EPIPE') process.exit(process.exitCode ?? 0);
    process.stdout.on('error', () => {});
    void import('./assemble.ts').then(({ tellFailure, outputError }) => {
      const options = assembly?.globals ?? reportOptions(words);
      process.exit(tellFailure(outputError(thrown), options, interruption.signal));
    });
  });
}

async function fail(thrown: unknown, program: Command, words: readonly string[]): Promise<ExitCode> {
  assembly?.close();
  if (thrown instanceof CommanderError && exitCodeOf(thrown) === EXIT.ok) return EXIT.ok;
  const options = assembly?.globals ?? reportOptions(words);
  // A group of commands named without one of them: its help has been shown, which says it all to people.
  if (thrown instanceof CommanderError && thrown.code === 'commander.help' && options.json !== true) {
    return EXIT.usage;
  }
  const { tellFailure, usageError } = await import('./assemble.ts');
  if (thrown instanceof CommanderError) {
    const problem = usageProblem(thrown, program, words);
    return tellFailure(usageError(problem), options, interruption.signal);
  }
  return tellFailure(thrown, options, interruption.signal);
}

async function main(argv: readonly string[]): Promise<void> {
  listenForSignals();
  endWithReader(argv.slice(2));
  let exitCode: ExitCode = EXIT.ok;
  const program = makeProgram({
    version,
    makeContext: async (globals) => {
      const { assemble } = await import('./assemble.ts');
      assembly = await assemble(globals, packageRoot, interruption.signal);
      return assembly.context;
    },
    onExit: (code) => {
      exitCode = code;
    },
    writeOut,
    // Commander writes there the help of a group that was named without a command: no document, so not for --json.
    writeErr: (text) => {
      if (reportOptions(argv).json !== true) process.stderr.write(text);
    },
  });
  try {
    await program.parseAsync([...argv]);
  } catch (thrown) {
    exitCode = await fail(thrown, program, argv.slice(2));
  }
  assembly?.close();
  process.exitCode = exitCode;
}

void main(process.argv);
