import { createHash } from 'node:crypto';
import { MemberWriter } from '../core/archive/write.ts';
import type { NewFile } from '../core/ports/archive-files.ts';
import type { Secret } from '../core/secret.ts';
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

/** Writes an archive, member by member. It has its final name, and can be read at all, only after `finish`. */
export class ArchiveWriter {
  readonly #members: MemberWriter;
  readonly #createdAt: string;
  readonly #key: Secret;
  readonly #plain: PlainFacts[] = [];

  private constructor(file: NewFile, createdAt: string, key: Secret) {
    this.#members = new MemberWriter(file, createdAt);
    this.#createdAt = createdAt;
    this.#key = key;
  }

  static async begin(file: NewFile, createdAt: string, lock: Lock): Promise<ArchiveWriter> {
    const key = await makeKey();
    const writer = new ArchiveWriter(file, createdAt, key);
    await writer.#members.write(KEY_MEMBER, [await sealKey(key, lock)]);
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
    const member = await this.#members.write(name, sealed(counted(), this.#key));
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
      manifest: { ...known, members: [...this.#members.members] },
      plain: [...this.#plain],
    };
    await this.#members.write(CONTENTS_MEMBER, sealed(once(JSON.stringify(inside)), this.#key));
    // In the order of the schema, as a reader writes it again to compare.
    const manifest = manifestSchema.parse({ ...known, members: this.#members.members });
    await this.#members.finish(path, manifest);
    return manifest;
  }
}

async function* once(text: string): AsyncIterable<Uint8Array> {
  yield Buffer.from(text);
}
