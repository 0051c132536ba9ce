import { basename, dirname, join, resolve } from 'node:path';
import { unfinishedName } from '../../../backup/names.ts';
import { packTree, type TreeEntry } from '../../../backup/tree.ts';
import { ApictlError, EXIT } from '../../../core/errors.ts';
import { interruption } from '../../../core/interruption.ts';
import type { Redaction } from '../../../secrets/redaction.ts';
import type { Project } from '../../project/project.ts';
import { versionOf } from '../../version.ts';
import type { World } from '../../world.ts';
import { projectRedaction } from './known-secrets.ts';
import type { BundleResult, Part } from './model.ts';
import { parts } from './parts.ts';

const FOLDER = 'apictl-support';

type Found = Pick<BundleResult, 'contents' | 'missing' | 'findings'>;

/**
 * Writes an archive for whoever is to help: what there is, with every secret masked. It needs no engine and changes nothing.
 * @throws ApictlError BUNDLE_EXISTS, BUNDLE_FOLDER_MISSING (64), FILE_UNUSABLE, DISK_FULL (8), INTERRUPTED (130, 143); then there is no archive
 */
export async function writeBundle(world: World, project: Project, file: string): Promise<BundleResult> {
  const path = resolve(world.workingFolder, file);
  if ((await world.files.stat(path)) !== null) throw alreadyThere(path);
  const folder = dirname(path);
  if ((await world.files.stat(folder))?.kind !== 'folder') throw noFolder(folder);
  const redaction = await projectRedaction(world, project);
  // Two runs at the same time, and what a killed one has left, are not in each other's way.
  const id = Buffer.from(world.random.bytes(4)).toString('hex');
  const unfinished = join(folder, unfinishedName(`${basename(path)}.${id}`));
  const archive = await world.archiveFiles.create(unfinished);
  try {
    const found: Found = { contents: [], missing: [], findings: 0 };
    let position = 0;
    for await (const piece of packTree(entries(world, project, redaction, found)).bytes) {
      await archive.write(piece, position);
      position += piece.length;
    }
    await archive.commit(path);
    return { file: path, sizeBytes: position, ...found };
  } catch (thrown) {
    await archive.discard();
    throw thrown;
  }
}

/** The files of the archive, masked, and last of all the manifest, which says what is in it and what is not. */
async function* entries(
  world: World,
  project: Project,
  redaction: Redaction,
  found: Found,
): AsyncIterable<TreeEntry> {
  const nowMs = world.clock.now();
  const all = parts(world, project, (checks) => {
    found.findings = checks.filter(({ ok }) => !ok).length;
  });
  for await (const part of untilAborted(all, world.signal)) {
    if (part.kind === 'missing') {
      found.missing.push({ what: redaction.text(part.what), why: redaction.text(part.why) });
      continue;
    }
    const content = Buffer.from(
      part.kind === 'text' ? redaction.text(part.text) : json(redaction.document(part.document)),
    );
    found.contents.push({ path: part.path, what: redaction.text(part.what), sizeBytes: content.length });
    yield entry(part.path, content, nowMs);
  }
  const manifest = {
    format: 1,
    createdAt: new Date(nowMs).toISOString(),
    apictl: await versionOf(world),
    project: project.config.project,
    masked: 'Secrets, private keys and credentials in headers are replaced by [secret].',
    contents: found.contents,
    missing: found.missing,
  };
  yield entry('manifest.json', Buffer.from(json(manifest)), nowMs);
}

/** An interruption is not kept waiting by an engine that does not answer. */
async function* untilAborted(all: AsyncIterable<Part>, signal: AbortSignal): AsyncIterable<Part> {
  const iterator = all[Symbol.asyncIterator]();
  const aborted = new Promise<never>((_, reject) => {
    const stop = () =>
      reject(
        interruption(signal, {
          message: 'interrupted; no archive was written',
          hint: 'Run "apictl doctor --bundle FILE" again.',
        }),
      );
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
  aborted.catch(() => {});
  for (;;) {
    const next = await Promise.race([iterator.next(), aborted]);
    if (next.done === true) return;
    yield next.value;
  }
}

const entry = (path: string, content: Buffer, modifiedMs: number): TreeEntry => ({
  path: `${FOLDER}/${path}`,
  type: 'file',
  mode: 0o600,
  uid: 0,
  gid: 0,
  modifiedMs,
  sizeBytes: content.length,
  content: (async function* () {
    yield content;
  })(),
});

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

const alreadyThere = (path: string): ApictlError =>
  new ApictlError({
    code: 'BUNDLE_EXISTS',
    exitCode: EXIT.usage,
    message: `${path} is there already`,
    object: path,
    hint: 'Give another name, or remove it; nothing was written.',
  });

const noFolder = (folder: string): ApictlError =>
  new ApictlError({
    code: 'BUNDLE_FOLDER_MISSING',
    exitCode: EXIT.usage,
    message: `there is no folder ${folder}`,
    object: folder,
    hint: 'Make it, or give another place; nothing was written.',
  });
