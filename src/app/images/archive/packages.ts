import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { pack } from 'tar-stream';
import { step } from '../../../core/events.ts';
import { otherPackages, packagesMissing, packagesNotInstalled } from '../../../stack/images/saved/errors.ts';
import { type NpmPackage, notInstalled, packagesOf } from '../../../stack/images/saved/packages.ts';
import type { World } from '../../world.ts';

export interface PackageTarballs {
  readonly count: number;
  /** All of them, as their registry gives them, in one tar stream. */
  readonly tar: () => AsyncIterable<Uint8Array>;
}

/**
 * The npm packages that this clone is built with on this kind of machine; null where apictl was installed and needs none.
 * @throws ApictlError NPM_PACKAGES_MISSING (5) where what is installed is not what the lock names
 */
export async function packagesOfClone({
  files,
  packageRoot,
}: Pick<World, 'files' | 'packageRoot'>): Promise<readonly NpmPackage[] | null> {
  const read = async (path: string) => (await files.read(join(packageRoot, path)))?.toString('utf8');
  const lock = await read('package-lock.json');
  if (lock === undefined) return null;
  const record = await read('node_modules/.package-lock.json');
  if (record === undefined) throw packagesNotInstalled([]);
  const installed = packagesOf(record);
  const lacking = notInstalled(lock, installed);
  if (lacking.length > 0) throw packagesNotInstalled(lacking.map(({ id }) => id));
  return installed;
}

/**
 * Lets npm put these packages into a folder, from its cache or the registry that it is set up for, and holds them against
 * the lock's hashes.
 * @param folder absolute path of a folder that is the caller's to remove
 * @throws ApictlError NPM_PACKAGES_MISSING, COMMAND_MISSING (5)
 */
export async function fetchPackages(
  world: Pick<World, 'files' | 'commands' | 'clock' | 'emit' | 'signal'>,
  packages: readonly NpmPackage[],
  folder: string,
): Promise<PackageTarballs> {
  const { files, commands, clock, emit, signal } = world;
  return step(emit, `fetch ${packages.length} npm packages`, clock.now, async () => {
    await files.makeFolder(folder, 0o700);
    const flags = ['--pack-destination', folder, '--prefer-offline', '--ignore-scripts', '--loglevel=error'];
    const { exitCode, stderr } = await commands.run(
      ['npm', 'pack', ...flags, ...packages.map(({ id }) => id)],
      {
        signal,
      },
    );
    if (exitCode !== 0) throw packagesMissing(stderr.trim().split('\n').slice(-5));
    const paths = await tarballsByHash(world, folder);
    const other = packages.filter(({ integrity }) => !paths.has(integrity));
    if (other.length > 0) throw otherPackages(other.map(({ id }) => id));
    return { count: packages.length, tar: () => tarOf(world, packages, paths) };
  });
}

/** SHA-512 in the lock's own writing -> the path of the tarball that has it. */
async function tarballsByHash(
  { files }: Pick<World, 'files'>,
  folder: string,
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const name of await files.list(folder)) {
    const bytes = await files.read(join(folder, name));
    if (bytes === null) continue;
    found.set(`sha512-${createHash('sha512').update(bytes).digest('base64')}`, join(folder, name));
  }
  return found;
}

async function* tarOf(
  { files }: Pick<World, 'files'>,
  packages: readonly NpmPackage[],
  paths: ReadonlyMap<string, string>,
): AsyncIterable<Uint8Array> {
  const tar = pack();
  const filled = (async () => {
    for (const [index, { integrity }] of packages.entries()) {
      const bytes = (await files.read(paths.get(integrity) ?? '')) ?? Buffer.alloc(0);
      // Names are for people; a reader goes by the hash.
      const name = `${index + 1}.tgz`;
      await new Promise<void>((resolve, reject) => {
        tar.entry({ name, mtime: new Date(0) }, bytes, (failure) => (failure ? reject(failure) : resolve()));
      });
    }
    tar.finalize();
  })();
  filled.catch((thrown: unknown) => tar.destroy(thrown as Error));
  yield* tar as AsyncIterable<Uint8Array>;
  await filled;
}
