import type { ChalkInstance } from 'chalk';
import { type InitResult, init } from '../../app/init.ts';
import { EXIT } from '../../core/errors.ts';
import { type Context, printResult } from '../context.ts';

export const initAction = async (context: Context, flags: { readonly kong?: boolean }) => {
  const { config, project } = context.globals;
  printResult(context, await init(context.world, { config, project, kong: flags.kong === true }), text);
  return EXIT.ok;
};

function text({ folder, written, kept }: InitResult, paint: ChalkInstance): string {
  return [
    ...written.map(({ path, what }) => `${paint.green('written')} ${path}: ${what}`),
    ...kept.map(({ path, why }) => `${paint.dim('kept')} ${path}: ${why}`),
    written.length === 0 ? `${folder} has it all; nothing was written` : 'Next: "apictl up"',
  ].join('\n');
}
