import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { ApictlError, EXIT, messageOf, systemCodeOf } from '../core/errors.ts';
import type { BuildContexts, ContextFile, ContextOptions } from '../core/ports/build-contexts.ts';

/** What is read is held in memory twice, as files and as an archive. */
const MOST_BYTES = 256 * 1024 * 1024;

/** The BuildContexts port on the local disk. */
export const localBuildContexts: BuildContexts = { read: readContext };

async function readContext(folder: string, options: ContextOptions = {}): Promise<ContextFile[] | null> {
  try {
    const ignored = await ignoredOf(folder, options);
    const files: ContextFile[] = [];
    const total = { bytes: 0 };
    await walk(folder, '', ignored, async (path) => {
      files.push(await readOne(folder, path, total));
    });
    return files.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  } catch (thrown) {
    const code = systemCodeOf(thrown);
    if (thrown instanceof ApictlError) throw thrown;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw unreadable(folder, thrown);
  }
}

interface Ignored {
  readonly file: (path: string) => boolean;
  /** Whether nothing below a folder can be wanted, so that it need not be entered. */
  readonly folder: (path: string) => boolean;
}

async function ignoredOf(folder: string, { ignore = [], keep = [] }: ContextOptions): Promise<Ignored> {
  const text = await readFile(join(folder, '.dockerignore'), 'utf8').catch((thrown: unknown) => {
    if (systemCodeOf(thrown) === 'ENOENT') return '';
    throw thrown;
  });
  const patterns = [...text.split('\n'), ...ignore];
  // A CommonJS module that is its own default, which only its types take literally.
  const { default: dockerignore } = await import('@balena/dockerignore');
  const matcher = dockerignore.default({ ignorecase: false }).add([...patterns]);
  const kept = new Set(keep);
  // An exception may name a file below an ignored folder.
  const hasExceptions = patterns.some((pattern) => pattern.trim().startsWith('!'));
  return {
    file: (path) => !kept.has(path) && matcher.ignores(path),
    folder: (path) =>
      !hasExceptions && matcher.ignores(path) && ![...kept].some((one) => one.startsWith(`${path}/`)),
  };
}

async function walk(
  root: string,
  below: string,
  ignored: Ignored,
  found: (path: string) => Promise<void>,
): Promise<void> {
  for (const entry of await readdir(join(root, below), { withFileTypes: true })) {
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) {
      if (!ignored.folder(path)) await walk(root, path, ignored, found);
    } else if ((entry.isFile() || entry.isSymbolicLink()) && !ignored.file(path)) {
      // Sockets and pipes have no content to build from.
      await found(path);
    }
  }
}

async function readOne(root: string, path: string, total: { bytes: number }): Promise<ContextFile> {
  const absolute = join(root, path);
  const facts = await lstat(absolute);
  const mode = facts.mode & 0o777;
  if (facts.isSymbolicLink()) return { path, mode: 0o777, content: { linkTo: await readlink(absolute) } };
  total.bytes += facts.size;
  if (total.bytes > MOST_BYTES) throw tooLarge(root);
  return { path, mode, content: { bytes: await readFile(absolute) } };
}

const tooLarge = (folder: string) =>
  new ApictlError({
    code: 'BUILD_CONTEXT_TOO_LARGE',
    exitCode: EXIT.usage,
    message: `the build context ${folder} is larger than ${MOST_BYTES / 1024 / 1024} MiB`,
    object: folder,
    hint: `List what the image does not need in ${join(folder, '.dockerignore')}, as node_modules or .git.`,
  });

const unreadable = (folder: string, thrown: unknown) =>
  new ApictlError({
    code: 'FILE_UNUSABLE',
    exitCode: EXIT.machine,
    message: `the build context ${folder} cannot be read: ${messageOf(thrown)}`,
    object: folder,
    hint: 'Check the owner and mode of what it names.',
    cause: thrown,
  });
