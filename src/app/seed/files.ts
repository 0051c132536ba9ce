import { isUtf8 } from 'node:buffer';
import { basename, extname, join, resolve } from 'node:path';
import { ApictlError, EXIT, messageOf } from '../../core/errors.ts';
import type { Files } from '../../core/ports/files.ts';
import type { SourceFile } from '../../kong/format/read.ts';
import type { Project } from '../project/project.ts';
import type { World } from '../world.ts';

const DECLARATIONS = ['.yaml', '.yml', '.json'];

const PACKAGED = 'kong/kong.yaml (packaged)';

/**
 * The texts of the declared state: of the given files and of every declaration in the given folders, else of `kong/kong.yaml`,
 * else of the packaged one. A folder `kong` with something else in it has a file that is missing or misnamed.
 *
 * @throws ApictlError SEED_FILE_MISSING, SEED_FILE_UNREADABLE (64).
 */
export async function declaredFiles(
  world: Pick<World, 'files' | 'packageRoot' | 'workingFolder'>,
  project: Pick<Project, 'root'>,
  given: readonly string[],
): Promise<readonly SourceFile[]> {
  if (given.length > 0) {
    // What is named twice says nothing new the second time.
    const places = new Map(given.map((path) => [resolve(world.workingFolder, path), path]));
    const found = await Promise.all([...places].map(([path, shown]) => filesAt(world.files, shown, path)));
    return found.flat();
  }
  const folder = join(project.root, 'kong');
  const own = join(folder, 'kong.yaml');
  if ((await world.files.stat(own)) !== null) return [await textOf(world.files, 'kong/kong.yaml', own)];
  await refuseMisnamed(world.files, folder);
  const packaged = join(world.packageRoot, 'kong', 'kong.yaml');
  return [await textOf(world.files, PACKAGED, packaged)];
}

/** Whether nobody wrote a file: what is declared is what every project begins with. */
export const isPackaged = (files: readonly SourceFile[]): boolean =>
  files.some(({ path }) => path === PACKAGED);

/** Taken for no file at all, the routes of `kong.yml` would be deleted in favour of the packaged ones. */
async function refuseMisnamed(files: Files, folder: string): Promise<void> {
  if ((await files.stat(folder))?.kind !== 'folder') return;
  const names = (await files.list(folder)).filter((name) => !name.startsWith('.')).sort();
  const [only] = names;
  if (only === undefined) return;
  const rename = names.length === 1 ? `Rename it ("mv kong/${only} kong/kong.yaml")` : 'Rename the right one';
  throw new ApictlError({
    code: 'SEED_FILE_MISSING',
    exitCode: EXIT.usage,
    message: `there is no kong/kong.yaml, but kong/ holds ${names.join(', ')}`,
    object: 'kong/kong.yaml',
    hint: `Nothing was changed. ${rename}, or name the declared state with "apictl seed --file".`,
  });
}

async function filesAt(files: Files, shown: string, path: string): Promise<readonly SourceFile[]> {
  const facts = await files.stat(path).catch((thrown: unknown) => {
    throw unreadable(shown, thrown);
  });
  if (facts === null) throw missing(shown, `there is no file ${shown}`);
  if (facts.kind !== 'folder') return [await textOf(files, shown, path)];
  const found = await inFolder(files, shown, path);
  if (found.length === 0)
    throw missing(shown, `there is no ${DECLARATIONS.join(', ')} file in the folder ${shown}`);
  return found;
}

/** Folders below are read too; what starts with a dot is none of ours. */
async function inFolder(files: Files, shown: string, path: string): Promise<readonly SourceFile[]> {
  const names = (await files.list(path)).filter((name) => !basename(name).startsWith('.'));
  const found = await Promise.all(
    names.map(async (name) => {
      const at = join(path, name);
      const facts = await files.stat(at);
      if (facts?.kind === 'folder') return inFolder(files, join(shown, name), at);
      return DECLARATIONS.includes(extname(name)) ? [await textOf(files, join(shown, name), at)] : [];
    }),
  );
  return found.flat();
}

async function textOf(files: Files, shown: string, path: string): Promise<SourceFile> {
  const bytes = await files.read(path).catch((thrown: unknown) => {
    throw unreadable(shown, thrown);
  });
  if (bytes === null) throw missing(shown, `there is no file ${shown}`);
  if (!isUtf8(bytes)) throw notText(shown, bytes);
  return { path: shown, text: bytes.toString('utf8') };
}

/** Read all the same, names would come to Kong with other characters than somebody wrote. */
function notText(object: string, bytes: Buffer): ApictlError {
  let line = 1;
  for (let begin = 0; begin < bytes.length; line += 1) {
    const end = bytes.indexOf(0x0a, begin);
    const next = end === -1 ? bytes.length : end + 1;
    if (!isUtf8(bytes.subarray(begin, next))) break;
    begin = next;
  }
  return new ApictlError({
    code: 'SEED_FILE_UNREADABLE',
    exitCode: EXIT.usage,
    message: `${object}:${line}: this is no text in UTF-8`,
    object,
    hint: 'Nothing was changed. Save the file as UTF-8, or give the right one.',
  });
}

const missing = (object: string, message: string): ApictlError =>
  new ApictlError({
    code: 'SEED_FILE_MISSING',
    exitCode: EXIT.usage,
    message,
    object,
    hint: 'A missing file never means "delete everything"; nothing was changed.',
  });

const unreadable = (object: string, thrown: unknown): ApictlError =>
  new ApictlError({
    code: 'SEED_FILE_UNREADABLE',
    exitCode: EXIT.usage,
    message: `${object} cannot be read: ${messageOf(thrown)}`,
    object,
    hint: 'A file that cannot be read never means "delete everything"; nothing was changed.',
    cause: thrown,
  });
