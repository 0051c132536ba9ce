import { parseManifest } from '../core/archive/manifest.ts';
import { damaged, hostile, unfit } from './errors.ts';
import { FORMAT, type Manifest, manifestSchema } from './model.ts';

/**
 * The manifest in the bytes at the beginning of an archive.
 * @throws ApictlError BACKUP_UNFIT (64) for one of a newer apictl, BACKUP_DAMAGED (64) for what is no manifest
 */
export const readManifest = (bytes: Buffer, path: string): Manifest =>
  parseManifest(bytes, path, {
    schema: manifestSchema,
    format: FORMAT,
    failures: { damaged, hostile, unfit },
  });

/** What a target must be for a backup to be restored there. */
export interface Target {
  readonly project: string;
  readonly flavour: Manifest['flavour'];
  readonly postgresMajor: number;
  /** Null where it cannot be told before it runs. */
  readonly kongVersion: string | null;
}

/** @throws ApictlError BACKUP_UNFIT (64) with both sides */
export function refuseUnfit(manifest: Manifest, target: Target, path: string): void {
  if (manifest.project !== target.project) {
    throw unfit(
      path,
      `it is a backup of the project "${manifest.project}", and this is "${target.project}"`,
      `Restore it in the folder of that project, or with --project ${manifest.project} in an empty folder.`,
    );
  }
  if (manifest.flavour !== target.flavour) {
    throw unfit(
      path,
      `it was made with ${manifest.flavour} images, and this project runs ${target.flavour} ones`,
      `Set "images: ${manifest.flavour}" in apictl.yaml, or leave that out.`,
    );
  }
  if (manifest.postgres.major !== target.postgresMajor) {
    throw unfit(
      path,
      `it was made with PostgreSQL ${manifest.postgres.version}, and PostgreSQL ${target.postgresMajor} would run here`,
      `Set "versions.postgres" to a tag of PostgreSQL ${manifest.postgres.major} in apictl.yaml, as it was when the backup was made.`,
    );
  }
  const { kong } = manifest;
  if (kong !== null && target.kongVersion !== null && isNewer(kong.version, target.kongVersion)) {
    throw unfit(
      path,
      `its database is of Kong ${kong.version}, and the older Kong ${target.kongVersion} would run here`,
      `Set "versions.kong" to ${kong.version} or newer in apictl.yaml.`,
    );
  }
}

/** Whether `a` has a higher major or minor number; the rest of a version changes no tables. */
function isNewer(a: string, b: string): boolean {
  const [majorA = 0, minorA = 0] = a.split('.').map(Number);
  const [majorB = 0, minorB = 0] = b.split('.').map(Number);
  return majorA > majorB || (majorA === majorB && minorA > minorB);
}
