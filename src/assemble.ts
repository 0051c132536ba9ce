import { Chalk, type ChalkInstance } from 'chalk';
import { systemClock } from './adapters/clock.ts';
import { sourceTrace } from './adapters/source-trace.ts';
import type { Context, Globals } from './cli/context.ts';
import { errorDocument, errorText } from './cli/report/error.ts';
import { jsonReporter } from './cli/report/json.ts';
import { plainReporter, quietReporter } from './cli/report/plain.ts';
import { quietly, type Reporter } from './cli/report/reporter.ts';
import type { UsageProblem } from './cli/usage.ts';
import { ApictlError, EXIT, type ExitCode, messageOf } from './core/errors.ts';
import { interruption } from './core/interruption.ts';
import { realWorld } from './real-world.ts';

/** Builds the real things that a command works with. Adapters load their libraries at the first use. */

export interface Assembly {
  readonly globals: Globals;
  readonly context: Context;
  /** Ends the live view; may be called twice. */
  close(): void;
}

export async function assemble(
  globals: Globals,
  packageRoot: string,
  signal: AbortSignal,
): Promise<Assembly> {
  const reporter = await makeReporter(globals);
  const isInteractive = process.stdin.isTTY === true && process.stdout.isTTY === true;
  const context: Context = {
    globals,
    paint: painter(process.stdout, globals),
    print: (text) => {
      process.stdout.write(text);
      return process.stdout.writableLength === 0;
    },
    emit: reporter.emit,
    isInteractive,
    settle: reporter.close,
    confirm: async (question) => {
      if (globals.yes === true) return true;
      if (!isInteractive) return false;
      reporter.close();
      return ask(question, signal);
    },
    readSecret: (question) => {
      reporter.close();
      return readUnseen(question, signal);
    },
    world: realWorld({ packageRoot, workingFolder: currentFolder(), emit: reporter.emit, signal }),
  };
  return { globals, context, close: reporter.close };
}

/** A shell may stand in a folder that somebody else has removed. */
function currentFolder(): string {
  try {
    return process.cwd();
  } catch (thrown) {
    throw new ApictlError({
      code: 'FOLDER_GONE',
      exitCode: EXIT.machine,
      message: 'the current folder is gone: it was removed or moved after the shell went there',
      object: 'current folder',
      hint: 'Go to a folder that is there ("cd" with its path), and run the command again.',
      cause: thrown,
    });
  }
}

/** Colours only where somebody sees them, and never against NO_COLOR (no-color.org) or --no-color. */
function painter(stream: NodeJS.WriteStream, options: Globals): ChalkInstance {
  const wanted = options.color && !process.env.NO_COLOR && process.env.TERM !== 'dumb';
  return new Chalk({ level: wanted && stream.isTTY ? 1 : 0 });
}

async function makeReporter({ json, quiet, verbose, ...globals }: Globals): Promise<Reporter> {
  const paint = painter(process.stderr, globals);
  const nowMs = systemClock.now;
  if (json === true) {
    const reporter = jsonReporter(writeErr, nowMs);
    return quiet === true ? quietly(reporter) : reporter;
  }
  if (quiet === true) return quietReporter(writeErr, paint);
  const settings = { nowMs, paint, verbose: verbose === true };
  if (!canMoveCursor(process.stderr)) return plainReporter(writeErr, settings);
  const { ttyReporter } = await import('./cli/report/tty.ts');
  return ttyReporter(process.stderr, settings);
}

/**
 * A live view needs a terminal that knows its width and can draw over what it has drawn, and somebody who watches it. On a
 * pseudo terminal of 0 columns ora would count rows without end.
 */
const canMoveCursor = (stream: NodeJS.WriteStream): boolean =>
  stream.isTTY === true && stream.columns > 0 && process.env.TERM !== 'dumb' && !process.env.CI;

async function ask(question: string, signal: AbortSignal): Promise<boolean> {
  const { createInterface } = await import('node:readline/promises');
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(`${question} [y/N] `, { signal }).catch(() => '');
  terminal.close();
  return /^y(es)?$/i.test(answer.trim());
}

async function readUnseen(question: string, signal: AbortSignal): Promise<string> {
  if (process.stdin.isTTY === true) {
    const { default: password } = await import('@inquirer/password');
    return password({ message: question }, { output: process.stderr, signal });
  }
  const { text } = await import('node:stream/consumers');
  return text(process.stdin);
}

/** Says what failed, for people or as the error document, and answers the exit code. */
export function tellFailure(thrown: unknown, globals: Globals, signal: AbortSignal): ExitCode {
  // People know that they interrupted it; programs get their one document.
  if (signal.aborted && !(thrown instanceof ApictlError)) {
    const told = interruption(signal, { message: 'interrupted' });
    if (globals.json === true) writeErr(`${JSON.stringify(errorDocument(told))}\n`);
    return told.exitCode;
  }
  if (thrown instanceof Error && !(thrown instanceof ApictlError))
    thrown.stack = sourceTrace(thrown.stack ?? '');
  if (globals.json === true) writeErr(`${JSON.stringify(errorDocument(thrown))}\n`);
  else writeErr(errorText(thrown, painter(process.stderr, globals)));
  return thrown instanceof ApictlError ? thrown.exitCode : EXIT.bug;
}

/** A usage error as one of our own. It is made here, because the words are bundled apart and know no class of ours. */
export const usageError = ({ code, message, hint }: UsageProblem): ApictlError =>
  new ApictlError({ code, exitCode: EXIT.usage, message, hint });

/** What was to be written is lost, what was done is not. */
export const outputError = (thrown: Error): ApictlError =>
  new ApictlError({
    code: 'OUTPUT_UNUSABLE',
    exitCode: EXIT.machine,
    message: `standard output cannot be written: ${messageOf(thrown)}`,
    object: 'standard output',
    hint: 'Free space where it goes to, or send it elsewhere. What the command has changed stays changed.',
  });

function writeErr(text: string): void {
  process.stderr.write(text);
}
