import { basename, join, resolve } from 'node:path';
import { refuseUnfit } from '../../backup/manifest.ts';
import { halfBlocks } from '../../backup/metrics-blocks.ts';
import type { Contents, PackedTree } from '../../backup/model.ts';
import { type OpenArchive, readArchive } from '../../backup/read-archive.ts';
import type { Opener } from '../../backup/seal.ts';
import { type TreeEntry, unpackTree } from '../../backup/tree.ts';
import { bytes } from '../../core/bytes.ts';
import { ApictlError, EXIT } from '../../core/errors.ts';
import { step } from '../../core/events.ts';
import type { OpenFile } from '../../core/ports/archive-files.ts';
import { EMBEDDED_POSTGRES_MAJOR } from '../../stack/images/recipes.ts';
import { isHere } from '../preflight/preflight.ts';
import type { Project } from '../project/project.ts';
import type { World } from '../world.ts';
import { backupFolder } from './folder.ts';
import type { AskOpener } from './model.ts';
import { type PlannedFile, plannedFiles } from './project-files.ts';

/** A backup of which every byte has been read and found to be what it was. */
export interface Inspected {
  readonly opened: OpenArchive;
  /** What opened it. */
  readonly opener: Opener;
  readonly files: readonly PlannedFile[];
  /** What would come out of a saved folder, again. */
  readonly unpack: (tree: Contents['trees'][number]) => AsyncIterable<TreeEntry>;
}

/**
 * Reads all of a backup and refuses it for anything that is not as it must be. Touches nothing.
 * @param root of the project that its files would be written to
 * @throws ApictlError BACKUP_MISSING, BACKUP_DAMAGED, BACKUP_HOSTILE, BACKUP_UNFIT (64), BACKUP_KEY_WRONG (7), DISK_LOW (8)
 */
export async function inspect(
  world: World,
  file: OpenFile,
  path: string,
  given: { readonly project: string; readonly root: string; readonly opener: AskOpener },
): Promise<Inspected> {
  const archive = await readArchive(file, path);
  // The nearest problem first: what is of another project needs no passphrase.
  const { project, flavour, postgres } = archive.manifest;
  refuseUnfit(
    archive.manifest,
    { project: given.project, flavour, postgresMajor: postgres.major, kongVersion: null },
    path,
  );
  await step(
    world.emit,
    `read all ${bytes(file.sizeBytes)} of the backup of ${project}`,
    world.clock.now,
    () => archive.check(),
  );
  const opener = await given.opener(archive.manifest.key.kind);
  const opened = await archive.open(opener);
  const { contents, read } = opened;
  const unpackAll = (tree: PackedTree) => unpackTree(read(tree.member), tree.member, path, tree);
  await refuseFullDisk(world, contents, path);
  const files: PlannedFile[] = [];
  for (const tree of contents.files)
    files.push(...(await plannedFiles(world, given.root, unpackAll(tree), tree.member, path)));
  const half = new Map<string, ReadonlySet<string>>();
  for (const tree of contents.trees) {
    const paths: string[] = [];
    for await (const { path: entry } of unpackAll(tree)) paths.push(entry);
    half.set(tree.member, tree.service === 'prometheus' ? halfBlocks(paths) : new Set());
  }
  const unpack = async function* (tree: Contents['trees'][number]) {
    const left = half.get(tree.member);
    for await (const entry of unpackAll(tree)) if (!left?.has(entry.path.split('/')[0] ?? '')) yield entry;
  };
  return { opened, opener, files, unpack };
}

/** @throws ApictlError BACKUP_UNFIT (64) where what the configuration wants cannot take this backup */
export function refuseOtherVersions({ opened }: Inspected, { config }: Project, path: string): void {
  const { manifest } = opened.archive;
  const flavour = config.images === 'auto' ? manifest.flavour : config.images;
  const isOfficial = flavour === 'official';
  refuseUnfit(
    manifest,
    {
      project: manifest.project,
      flavour,
      postgresMajor: Number.parseInt(isOfficial ? config.versions.postgres : EMBEDDED_POSTGRES_MAJOR, 10),
      kongVersion: isOfficial ? config.versions.kong : null,
    },
    path,
  );
}

/** What comes out of an archive is said in it; a small one can say a lot. */
async function refuseFullDisk(world: World, contents: Contents, path: string): Promise<void> {
  const { endpoint, dataFolder } = await world.engine.facts();
  if (!isHere(endpoint)) return;
  const wanted = [...contents.trees, ...contents.files].reduce((sum, tree) => sum + tree.bytes, 0);
  const disk = await world.files.disk(dataFolder);
  if (disk === null || wanted <= disk.freeBytes) return;
  throw new ApictlError({
    code: 'DISK_LOW',
    exitCode: EXIT.machine,
    message: `${bytes(wanted)} come out of ${path}, and ${disk.mountPoint} has ${bytes(disk.freeBytes)} left; nothing was touched`,
    object: disk.mountPoint,
    hint: 'Free some space there.',
  });
}

/**
 * Opens the file of a backup: a path, or the name of one that `backup ls` shows.
 * @throws ApictlError BACKUP_MISSING (64)
 */
export async function openBackup(
  world: Pick<World, 'archiveFiles' | 'files' | 'workingFolder'>,
  project: Project,
  file: string,
): Promise<{ readonly file: OpenFile; readonly path: string }> {
  const folder = backupFolder(project);
  const given = resolve(world.workingFolder, file);
  const candidates = [given, ...(basename(file) === file ? [join(folder, file)] : [])];
  const isFolder = async (path: string): Promise<boolean> =>
    (await world.files.stat(path))?.kind === 'folder';
  for (const path of candidates) {
    const opened = (await isFolder(path)) ? null : await world.archiveFiles.open(path);
    if (opened !== null) return { file: opened, path };
  }
  throw new ApictlError({
    code: 'BACKUP_MISSING',
    exitCode: EXIT.usage,
    message: (await isFolder(given)) ? `${given} is a folder, not a backup` : `there is no file ${given}`,
    object: given,
    hint: `Backups lie in ${folder}; "apictl backup ls" shows them, and their names alone are enough.`,
  });
}
