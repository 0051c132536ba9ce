import type { Command } from 'commander';
import { EXIT } from '../../core/errors.ts';
import { completionScript, type Shell } from '../completion.ts';
import { type Context, printResult } from '../context.ts';

export const completionAction = (program: Command) => async (context: Context, shell: Shell) => {
  const script = completionScript(program, shell);
  printResult(context, { shell, script }, (result) => result.script.trimEnd());
  return EXIT.ok;
};
