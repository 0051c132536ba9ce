import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { OpenFile } from '../core/ports/backup-files.ts';
import type { Secret } from '../core/secret.ts';
import { damaged, hostile, wrongKey } from './errors.ts';
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
import { readManifest } from './manifest.ts';
import {
  CONTENTS_MEMBER,
  type Contents,
  contentsSchema,
  KEY_MEMBER,
  type Manifest,
  type Member,
  type PlainFacts,
} from './model.ts';
import { type Opener, opened, openKey } from './seal.ts';
import { describeHeader } from './tar-header.ts';

const READ_BYTES = 1024 * 1024;
/** What is in an archive of a thousand tables is some hundred kilobytes. */
const MOST_CONTENTS_BYTES = 256 * 1024 * 1024;

/**
 * An archive that was opened for reading, its manifest read and its length right.
 * @throws ApictlError BACKUP_DAMAGED, BACKUP_HOSTILE, BACKUP_UNFIT (64)
 */
export async function readArchive(file: OpenFile, path: string): Promise<Archive> {
  const head = await file.read(0, FIRST_MEMBER);
  if (head.length < FIRST_MEMBER) throw damaged(path, `it ends after ${head.length} bytes`);
  const manifest = readManifest(head.subarray(HEADER_BYTES), path);
  const header = head.subarray(0, HEADER_BYTES);
  if (!header.equals(await headerOf(MANIFEST_NAME, MANIFEST_BYTES, manifest.createdAt)))
    throw unexpected(path, header, MANIFEST_NAME);
  // The same facts in other words would be facts that nobody wrote.
  if (!head.subarray(HEADER_BYTES).equals(manifestText(manifest)))
    throw damaged(path, 'its manifest is not as it was written');
  checkNames(manifest, path);
  const expected = archiveBytes(manifest.members);
  if (file.sizeBytes !== expected)
    throw damaged(path, `it has ${file.sizeBytes} bytes, and ${expected} by its manifest`);
  return new Archive(file, path, manifest);
}

function checkNames({ members }: Manifest, path: string): void {
  const names = members.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw damaged(path, `${twice} is in it twice`);
  if (names[0] !== KEY_MEMBER || names.at(-1) !== CONTENTS_MEMBER)
    throw damaged(path, `it does not begin with ${KEY_MEMBER} and end with ${CONTENTS_MEMBER}`);
}

export class Archive {
  readonly path: string;
  readonly manifest: Manifest;
  readonly #file: OpenFile;
  readonly #starts: ReadonlyMap<string, number>;

  constructor(file: OpenFile, path: string, manifest: Manifest) {
    this.#file = file;
    this.path = path;
    this.manifest = manifest;
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
   * @throws ApictlError BACKUP_DAMAGED (64) naming the member; BACKUP_HOSTILE (64) for an entry that is no plain file
   */
  async check(onBytes?: (done: number) => void): Promise<void> {
    let done = 0;
    for (const member of this.manifest.members) {
      const start = this.#start(member.name);
      const header = await this.#file.read(start - HEADER_BYTES, HEADER_BYTES);
      if (!header.equals(await headerOf(member.name, member.bytes, this.manifest.createdAt)))
        throw unexpected(this.path, header, member.name);
      for await (const piece of this.#stored(member)) {
        done += piece.length;
        onBytes?.(done);
      }
      const padding = await this.#file.read(start + member.bytes, paddingOf(member.bytes));
      if (padding.some((byte) => byte !== 0))
        throw damaged(this.path, `behind ${member.name} lies something`);
    }
    const end = await this.#file.read(this.#file.sizeBytes - END_BYTES, END_BYTES);
    if (end.some((byte) => byte !== 0)) throw damaged(this.path, 'behind its last member lies something');
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
      for await (const piece of opened(this.#stored(this.#member(CONTENTS_MEMBER)), key)) {
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
      yield* opened(this.#stored(this.#member(name)), key);
    } catch (thrown) {
      throw damaged(this.path, `${name} cannot be unsealed`, thrown);
    }
  }

  /** A member as it lies there, its hash checked at its end. */
  async *#stored({ name, bytes, sha256 }: Member): AsyncIterable<Uint8Array> {
    const start = this.#start(name);
    const hash = createHash('sha256');
    for (let done = 0; done < bytes; ) {
      const piece = await this.#file.read(start + done, Math.min(READ_BYTES, bytes - done));
      if (piece.length === 0) throw damaged(this.path, `it ends within ${name}`);
      hash.update(piece);
      done += piece.length;
      yield piece;
    }
    if (hash.digest('hex') !== sha256)
      throw damaged(this.path, `${name} has another SHA-256 than its manifest says`);
  }

  async #whole(name: string): Promise<Uint8Array> {
    const pieces: Uint8Array[] = [];
    for await (const piece of this.#stored(this.#member(name))) pieces.push(piece);
    return Buffer.concat(pieces);
  }

  #member(name: string): Member {
    const member = this.manifest.members.find((one) => one.name === name);
    if (member === undefined) throw damaged(this.path, `${name} is missing`);
    return member;
  }

  #start(name: string): number {
    const start = this.#starts.get(name);
    if (start === undefined) throw damaged(this.path, `${name} is missing`);
    return start;
  }
}

export interface OpenArchive {
  readonly archive: Archive;
  readonly contents: Contents;
  /** A member as it was given to the archive. @throws ApictlError BACKUP_DAMAGED (64) at the piece that is not as it was */
  readonly read: (member: string) => AsyncIterable<Uint8Array>;
}

/** A header that is not what it must be: of an entry that no backup has, or damaged. */
function unexpected(path: string, header: Buffer, wanted: string) {
  const found = describeHeader(header);
  return found?.isHostile === true
    ? hostile(path, `${found.text} where ${wanted} should be`)
    : damaged(
        path,
        found === null ? `the header of ${wanted} is damaged` : `${found.text} where ${wanted} should be`,
      );
}
