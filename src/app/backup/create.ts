import { join } from 'node:path';
import type { Contents, Manifest } from '../../backup/model.ts';
import { FORMAT } from '../../backup/model.ts';
import { backupName, isBackupName, unfinishedName, verifiedName } from '../../backup/names.ts';
import { surplus } from '../../backup/retention.ts';
import type { Lock } from '../../backup/seal.ts';
import { packTree } from '../../backup/tree.ts';
import { ArchiveWriter } from '../../backup/write-archive.ts';
import { FLAVOURS } from '../../config/choices.ts';
import { ApictlError, EXIT } from '../../core/errors.ts';
import { step } from '../../core/events.ts';
import { orInterruption } from '../../core/interruption.ts';
import type { ContainerSummary } from '../../core/ports/engine.ts';
import { FLAVOUR_LABEL } from '../../stack/render/labels.ts';
import { alertmanagerOf } from '../alerts/doors.ts';
import type { Project } from '../project/project.ts';
import { withLock } from '../project/session.ts';
import { versionOf } from '../version.ts';
import type { World } from '../world.ts';
import { postgresFacts, saveDatabases } from './database.ts';
import { backupFolder, clearUnfinished, findBackups } from './folder.ts';
import { kongText, kongVersion } from './kong.ts';
import { refuseIncomplete } from './marker.ts';
import type { CreateOptions, CreateResult } from './model.ts';
import {
  CONFIGURATION_MEMBER,
  configurationPaths,
  fileEntries,
  SECRETS_MEMBER,
  secretPaths,
} from './project-files.ts';
import { letGo, saveTrees } from './trees.ts';

/**
 * Saves the running stack's state in one sealed archive. It goes on serving meanwhile.
 * @throws ApictlError BACKUP_NEEDS_STACK (4), RESTORE_INCOMPLETE (3), DISK_FULL (8), DUMP_FAILED (5)
 */
export function createBackup(world: World, project: Project, options: CreateOptions): Promise<CreateResult> {
  const lock = { command: 'backup create', waitSeconds: options.waitLockSeconds };
  return withLock(world, project, lock, async () => {
    refuseIncomplete(await world.engine.volumes(project.config.project), project);
    return createLocked(world, project, options.lock);
  }).catch((thrown: unknown) => {
    throw orInterruption(thrown, world.signal, {
      message: 'interrupted; no backup was made, older ones are as they were',
      hint: 'Run "apictl backup create" again.',
    });
  });
}

/** The same for whoever holds the project's lock already. */
export async function createLocked(world: World, project: Project, lock: Lock): Promise<CreateResult> {
  const folder = backupFolder(project);
  await clearUnfinished(world, folder);
  const containers = await world.engine.containers(project.config.project);
  await letGo(world, containers);
  const postgres = running(containers, 'postgres');
  if (postgres === undefined) throw needsStack(project);

  const createdAt = new Date(world.clock.now()).toISOString();
  const sequence = await nextSequence(world, folder);
  const name = backupName(project.config.project, createdAt, sequence);
  const path = join(folder, name);
  const file = await world.archiveFiles.create(join(folder, unfinishedName(name)));
  try {
    const writer = await ArchiveWriter.begin(file, createdAt, lock);
    const saved = await saveAll(world, project, containers, postgres, writer);
    const { contents, facts, leftOut } = saved;
    const manifest = await writer.finish(
      path,
      { ...facts, format: FORMAT, project: project.config.project, sequence, key: keyFacts(lock), leftOut },
      contents,
    );
    return {
      file: path,
      sizeBytes: (await world.files.stat(path))?.sizeBytes ?? 0,
      sequence,
      createdAt,
      databases: databaseFacts(contents),
      saved: savedNames(contents, manifest),
      leftOut,
      removed: await removeSurplus(world, project, folder),
    };
  } catch (thrown) {
    await file.discard();
    throw thrown;
  }
}

export const running = (
  containers: readonly ContainerSummary[],
  service: string,
): ContainerSummary | undefined =>
  containers.find((container) => container.service === service && container.state === 'running');

export const databaseFacts = ({ databases }: Pick<Contents, 'databases'>): CreateResult['databases'] =>
  databases.map(({ name, tables }) => ({
    name,
    tables: tables.length,
    rows: tables.reduce((sum, { rows }) => sum + rows, 0),
  }));

/** What is in it, for people. */
export const savedNames = (
  contents: Omit<Contents, 'manifest' | 'plain'>,
  { kong }: Pick<Manifest, 'kong'>,
): string[] => [
  'postgres',
  ...(kong === null ? [] : ['kong']),
  ...contents.trees.map(({ service }) => service),
  ...(contents.silences.length === 0 ? [] : [`${contents.silences.length} silences`]),
  'configuration',
  'secrets',
];

const keyFacts = (lock: Lock): Manifest['key'] => ({
  kind: lock.kind,
  recipients: lock.kind === 'recipients' ? lock.recipients.length : 0,
});

async function saveAll(
  world: World,
  project: Project,
  containers: readonly ContainerSummary[],
  postgres: ContainerSummary,
  writer: ArchiveWriter,
): Promise<{
  readonly contents: Omit<Contents, 'manifest' | 'plain'>;
  readonly facts: Pick<Manifest, 'apictl' | 'flavour' | 'postgres' | 'kong'>;
  readonly leftOut: Manifest['leftOut'];
}> {
  const leftOut: Manifest['leftOut'] = [];
  const hasKong = running(containers, 'kong') !== undefined;
  if (!hasKong) leftOut.push({ what: 'kong', why: 'it does not run, so nobody could say its version' });
  const kong = hasKong ? { version: await kongVersion(world, project) } : null;
  const text = () => (hasKong ? kongText(world, project, project.config.project) : null);

  const before = await text();
  const databases = await saveDatabases(world, postgres.id, writer);
  const isUnchanged = before === (await text());
  if (!isUnchanged) {
    leftOut.push({
      what: 'Kong’s state as text',
      why: 'it was changed meanwhile; the database has it, and "backup verify" does not compare it',
    });
  }
  const { trees, snapshot, skipped } = await saveTrees(world, project, containers, writer);
  leftOut.push(...skipped);
  const silences =
    running(containers, 'alertmanager') === undefined
      ? []
      : await step(world.emit, 'save silences', world.clock.now, () =>
          alertmanagerOf(world, project).keptSilences(),
        );
  const files: Contents['files'] = [];
  for (const [member, paths] of [
    [CONFIGURATION_MEMBER, await configurationPaths(world, project)],
    [SECRETS_MEMBER, await secretPaths(world, project)],
  ] as const) {
    const packed = packTree(fileEntries(world, project.root, paths));
    await writer.add(member, packed.bytes);
    files.push({ member, ...packed.size() });
  }
  return {
    contents: { ...databases, trees, files, silences, snapshot, kong: isUnchanged ? before : null },
    facts: {
      apictl: await versionOf(world),
      flavour: flavourOf(postgres),
      postgres: await postgresFacts(world, postgres.id),
      kong,
    },
    leftOut,
  };
}

const flavourOf = ({ labels }: ContainerSummary): Manifest['flavour'] =>
  FLAVOURS.find((flavour) => flavour === labels[FLAVOUR_LABEL]) ?? 'embedded';

/** One more than the highest of the folder, whatever project and date that is of. */
async function nextSequence({ files }: World, folder: string): Promise<number> {
  const names = (await files.list(folder)).filter(isBackupName);
  return names.reduce((most, name) => Math.max(most, Number(/-(\d+)\.apictl$/.exec(name)?.[1] ?? 0)), 0) + 1;
}

/** Only whole backups of this project count, and only they go. */
async function removeSurplus(world: World, project: Project, folder: string): Promise<string[]> {
  const found = (await findBackups(world, folder)).flatMap(({ name, manifest, verifiedAt }) =>
    manifest?.project === project.config.project
      ? [{ name, sequence: manifest.sequence, isVerified: verifiedAt !== null }]
      : [],
  );
  const names = surplus(found, project.config.backup.keep).map(({ name }) => name);
  for (const name of names) {
    await world.files.remove(join(folder, name));
    await world.files.remove(join(folder, verifiedName(name)));
  }
  return names;
}

const needsStack = ({ config }: Project): ApictlError =>
  new ApictlError({
    code: 'BACKUP_NEEDS_STACK',
    exitCode: EXIT.unhealthy,
    message: 'postgres does not run, and a backup is made of what runs',
    object: `project ${config.project}`,
    hint: 'Run "apictl up" first.',
  });
