import { basename } from 'node:path';
import type { ChalkInstance } from 'chalk';
import { createBackup } from '../../app/backup/create.ts';
import { listBackups } from '../../app/backup/list.ts';
import type { CreateResult, ListResult, VerifyResult } from '../../app/backup/model.ts';
import { verifyBackup } from '../../app/backup/verify.ts';
import type { Project } from '../../app/project/project.ts';
import { bytes } from '../../core/bytes.ts';
import { EXIT } from '../../core/errors.ts';
import { type Context, openProject, printResult } from '../context.ts';
import { age } from '../report/durations.ts';
import { table } from '../report/table.ts';
import { type KeyFlags, lockFor, openerFor } from './backup-key.ts';
import { loader } from './load-project.ts';

interface CreateFlags {
  readonly passphraseFile?: string;
  readonly recipient?: readonly string[];
  readonly waitLock: number;
}

export const backupCreate = async (context: Context, flags: CreateFlags) => {
  const project = await openProject(context);
  const lock = await lockFor(context, flags, project.config.backup.recipients);
  const result = await createBackup(context.world, project, { lock, waitLockSeconds: flags.waitLock });
  printResult(context, result, createdText);
  return EXIT.ok;
};

/** A backup on the way to something else: told as a note, because the result is another. */
export async function backupNow(context: Context, project: Project): Promise<void> {
  const lock = await lockFor(context, {}, project.config.backup.recipients);
  const { file, sizeBytes } = await createBackup(context.world, project, { lock, waitLockSeconds: 0 });
  context.emit({ type: 'note', text: `saved ${file} (${bytes(sizeBytes)})` });
}

function createdText(result: CreateResult, paint: ChalkInstance): string {
  const rows = result.databases.reduce((sum, database) => sum + database.rows, 0);
  return [
    `${paint.green('saved')} ${result.file} (${bytes(result.sizeBytes)})`,
    `  ${result.saved.join(', ')}; ${rows} rows`,
    ...result.leftOut.map(({ what, why }) => `${paint.yellow('!')} ${what}: ${why}`),
    ...result.removed.map((name) => paint.dim(`  removed ${name}, which was one too many`)),
    `  "apictl backup verify ${basename(result.file)}" proves that it can be restored`,
  ].join('\n');
}

export const backupLs = async (context: Context) => {
  const result = await listBackups(context.world, await openProject(context));
  const nowMs = context.world.clock.now();
  printResult(context, result, (found, paint) => listText(found, nowMs, paint));
  return EXIT.ok;
};

function listText({ folder, backups }: ListResult, nowMs: number, paint: ChalkInstance): string {
  if (backups.length === 0) return `there is no backup in ${folder}; "apictl backup create" makes one`;
  const since = (iso: string): string => age(Math.max(0, Math.floor((nowMs - Date.parse(iso)) / 1000)));
  return table(
    ['BACKUP', 'AGE', 'SIZE', 'IMAGES', 'POSTGRES', 'KEY', 'STATE'],
    backups.map((backup) => [
      backup.name,
      backup.createdAt === null ? '-' : since(backup.createdAt),
      bytes(backup.sizeBytes),
      backup.images ?? '-',
      backup.postgres ?? '-',
      backup.key ?? '-',
      stateOf(backup, since, paint),
    ]),
    paint,
  );
}

function stateOf(
  { problem, verifiedAt }: ListResult['backups'][number],
  since: (iso: string) => string,
  paint: ChalkInstance,
): string {
  if (problem !== null) return paint.red(problem);
  return verifiedAt === null ? 'not verified' : paint.green(`verified ${since(verifiedAt)} ago`);
}

export const backupVerify = async (context: Context, file: string, flags: KeyFlags) => {
  const result = await verifyBackup(context.world, loader(context), {
    file,
    opener: openerFor(context, flags),
  });
  printResult(context, result, verifiedText);
  return result.same ? EXIT.ok : EXIT.different;
};

function verifiedText({ file, same, checks, seconds }: VerifyResult, paint: ChalkInstance): string {
  return [
    ...checks.flatMap(({ what, how, differences }) => [
      `${differences.length === 0 ? paint.green('✓') : paint.red('✗')} ${what} ${paint.dim(how)}`,
      ...differences.map((line) => `    ${line}`),
    ]),
    same
      ? `${paint.green('verified')} ${file} after ${seconds.toFixed(1)} s`
      : `${paint.red('different')} ${file}: what comes back is not what was saved`,
  ].join('\n');
}
