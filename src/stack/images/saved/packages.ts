import * as z from 'zod';

/** The npm packages of a clone, by the two files in which npm keeps them: what is wanted, and what is installed. Pure. */

export interface NpmPackage {
  /** As `@scope/name@1.2.3`. */
  readonly id: string;
  /** As the lock has it: `sha512-` and the hash of its tarball in Base64. */
  readonly integrity: string;
}

const lockSchema = z.object({
  packages: z.record(
    z.string(),
    z.object({
      name: z.string().optional(),
      version: z.string().optional(),
      integrity: z
        .string()
        .regex(/^sha512-[A-Za-z0-9+/]{86}==$/)
        .optional(),
      optional: z.boolean().optional(),
    }),
  ),
});

/** What a lock file, or npm's record of what it has installed, takes from a registry; each once, sorted. */
export const packagesOf = (lock: string): readonly NpmPackage[] => packagesWhere(lock, () => true);

/** What the lock names for every machine and is not among these. */
export function notInstalled(lock: string, installed: readonly NpmPackage[]): readonly NpmPackage[] {
  const present = new Set(installed.map(({ integrity }) => integrity));
  return packagesWhere(lock, ({ optional }) => optional !== true).filter(
    ({ integrity }) => !present.has(integrity),
  );
}

type Entry = z.output<typeof lockSchema>['packages'][string];

function packagesWhere(lock: string, isMeant: (entry: Entry) => boolean): readonly NpmPackage[] {
  const { packages } = lockSchema.parse(JSON.parse(lock));
  const found = Object.entries(packages).flatMap(([path, entry]) => {
    const { name = path.slice(path.lastIndexOf(FOLDER) + FOLDER.length), version, integrity } = entry;
    return integrity === undefined || version === undefined || !isMeant(entry)
      ? []
      : [{ id: `${name}@${version}`, integrity }];
  });
  return [...new Map(found.map((one) => [one.id, one])).values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

const FOLDER = 'node_modules/';
