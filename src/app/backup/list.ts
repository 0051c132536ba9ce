import type { Project } from '../project/project.ts';
import type { World } from '../world.ts';
import { backupFolder, findBackups } from './folder.ts';
import type { ListResult } from './model.ts';

/** The backups of the folder, the newest first. Reads only the beginning of each. */
export async function listBackups(
  world: Pick<World, 'files' | 'archiveFiles'>,
  project: Project,
): Promise<ListResult> {
  const folder = backupFolder(project);
  const found = await findBackups(world, folder);
  return {
    folder,
    backups: found.map(({ name, sizeBytes, manifest, verifiedAt, problem }) => ({
      name,
      project: manifest?.project ?? null,
      createdAt: manifest?.createdAt ?? null,
      sizeBytes,
      sequence: manifest?.sequence ?? null,
      images: manifest?.flavour ?? null,
      postgres: manifest?.postgres.version ?? null,
      kong: manifest?.kong?.version ?? null,
      key: manifest?.key.kind ?? null,
      verifiedAt,
      problem,
    })),
  };
}
