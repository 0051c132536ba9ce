import { createHash } from 'node:crypto';
import type { NewFile } from '../core/ports/backup-files.ts';
import type { Secret } from '../core/secret.ts';
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
import {
  CONTENTS_MEMBER,
  type Contents,
  KEY_MEMBER,
  type Manifest,
  type Member,
  manifestSchema,
  type PlainFacts,
} from './model.ts';
import { type Lock, makeKey, sealed, sealKey } from './seal.ts';

/** Worth a system call. */
const WRITE_BYTES = 1024 * 1024;

/** Writes an archive, member by member. It has its final name, and can be read at all, only after `finish`. */
export class ArchiveWriter {
  readonly #file: NewFile;
  readonly #createdAt: string;
  readonly #key: Secret;
  readonly #members: Member[] = [];
  readonly #plain: PlainFacts[] = [];
  #position = FIRST_MEMBER;

  private constructor(file: NewFile, createdAt: string, key: Secret) {
    this.#file = file;
    this.#createdAt = createdAt;
    this.#key = key;
  }

  static async begin(file: NewFile, createdAt: string, lock: Lock): Promise<ArchiveWriter> {
    const key = await makeKey();
    const writer = new ArchiveWriter(file, createdAt, key);
    await writer.#write(KEY_MEMBER, [await sealKey(key, lock)]);
    return writer;
  }

  /** Seals what comes and writes it as it comes. */
  async add(name: string, source: AsyncIterable<Uint8Array>): Promise<Member> {
    const hash = createHash('sha256');
    let bytes = 0;
    const counted = async function* () {
      for await (const piece of source) {
        hash.update(piece);
        bytes += piece.length;
        yield piece;
      }
    };
    const member = await this.#write(name, sealed(counted(), this.#key));
    this.#plain.push({ member: name, bytes, sha256: hash.digest('hex') });
    return member;
  }

  /** Writes what is in it, and gives the file its name. */
  async finish(
    path: string,
    facts: Omit<Manifest, 'members' | 'createdAt'>,
    contents: Omit<Contents, 'manifest' | 'plain'>,
  ): Promise<Manifest> {
    const known = { ...facts, createdAt: this.#createdAt };
    const inside: Contents = {
      ...contents,
      manifest: { ...known, members: [...this.#members] },
      plain: [...this.#plain],
    };
    await this.#write(CONTENTS_MEMBER, sealed(once(JSON.stringify(inside)), this.#key));
    // In the order of the schema, as a reader writes it again to compare.
    const manifest = manifestSchema.parse({ ...known, members: this.#members });
    await this.#file.write(Buffer.alloc(END_BYTES), this.#position);
    await this.#file.write(await headerOf(MANIFEST_NAME, MANIFEST_BYTES, this.#createdAt), 0);
    await this.#file.write(manifestText(manifest), HEADER_BYTES);
    await this.#file.commit(path);
    return manifest;
  }

  /** The header comes last, because only then the size is known. */
  async #write(name: string, source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<Member> {
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
}

async function* once(text: string): AsyncIterable<Uint8Array> {
  yield Buffer.from(text);
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
