import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { MemberReader, readHead } from '../core/archive/read.ts';
import type { OpenFile } from '../core/ports/archive-files.ts';
import type { Secret } from '../core/secret.ts';
import { damaged, hostile, wrongKey } from './errors.ts';
import { readManifest } from './manifest.ts';
import {
  CONTENTS_MEMBER,
  type Contents,
  contentsSchema,
  KEY_MEMBER,
  type Manifest,
  type PlainFacts,
} from './model.ts';
import { type Opener, opened, openKey } from './seal.ts';

/** What is in an archive of a thousand tables is some hundred kilobytes. */
const MOST_CONTENTS_BYTES = 256 * 1024 * 1024;
const FAILURES = { damaged, hostile };

/**
 * An archive that was opened for reading, its manifest read and its length right.
 * @throws ApictlError BACKUP_DAMAGED, BACKUP_HOSTILE, BACKUP_UNFIT (64)
 */
export async function readArchive(file: OpenFile, path: string): Promise<Archive> {
  const manifest = await readHead(file, path, readManifest, FAILURES);
  const names = manifest.members.map(({ name }) => name);
  if (names[0] !== KEY_MEMBER || names.at(-1) !== CONTENTS_MEMBER)
    throw damaged(path, `it does not begin with ${KEY_MEMBER} and end with ${CONTENTS_MEMBER}`);
  return new Archive(file, path, manifest);
}

export class Archive {
  readonly path: string;
  readonly manifest: Manifest;
  readonly #members: MemberReader;

  constructor(file: OpenFile, path: string, manifest: Manifest) {
    this.path = path;
    this.manifest = manifest;
    this.#members = new MemberReader(file, path, manifest, FAILURES);
  }

  /**
   * Reads every byte and holds it against the manifest.
   * @throws ApictlError BACKUP_DAMAGED (64) naming the member; BACKUP_HOSTILE (64) for an entry that is no plain file
   */
  check(): Promise<void> {
    return this.#members.check();
  }

  /**
   * The archive with its key. Asks for no more than the key and the contents.
   * @throws ApictlError BACKUP_KEY_WRONG (7); BACKUP_DAMAGED (64) where the manifest is not the one that was sealed
   */
  async open(opener: Opener): Promise<OpenArchive> {
    const { kind } = this.manifest.key;
    const key = await openKey(await this.#whole(KEY_MEMBER), opener);
    if (key === null) throw wrongKey(this.path, kind);
    const contents = await this.#contents(key);
    const { members, ...facts } = this.manifest;
    const others = members.filter(({ name }) => name !== CONTENTS_MEMBER);
    if (!isDeepStrictEqual(contents.manifest, { ...facts, members: others }))
      throw damaged(this.path, 'its manifest is not the one that was sealed with it');
    return { archive: this, contents, read: (name) => this.#plain(name, key, contents.plain) };
  }

  async #contents(key: Secret): Promise<Contents> {
    const pieces: Uint8Array[] = [];
    let bytes = 0;
    try {
      for await (const piece of opened(this.#members.stored(CONTENTS_MEMBER), key)) {
        bytes += piece.length;
        if (bytes > MOST_CONTENTS_BYTES) throw new Error('it is larger than any list of contents');
        pieces.push(piece);
      }
      return contentsSchema.parse(JSON.parse(Buffer.concat(pieces).toString('utf8')));
    } catch (thrown) {
      throw damaged(this.path, `${CONTENTS_MEMBER} cannot be read`, thrown);
    }
  }

  /** Unsealed, counted and held against what was sealed. */
  async *#plain(name: string, key: Secret, plain: readonly PlainFacts[]): AsyncIterable<Uint8Array> {
    const facts = plain.find(({ member }) => member === name);
    if (facts === undefined) throw damaged(this.path, `it says nothing of ${name}`);
    const hash = createHash('sha256');
    let bytes = 0;
    for await (const piece of this.#unsealed(name, key)) {
      bytes += piece.length;
      if (bytes > facts.bytes) throw damaged(this.path, `${name} is larger than it was`);
      hash.update(piece);
      yield piece;
    }
    if (bytes !== facts.bytes || hash.digest('hex') !== facts.sha256)
      throw damaged(this.path, `${name} is not what it was`);
  }

  async *#unsealed(name: string, key: Secret): AsyncIterable<Uint8Array> {
    try {
      yield* opened(this.#members.stored(name), key);
    } catch (thrown) {
      throw damaged(this.path, `${name} cannot be unsealed`, thrown);
    }
  }

  async #whole(name: string): Promise<Uint8Array> {
    const pieces: Uint8Array[] = [];
    for await (const piece of this.#members.stored(name)) pieces.push(piece);
    return Buffer.concat(pieces);
  }
}

export interface OpenArchive {
  readonly archive: Archive;
  readonly contents: Contents;
  /** A member as it was given to the archive. @throws ApictlError BACKUP_DAMAGED (64) at the piece that is not as it was */
  readonly read: (member: string) => AsyncIterable<Uint8Array>;
}
