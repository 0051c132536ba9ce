import { PassThrough } from 'node:stream';
import { ApictlError } from '../../src/core/errors.ts';
import type { Commands } from '../../src/core/ports/commands.ts';

export interface CommandScript {
  /** First words of a command line -> its standard output; a program that is not named is missing. */
  readonly answers: Readonly<Record<string, string>>;
  /** What a streamed program writes, and how it ends. */
  readonly stream?: {
    readonly output: string;
    readonly exitCode?: number;
    readonly lastLines?: readonly string[];
  };
}

/** The Commands port with prepared answers; `ran` keeps every command line. */
export function scriptedCommands(script: CommandScript): Commands & { readonly ran: (readonly string[])[] } {
  const ran: (readonly string[])[] = [];
  return {
    ran,
    run: async (argv) => {
      ran.push(argv);
      const line = argv.join(' ');
      const known = Object.keys(script.answers).find((prefix) => line.startsWith(prefix));
      if (known === undefined) throw missing(argv[0] ?? '');
      return { exitCode: 0, stdout: script.answers[known] ?? '', stderr: '' };
    },
    stream: (argv, options) => {
      ran.push(argv);
      const out = new PassThrough();
      const { output = '', exitCode = 0, lastLines = [] } = script.stream ?? {};
      out.write(output);
      if (exitCode === 0) out.end();
      else setImmediate(() => out.destroy(options?.failure(exitCode, lastLines)));
      return out;
    },
  };
}

const missing = (program: string) =>
  new ApictlError({ code: 'COMMAND_MISSING', exitCode: 5, message: `${program} is missing` });
