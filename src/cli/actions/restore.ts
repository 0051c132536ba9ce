import type { ChalkInstance } from 'chalk';
import type { RestoreResult } from '../../app/backup/model.ts';
import { restore } from '../../app/backup/restore.ts';
import { ApictlError, EXIT } from '../../core/errors.ts';
import { type Context, printResult } from '../context.ts';
import { type KeyFlags, openerFor } from './backup-key.ts';
import { loader } from './load-project.ts';

interface Flags extends KeyFlags {
  readonly replace?: boolean;
  /** Commander's form of `--no-save`. */
  readonly save: boolean;
  readonly timeout: number;
  readonly waitLock: number;
}

export const restoreAction = async (context: Context, file: string, flags: Flags) => {
  if (!flags.save && flags.replace !== true) throw nothingToGiveUp();
  const result = await restore(context.world, loader(context), {
    file,
    opener: openerFor(context, flags),
    replace: flags.replace === true,
    save: flags.save,
    timeoutSeconds: flags.timeout,
    waitLockSeconds: flags.waitLock,
  });
  printResult(context, result, restoredText);
  return EXIT.ok;
};

function restoredText(result: RestoreResult, paint: ChalkInstance): string {
  const rows = result.databases.reduce((sum, database) => sum + database.rows, 0);
  return [
    ...(result.savedAs === null ? [] : [`what was there is saved in ${result.savedAs}`]),
    `${paint.green('restored')} ${result.restored.join(', ')}; ${rows} rows, all as they were on ${result.createdAt}`,
    '',
    ...Object.entries(result.urls).map(([name, url]) => `${name.padEnd(14)} ${url}`),
    '',
    `${paint.green(result.state)} after ${result.seconds.toFixed(1)} s`,
  ].join('\n');
}

const nothingToGiveUp = () =>
  new ApictlError({
    code: 'OPTION_CONFLICT',
    exitCode: EXIT.usage,
    message: '--no-save is for --replace: without that a restore goes into an empty project only',
    object: '--no-save',
    hint: 'Leave it out, or give up what is there with "--replace --no-save".',
  });
