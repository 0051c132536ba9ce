import type { Command } from 'commander';
import { withExamples } from '../examples.ts';
import { notEmpty, waitLockOption, wholeNumber } from '../options.ts';
import type { Register } from '../program.ts';

const withPassphrase = (command: Command): Command =>
  command.option(
    '--passphrase-file <file>',
    'file with the passphrase (default: asked for, or standard input)',
    notEmpty,
  );

/** What opens a backup. */
const withOpener = (command: Command): Command =>
  withPassphrase(command).option('--identity <file>', 'age identity that it was sealed for', notEmpty);

export const registerBackup: Register = (program, run) => {
  const backup = withExamples(
    program.command('backup').description('the whole stack’s state in one sealed file'),
    ['apictl backup create', 'save what is running, while it serves'],
    ['apictl backup ls', 'what there is'],
  );
  withExamples(
    withPassphrase(backup.command('create'))
      .description('save the running stack, sealed with a passphrase or for age recipients')
      .option(
        '--recipient <age1...>',
        'seal for this age recipient; several times for several (default: backup.recipients)',
        (text: string, earlier: readonly string[] | undefined) => [...(earlier ?? []), text],
      )
      .addOption(waitLockOption())
      .action(run(async () => (await import('../actions/backup.ts')).backupCreate)),
    ['apictl backup create', 'asks for a passphrase'],
    ['pass show apictl | apictl backup create', 'takes it from a password manager'],
    ['apictl backup create --recipient age1...', 'needs no secret to be made'],
  );
  withExamples(
    backup
      .command('ls')
      .description('every backup in the folder: when, of what, whether it was verified')
      .action(run(async () => (await import('../actions/backup.ts')).backupLs)),
    ['apictl backup ls', 'what there is'],
  );
  withExamples(
    withOpener(backup.command('verify <file>'))
      .description('restore it for real, in a project of its own, and compare; nothing of it stays')
      .action(run(async () => (await import('../actions/backup.ts')).backupVerify)),
    ['apictl backup verify shop-20261126T150412Z-7.apictl', 'a name that "backup ls" shows'],
  );
};

export const registerRestore: Register = (program, run) =>
  withExamples(
    withOpener(program.command('restore <file>'))
      .description('put a backup in the place of an empty project, and bring it up')
      .option('--replace', 'also where something is: that is saved first')
      .option('--no-save', 'with --replace: give up what is there')
      .option('--timeout <seconds>', 'for each start of services', wholeNumber(1), 600)
      .addOption(waitLockOption())
      .action(run(async () => (await import('../actions/restore.ts')).restoreAction)),
    [
      'apictl restore backups/shop-20261126T150412Z-7.apictl',
      'after "apictl down --volumes", or on a new machine',
    ],
    ['apictl restore FILE --replace', 'in the place of what runs'],
  );
