import { constants } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import packlist from 'npm-packlist';

const CLONE = fileURLToPath(new URL('../..', import.meta.url));

/** A folder of somebody who has installed the package, as npm would have put it there. */
export interface PackageUser {
  readonly folder: string;
  /** Where the package lies. */
  readonly installed: string;
  /** The command, as npm links it. */
  readonly program: string;
  remove(): Promise<void>;
}

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly bin: { readonly apictl: string };
}

/**
 * Puts what the package of the built clone holds below `node_modules` of a folder of its own. Of the clone's packages only those are there that
 * the package says it depends on, so that one that is not said is missed.
 */
export async function installPackage(): Promise<PackageUser> {
  const folder = await mkdtemp(join(tmpdir(), 'apictl-package-'));
  const modules = join(folder, 'node_modules');
  const installed = join(modules, 'apictl');
  await mkdir(installed, { recursive: true });
  await execa(process.execPath, [join(CLONE, 'scripts/types.mjs')]);
  // npm's own list of what it packs: to compress the packaged services takes half a minute. The clone is built already; building
  // again would take the files from under other tests.
  const manifest = JSON.parse(await readFile(join(CLONE, 'package.json'), 'utf8')) as Manifest;
  const tree = { path: CLONE, package: manifest, isProjectRoot: true, edgesOut: new Map() };
  for (const path of await packlist(tree)) {
    await mkdir(dirname(join(installed, path)), { recursive: true });
    await copyFile(join(CLONE, path), join(installed, path), constants.COPYFILE_FICLONE);
  }
  for (const name of Object.keys(manifest.dependencies)) {
    await mkdir(dirname(join(modules, name)), { recursive: true });
    await symlink(join(CLONE, 'node_modules', name), join(modules, name));
  }
  return {
    folder,
    installed,
    program: join(installed, manifest.bin.apictl),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** The first block of this language in a page of docs/. */
export async function exampleOf(page: string, language: string): Promise<string> {
  const text = await readFile(join(CLONE, 'docs', page), 'utf8');
  const code = new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'ms').exec(text)?.[1];
  if (code === undefined) throw new Error(`docs/${page} has no example in ${language}`);
  return code;
}
