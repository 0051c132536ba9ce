import { createHash } from 'node:crypto';
import type { NewFile } from '../ports/archive-files.ts';
import {
  END_BYTES,
  FIRST_MEMBER,
  HEADER_BYTES,
  headerOf,
  MANIFEST_BYTES,
  MANIFEST_NAME,
  manifestText,
  paddingOf,
} from './layout.ts';
import type { ArchiveManifest, ArchiveMember } from './model.ts';

/** Worth a system call. */
const WRITE_BYTES = 1024 * 1024;

/** Writes the members of an archive as they come, and its manifest last. */
export class MemberWriter {
  readonly #file: NewFile;
  readonly #createdAt: string;
  readonly #members: ArchiveMember[] = [];
  #position = FIRST_MEMBER;

  constructor(file: NewFile, createdAt: string) {
    this.#file = file;
    this.#createdAt = createdAt;
  }

  get members(): readonly ArchiveMember[] {
    return this.#members;
  }

  /** The header comes last, because only then the size is known. */
  async write(
    name: string,
    source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  ): Promise<ArchiveMember> {
    const hash = createHash('sha256');
    const start = this.#position + HEADER_BYTES;
    let bytes = 0;
    for await (const piece of inPieces(source)) {
      hash.update(piece);
      await this.#file.write(piece, start + bytes);
      bytes += piece.length;
    }
    await this.#file.write(Buffer.alloc(paddingOf(bytes)), start + bytes);
    await this.#file.write(await headerOf(name, bytes, this.#createdAt), this.#position);
    this.#position = start + bytes + paddingOf(bytes);
    const member = { name, bytes, sha256: hash.digest('hex') };
    this.#members.push(member);
    return member;
  }

  /** Writes the manifest, which names all members, and gives the file its name. */
  async finish(path: string, manifest: ArchiveManifest): Promise<void> {
    await this.#file.write(Buffer.alloc(END_BYTES), this.#position);
    await this.#file.write(await headerOf(MANIFEST_NAME, MANIFEST_BYTES, this.#createdAt), 0);
    await this.#file.write(manifestText(manifest), HEADER_BYTES);
    await this.#file.commit(path);
  }
}

/** Small pieces put together. */
async function* inPieces(
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncIterable<Uint8Array> {
  let waiting: Uint8Array[] = [];
  let length = 0;
  for await (const piece of source) {
    waiting.push(piece);
    length += piece.length;
    if (length < WRITE_BYTES) continue;
    yield Buffer.concat(waiting);
    waiting = [];
    length = 0;
  }
  if (length > 0) yield Buffer.concat(waiting);
}
