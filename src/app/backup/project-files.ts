import { basename, dirname, join, relative, sep } from 'node:path';
import { hostile } from '../../backup/errors.ts';
import type { TreeEntry } from '../../backup/tree.ts';
import { ApictlError, EXIT } from '../../core/errors.ts';
import { LOCK_FILE } from '../../stack/images/lock.ts';
import type { Project } from '../project/project.ts';
import { filesBelow } from '../render/rendered.ts';
import type { World } from '../world.ts';

/** The files of the project folder that a backup holds: what the user wrote, and what was generated and cannot be made again. */

export const CONFIGURATION_MEMBER = 'configuration.tar.gz.age';
export const SECRETS_MEMBER = 'secrets.tar.gz.age';

type Of = Pick<World, 'files'>;

/** Paths relative to the root of the user's own files. */
export async function configurationPaths({ files }: Of, { root, file, config }: Project): Promise<string[]> {
  const own = ['.env', 'compose.override.yaml', LOCK_FILE, 'kong', ...config.alerting.rules];
  const named = file === undefined ? 'apictl.yaml' : basename(file);
  const found = await Promise.all([named, ...own].map((path) => filesBelow(files, root, path)));
  return [...new Set(found.flat())].filter(isInside).sort();
}

/**
 * Paths relative to the root of secrets and certificates. Hidden ones are how they are replaced: the current one lies under its own
 * name too.
 */
export const secretPaths = async ({ files }: Of, { root }: Project): Promise<string[]> =>
  (await filesBelow(files, root, 'secrets'))
    .filter((path) => !path.split('/').some((part) => part.startsWith('.') && part !== '.gitignore'))
    .sort();

const isInside = (path: string): boolean => !path.startsWith('/') && !path.split('/').includes('..');

/** Files with the folders above them, so that these get their modes again. */
export async function* fileEntries(
  { files }: Of,
  root: string,
  paths: readonly string[],
): AsyncIterable<TreeEntry> {
  const folders = new Set<string>();
  for (const path of paths) {
    for (const folder of foldersAbove(path)) {
      if (folders.has(folder)) continue;
      folders.add(folder);
      yield await entryAt(files, root, folder, null);
    }
    const content = await files.read(join(root, path));
    if (content !== null) yield await entryAt(files, root, path, content);
  }
}

const foldersAbove = (path: string): string[] =>
  path
    .split('/')
    .slice(0, -1)
    .map((_, index, parts) => parts.slice(0, index + 1).join('/'));

async function entryAt(
  files: World['files'],
  root: string,
  path: string,
  content: Buffer | null,
): Promise<TreeEntry> {
  const facts = await files.stat(join(root, path));
  return {
    path,
    type: content === null ? 'folder' : 'file',
    mode: (facts?.mode ?? 0o600) & 0o777,
    uid: 0,
    gid: 0,
    modifiedMs: facts?.modifiedMs ?? 0,
    sizeBytes: content?.length ?? 0,
    content: (async function* () {
      if (content !== null) yield content;
    })(),
  };
}

/** A file of a backup, held against the project folder before anything is written. */
export interface PlannedFile {
  readonly path: string;
  readonly type: TreeEntry['type'];
  readonly mode: number;
  readonly content: Buffer;
  /** Whether something else lies there. */
  readonly differs: boolean;
}

/**
 * What of a backup's files would be written where.
 * @throws ApictlError BACKUP_HOSTILE (64) for a path that is none of ours
 */
export async function plannedFiles(
  { files }: Of,
  root: string,
  entries: AsyncIterable<TreeEntry>,
  member: string,
  archivePath: string,
): Promise<PlannedFile[]> {
  const planned: PlannedFile[] = [];
  for await (const { path, type, mode, content } of entries) {
    const isSecret = path === 'secrets' || path.startsWith('secrets/');
    if (isSecret !== (member === SECRETS_MEMBER) || path.startsWith('.apictl'))
      throw hostile(archivePath, `${member} has ${JSON.stringify(path)}, which is no place of its files`);
    const pieces: Uint8Array[] = [];
    if (type === 'file') for await (const piece of content) pieces.push(piece);
    const bytes = Buffer.concat(pieces);
    const there = type === 'file' ? await files.read(join(root, path)) : null;
    planned.push({ path, type, mode, content: bytes, differs: there !== null && !there.equals(bytes) });
  }
  return planned;
}

/** @throws ApictlError FILE_UNUSABLE (8) where a link of the project folder leads out of it */
export async function writeFiles(
  { files }: Of,
  root: string,
  planned: readonly PlannedFile[],
): Promise<void> {
  for (const { path, type, mode, content } of planned) {
    const absolute = join(root, path);
    await refuseOutside(files, root, dirname(absolute));
    if (type === 'folder') {
      await refuseOutside(files, root, absolute);
      await files.makeFolder(absolute, mode);
    } else await files.write(absolute, content, mode);
  }
}

async function refuseOutside(files: World['files'], root: string, folder: string): Promise<void> {
  const real = await files.realPath(folder);
  const inside = relative((await files.realPath(root)) ?? root, real ?? folder);
  if (real === null || !(inside === '..' || inside.startsWith(`..${sep}`))) return;
  throw new ApictlError({
    code: 'FILE_UNUSABLE',
    exitCode: EXIT.machine,
    message: `${folder} leads out of the project folder, so nothing is restored there`,
    object: folder,
    hint: 'Put a folder in the place of that link, and restore again.',
  });
}
