import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Assembly } from './assemble.ts';
import { CommanderError, exitCodeOf, makeProgram } from './cli/program.ts';
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
const writeErr = (text: string): void => {
  process.stderr.write(text);
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

/** A reader that closes the pipe early ("| head") has what it wanted. */
function endWithReader(): void {
  process.stdout.on('error', (thrown: NodeJS.ErrnoException) => {
    if (thrown.code === 'EPIPE') process.exit(process.exitCode ?? 0);
    throw thrown;
  });
}

async function fail(thrown: unknown): Promise<ExitCode> {
  assembly?.close();
  if (thrown instanceof CommanderError) return exitCodeOf(thrown);
  const { tellFailure } = await import('./assemble.ts');
  return tellFailure(thrown, assembly?.globals ?? { color: true }, interruption.signal);
}

async function main(argv: readonly string[]): Promise<void> {
  listenForSignals();
  endWithReader();
  let exitCode: ExitCode = EXIT.ok;
  try {
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
      writeErr,
    });
    await program.parseAsync([...argv]);
  } catch (thrown) {
    exitCode = await fail(thrown);
  }
  assembly?.close();
  process.exitCode = exitCode;
}

void main(process.argv);
