import { Chalk } from 'chalk';
import type { World } from '../../src/app/world.ts';
import type { Context } from '../../src/cli/context.ts';
import { CommanderError, exitCodeOf, makeProgram } from '../../src/cli/program.ts';
import { ApictlError } from '../../src/core/errors.ts';
import type { Event } from '../../src/core/events.ts';

export interface CommandResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly error: ApictlError | undefined;
  readonly events: readonly Event[];
}

/** What somebody types or pipes in where a command asks for a value. */
export const TYPED = 'typed-value\n';

/** Runs a command in this process, as main.ts does; `world` is what of the world the command needs. */
export async function runCommand(
  world: Omit<Partial<World>, 'emit'>,
  ...words: readonly string[]
): Promise<CommandResult> {
  const out: string[] = [];
  const err: string[] = [];
  const events: Event[] = [];
  let exitCode = 0;
  let error: ApictlError | undefined;
  const emit = (event: Event): void => void events.push(event);
  const missing = (name: string) => {
    throw new Error(`the command asked for ${name}, which this test does not give it`);
  };
  const given: Partial<World> = { environment: {}, signal: new AbortController().signal, ...world, emit };
  const whole = new Proxy(given as World, {
    get: (target, name: string) => (name in target ? target[name as keyof World] : missing(name)),
  });
  const program = makeProgram({
    version: '0.0.0',
    onExit: (code) => {
      exitCode = code;
    },
    writeOut: (text) => void out.push(text),
    writeErr: (text) => void err.push(text),
    makeContext: async (globals): Promise<Context> => ({
      globals,
      world: whole,
      paint: new Chalk({ level: 0 }),
      print: (text) => out.push(Buffer.from(text).toString()) > 0,
      emit,
      confirm: async () => globals.yes === true,
      readSecret: async () => TYPED,
      isInteractive: false,
      settle: () => {},
    }),
  });
  try {
    await program.parseAsync(['node', 'apictl', ...words]);
  } catch (thrown) {
    if (thrown instanceof CommanderError) {
      exitCode = exitCodeOf(thrown);
      // Told by whoever catches it, as the program does.
      err.push(thrown.message);
    } else if (thrown instanceof ApictlError) {
      error = thrown;
      exitCode = thrown.exitCode;
    } else throw thrown;
  }
  return { exitCode, stdout: out.join(''), stderr: err.join(''), error, events };
}
