import { Command, CommanderError, Option } from 'commander';
import { EXIT, type ExitCode } from '../core/errors.ts';
import { registerAlerts } from './commands/alerts.ts';
import { registerBackup, registerRestore } from './commands/backup.ts';
import { registerCerts } from './commands/certs.ts';
import { registerCompletion } from './commands/completion.ts';
import { registerDeploy } from './commands/deploy.ts';
import { registerDoctor } from './commands/doctor.ts';
import { registerDown } from './commands/down.ts';
import { registerGraph } from './commands/graph.ts';
import { registerImages } from './commands/images.ts';
import { registerInit } from './commands/init.ts';
import { registerLogs } from './commands/logs.ts';
import { registerOpen } from './commands/open.ts';
import { registerRender } from './commands/render.ts';
import { registerRestart } from './commands/restart.ts';
import { registerScale } from './commands/scale.ts';
import { registerSecrets } from './commands/secrets.ts';
import { registerSeed } from './commands/seed.ts';
import { registerSmoke } from './commands/smoke.ts';
import { registerStatus } from './commands/status.ts';
import { registerUp } from './commands/up.ts';
import type { Context, Globals, MakeContext } from './context.ts';
import { withExamples } from './examples.ts';

/**
 * A command's words: name, options, help. This module and commands/ are all that `--help` loads, so they import nothing but
 * commander and lists of words; what a command does lies in actions/ and is loaded when it is called.
 */
export type Register = (program: Command, run: Run) => void;

/** What a command does: its arguments and options in, the exit code out. */
export type Action<Words extends unknown[]> = (context: Context, ...words: Words) => Promise<ExitCode>;

/** Loads the action when its command is called, builds its context from the global options, takes its exit code. */
export type Run = <Words extends unknown[]>(
  load: () => Promise<Action<Words>>,
) => (...words: Words) => Promise<void>;

/** The commands, in the order of the help. */
const COMMANDS: readonly Register[] = [
  registerUp,
  registerDown,
  registerStatus,
  registerScale,
  registerRestart,
  registerLogs,
  registerSeed,
  registerSmoke,
  registerDoctor,
  registerDeploy,
  registerRender,
  registerGraph,
  registerImages,
  registerSecrets,
  registerCerts,
  registerBackup,
  registerRestore,
  registerAlerts,
  registerOpen,
  registerInit,
  registerCompletion,
];

export interface ProgramSettings {
  readonly version: string;
  readonly makeContext: MakeContext;
  readonly onExit: (code: ExitCode) => void;
  readonly writeOut: (text: string) => void;
  readonly writeErr: (text: string) => void;
}

export function makeProgram(settings: ProgramSettings): Command {
  const program = new Command('apictl')
    .description('Runs a complete API-management platform on Docker.')
    .version(settings.version)
    .option('--config <file>', 'configuration file (default: apictl.yaml, optional)')
    .option('--project <name>', 'Compose project name')
    .option('--json', 'one JSON document on stdout, NDJSON events on stderr')
    .addOption(new Option('--quiet', 'only warnings and errors').conflicts('verbose'))
    .option('--verbose', 'every step, with its output')
    .option('--no-color', 'no colours')
    .option('--yes', 'answer every question with yes')
    .showSuggestionAfterError(true)
    .configureOutput({
      writeOut: settings.writeOut,
      writeErr: settings.writeErr,
      // A usage error is told by whoever catches it: as text, or as the error document of --json.
      outputError: () => {},
    })
    .exitOverride();
  const run: Run =
    (load) =>
    async (...words) => {
      const [action, context] = await Promise.all([load(), settings.makeContext(program.opts<Globals>())]);
      settings.onExit(await action(context, ...words));
    };
  withExamples(
    program,
    ['apictl up', 'bring the stack up, and say where it is'],
    ['apictl doctor', 'what stands in the way when it does not come up'],
  );
  for (const register of COMMANDS) register(program, run);
  inheritOutput(program);
  return program;
}

/** Commander hands these settings down only to commands added after them, and not to the ones below those. */
function inheritOutput(command: Command): void {
  for (const child of command.commands) {
    child.copyInheritedSettings(command);
    inheritOutput(child);
  }
}

/** Commander's own endings: help and version are fine, everything else is a usage error. */
export function exitCodeOf(thrown: CommanderError): ExitCode {
  return thrown.exitCode === 0 ? EXIT.ok : EXIT.usage;
}

/**
 * The command that the words name as far as they do, with the words before it, as `apictl seed diff`. They may be wrong, so
 * options are passed over without knowing whether they take a value.
 */
export function commandNamed(
  program: Command,
  words: readonly string[],
): { readonly path: string; readonly command: Command } {
  let command = program;
  const names = [program.name()];
  for (const word of words) {
    const next = command.commands.find((child) => child.name() === word);
    if (next === undefined) continue;
    command = next;
    names.push(word);
  }
  return { path: names.join(' '), command };
}

/** The global options that matter to the report of a usage error, which may stand anywhere, also behind the error. */
export const reportOptions = (words: readonly string[]): Globals => ({
  json: words.includes('--json'),
  color: !words.includes('--no-color'),
});

export { CommanderError };
