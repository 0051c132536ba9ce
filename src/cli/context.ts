import type { ChalkInstance } from 'chalk';
import { aboveWarning, configurationAbove } from '../app/project/above.ts';
import { loadProject, type Project } from '../app/project/project.ts';
import type { World } from '../app/world.ts';
import type { Emit } from '../core/events.ts';

/** The options that every command knows. */
export interface Globals {
  readonly config?: string;
  readonly project?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
  /** Commander's form of `--no-color`. */
  readonly color: boolean;
  readonly yes?: boolean;
}

/** What a command works with: the world, how to print, whether somebody is there to answer. */
export interface Context {
  readonly globals: Globals;
  readonly world: World;
  readonly paint: ChalkInstance;
  /** Writes a result to stdout. Answers whether all of it is written; what is not is kept by whoever gave it. */
  readonly print: (text: string | Uint8Array) => boolean;
  readonly emit: Emit;
  /** Asks on the terminal; false without one, unless `--yes` was given. */
  readonly confirm: (question: string) => Promise<boolean>;
  /** A value that must not be seen: asked for on the terminal, else all of standard input. */
  readonly readSecret: (question: string) => Promise<string>;
  readonly isInteractive: boolean;
  /** Ends the live view, so that what is printed next stands alone. */
  readonly settle: () => void;
}

export type MakeContext = (globals: Globals) => Promise<Context>;

/** The project of the global options; `flags` are values of the configuration that the command's own options give. */
export async function openProject(
  context: Context,
  flags: Readonly<Record<string, unknown>> = {},
): Promise<Project> {
  const { globals, world } = context;
  const project = await loadProject(world, { config: globals.config, project: globals.project }, flags);
  await warnOfProjectAbove(context, project);
  return project;
}

async function warnOfProjectAbove({ globals, world, emit }: Context, project: Project): Promise<void> {
  // Who names a file or a project knows which one it is about.
  if (globals.config !== undefined || globals.project !== undefined) return;
  const above = await configurationAbove(world, project);
  if (above !== null) emit({ type: 'warning', text: aboveWarning(world, project.root, above) });
}

/** The result of a command: as one JSON document, or as text for people. */
export function printResult<T>(
  context: Context,
  result: T,
  text: (result: T, paint: ChalkInstance) => string,
): void {
  context.settle();
  const shown = context.globals.json === true ? JSON.stringify(result, null, 2) : text(result, context.paint);
  if (shown !== '') context.print(`${shown}\n`);
}
