import { createHash } from 'node:crypto';
import type { OpenFile } from '../ports/archive-files.ts';
import {
  archiveBytes,
  END_BYTES,
  FIRST_MEMBER,
  HEADER_BYTES,
  headerOf,
  MANIFEST_BYTES,
  MANIFEST_NAME,
  manifestText,
  paddingOf,
} from './layout.ts';
import type { ArchiveFailures, ArchiveManifest, ArchiveMember } from './model.ts';
import { describeHeader } from './tar-header.ts';

const READ_BYTES = 1024 * 1024;

/**
 * The manifest of an archive that was opened for reading; it is as it was written, and the file as long as it says.
 * @param read the manifest in the bytes at the beginning
 * @throws ApictlError of `failures` and of `read`
 */
export async function readHead<M extends ArchiveManifest>(
  file: OpenFile,
  path: string,
  read: (bytes: Buffer, path: string) => M,
  failures: ArchiveFailures,
): Promise<M> {
  const { damaged } = failures;
  const head = await file.read(0, FIRST_MEMBER);
  if (head.length < FIRST_MEMBER) throw damaged(path, `it ends after ${head.length} bytes`);
  const manifest = read(head.subarray(HEADER_BYTES), path);
  const header = head.subarray(0, HEADER_BYTES);
  if (!header.equals(await headerOf(MANIFEST_NAME, MANIFEST_BYTES, manifest.createdAt)))
    throw unexpected(failures, path, header, MANIFEST_NAME);
  // The same facts in other words would be facts that nobody wrote.
  if (!head.subarray(HEADER_BYTES).equals(manifestText(manifest)))
    throw damaged(path, 'its manifest is not as it was written');
  const names = manifest.members.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw damaged(path, `${twice} is in it twice`);
  const expected = archiveBytes(manifest.members);
  if (file.sizeBytes !== expected)
    throw damaged(path, `it has ${file.sizeBytes} bytes, and ${expected} by its manifest`);
  return manifest;
}

/** The members of an archive, by its manifest. */
export class MemberReader {
  readonly #file: OpenFile;
  readonly #path: string;
  readonly #manifest: ArchiveManifest;
  readonly #failures: ArchiveFailures;
  readonly #starts: ReadonlyMap<string, number>;

  constructor(file: OpenFile, path: string, manifest: ArchiveManifest, failures: ArchiveFailures) {
    this.#file = file;
    this.#path = path;
    this.#manifest = manifest;
    this.#failures = failures;
    let position = FIRST_MEMBER;
    this.#starts = new Map(
      manifest.members.map(({ name, bytes }) => {
        const start = position + HEADER_BYTES;
        position = start + bytes + paddingOf(bytes);
        return [name, start];
      }),
    );
  }

  /**
   * Reads every byte and holds it against the manifest.
   * @param look reads a member to its end, where its hash is checked
   * @throws ApictlError damaged, naming the member; hostile for an entry that is no plain file
   */
  async check(
    look: (bytes: AsyncIterable<Uint8Array>, member: ArchiveMember) => Promise<void> = readAll,
  ): Promise<void> {
    const { damaged } = this.#failures;
    for (const member of this.#manifest.members) {
      const start = this.#start(member.name);
      const header = await this.#file.read(start - HEADER_BYTES, HEADER_BYTES);
      if (!header.equals(await headerOf(member.name, member.bytes, this.#manifest.createdAt)))
        throw unexpected(this.#failures, this.#path, header, member.name);
      await look(this.stored(member.name), member);
      const padding = await this.#file.read(start + member.bytes, paddingOf(member.bytes));
      if (padding.some((byte) => byte !== 0))
        throw damaged(this.#path, `behind ${member.name} lies something`);
    }
    const end = await this.#file.read(this.#file.sizeBytes - END_BYTES, END_BYTES);
    if (end.some((byte) => byte !== 0)) throw damaged(this.#path, 'behind its last member lies something');
  }

  /** A member as it lies there. @throws ApictlError damaged, at its end, where its hash is another */
  async *stored(name: string): AsyncIterable<Uint8Array> {
    const { damaged } = this.#failures;
    const { bytes, sha256 } = this.#member(name);
    const start = this.#start(name);
    const hash = createHash('sha256');
    for (let done = 0; done < bytes; ) {
      const piece = await this.#file.read(start + done, Math.min(READ_BYTES, bytes - done));
      if (piece.length === 0) throw damaged(this.#path, `it ends within ${name}`);
      hash.update(piece);
      done += piece.length;
      yield piece;
    }
    if (hash.digest('hex') !== sha256)
      throw damaged(this.#path, `${name} has another SHA-256 than its manifest says`);
  }

  #member(name: string): ArchiveMember {
    const member = this.#manifest.members.find((one) => one.name === name);
    if (member === undefined) throw this.#failures.damaged(this.#path, `${name} is missing`);
    return member;
  }

  #start(name: string): number {
    const start = this.#starts.get(name);
    if (start === undefined) throw this.#failures.damaged(this.#path, `${name} is missing`);
    return start;
  }
}

async function readAll(bytes: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const _piece of bytes);
}

/** A header that is not what it must be: of an entry that no archive of ours has, or damaged. */
function unexpected(failures: ArchiveFailures, path: string, header: Buffer, wanted: string) {
  const found = describeHeader(header);
  if (found === null) return failures.damaged(path, `the header of ${wanted} is damaged`);
  const why = `${found.text} where ${wanted} should be`;
  return found.isHostile ? failures.hostile(path, why) : failures.damaged(path, why);
}
