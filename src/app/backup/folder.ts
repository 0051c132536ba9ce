import { createHash } from 'node:crypto';
import { isAbsolute, join } from 'node:path';
import type { Manifest } from '../../backup/model.ts';
import { isBackupName, isUnfinishedName, verifiedName } from '../../backup/names.ts';
import { readArchive } from '../../backup/read-archive.ts';
import { ApictlError } from '../../core/errors.ts';
import type { Project } from '../project/project.ts';
import type { World } from '../world.ts';

/** The folder of backups: what lies in it, and what is known of each. */

export const backupFolder = ({ root, config }: Project): string =>
  isAbsolute(config.backup.folder) ? config.backup.folder : join(root, config.backup.folder);

export interface FoundBackup {
  readonly name: string;
  readonly path: string;
  readonly sizeBytes: number;
  /** Null where it cannot be read; `problem` says why. */
  readonly manifest: Manifest | null;
  readonly problem: string | null;
  /** When it was last restored into a scratch project and compared, RFC 3339; null for never. */
  readonly verifiedAt: string | null;
}

/** All backups of the folder, the newest first; of any project. */
export async function findBackups(
  world: Pick<World, 'files' | 'archiveFiles'>,
  folder: string,
): Promise<FoundBackup[]> {
  const names = (await world.files.list(folder)).filter(isBackupName);
  const found = await Promise.all(names.map((name) => findBackup(world, folder, name)));
  return found.sort((a, b) => (b.manifest?.sequence ?? 0) - (a.manifest?.sequence ?? 0));
}

async function findBackup(
  world: Pick<World, 'files' | 'archiveFiles'>,
  folder: string,
  name: string,
): Promise<FoundBackup> {
  const path = join(folder, name);
  const sizeBytes = (await world.files.stat(path))?.sizeBytes ?? 0;
  try {
    const manifest = await manifestAt(world, path);
    const note = await world.files.read(join(folder, verifiedName(name)));
    return { name, path, sizeBytes, manifest, problem: null, verifiedAt: verifiedAt(note, manifest) };
  } catch (thrown) {
    if (!(thrown instanceof ApictlError)) throw thrown;
    return { name, path, sizeBytes, manifest: null, problem: thrown.message, verifiedAt: null };
  }
}

async function manifestAt({ archiveFiles }: Pick<World, 'archiveFiles'>, path: string): Promise<Manifest> {
  const file = await archiveFiles.open(path);
  if (file === null) throw new Error(`${path} is gone`);
  try {
    return (await readArchive(file, path)).manifest;
  } finally {
    await file.close();
  }
}

/** The same for the same backup only: a note that lies beside another file of that name says nothing. */
export const manifestDigest = (manifest: Manifest): string =>
  createHash('sha256').update(JSON.stringify(manifest)).digest('hex');

function verifiedAt(note: Buffer | null, manifest: Manifest): string | null {
  if (note === null) return null;
  const [digest, at] = note.toString('utf8').trim().split(' ');
  return digest === manifestDigest(manifest) && at !== undefined ? at : null;
}

/** Notes beside a backup that it was restored and compared. */
export async function noteVerified(
  world: Pick<World, 'files' | 'clock'>,
  path: string,
  manifest: Manifest,
): Promise<string> {
  const at = new Date(world.clock.now()).toISOString();
  await world.files.write(verifiedName(path), `${manifestDigest(manifest)} ${at}\n`, 0o600);
  return at;
}

/** Removes what runs that were killed left behind. The lock of the project must be held. */
export async function clearUnfinished({ files }: Pick<World, 'files'>, folder: string): Promise<void> {
  for (const name of await files.list(folder))
    if (isUnfinishedName(name)) await files.remove(join(folder, name));
}
