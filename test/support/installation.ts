import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const CLONE = fileURLToPath(new URL('../..', import.meta.url));

/** An installation of apictl in a folder of its own: this clone's program with another stack. */
export interface Installation {
  readonly folder: string;
  /** What is run with Node.js. */
  readonly program: string;
  /** Writes or replaces files of the stack: path below the installation -> text. */
  write(files: Readonly<Record<string, string>>): Promise<void>;
  remove(): Promise<void>;
}

/** Installs the built program beside the given files, as `compose/fragments/database.yaml`. */
export async function install(files: Readonly<Record<string, string>>): Promise<Installation> {
  const folder = await mkdtemp(join(tmpdir(), 'apictl-installation-'));
  for (const part of ['bin', 'dist', 'package.json'])
    await cp(join(CLONE, part), join(folder, part), { recursive: true });
  await symlink(join(CLONE, 'node_modules'), join(folder, 'node_modules'));
  const write = async (texts: Readonly<Record<string, string>>): Promise<void> => {
    for (const [path, text] of Object.entries(texts)) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text);
    }
  };
  await write(files);
  return {
    folder,
    program: join(folder, 'bin', 'apictl.js'),
    write,
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
