/** One followed file: known by its inode and the beginning of its first line, whatever it is called. */
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { type Line, readLines, readRest } from './lines.ts';
import type { LogFileName } from './names.ts';

const FINGERPRINT_BYTES = 1024;

/** Where an earlier run stopped. */
export interface KnownPosition {
  readonly generation: number;
  readonly end: number;
}

export type PositionLookup = (key: string) => KnownPosition | undefined;

/**
 * Inode numbers are given out again after a deletion, first lines of logs carry a time: together they name a file
 * across restarts. The device's number is left out because it changes with a reboot.
 */
function keyOf(directory: string, inode: number, head: Buffer): string {
  return `${directory}|${inode}|${createHash('sha1').update(head).digest('hex').slice(0, 16)}`;
}

export class FileTail {
  readonly directory: string;
  readonly inode: number;
  readonly #handle: FileHandle;
  readonly #known: PositionLookup;
  name: LogFileName;
  path: string;
  /** No name leads to it any more. */
  isNameless = false;
  #key: string | undefined;
  #head: Buffer = Buffer.alloc(0);
  #generation = 0;
  #offset = 0;
  #searchedTo = 0;
  #sizeSeen = 0;
  #modifiedMs = 0;

  private constructor(
    handle: FileHandle,
    place: {
      readonly directory: string;
      readonly path: string;
      readonly name: LogFileName;
      readonly inode: number;
    },
    known: PositionLookup,
  ) {
    this.#handle = handle;
    this.#known = known;
    this.directory = place.directory;
    this.path = place.path;
    this.name = place.name;
    this.inode = place.inode;
  }

  /** undefined when the name no longer leads to that inode. Links, pipes and devices are never opened for reading. */
  static async open(
    place: {
      readonly directory: string;
      readonly path: string;
      readonly name: LogFileName;
      readonly inode: number;
    },
    known: PositionLookup,
  ): Promise<FileTail | undefined> {
    const handle = await open(place.path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const stat = await handle.stat();
    if (stat.isFile() && stat.ino === place.inode) return new FileTail(handle, place, known);
    await handle.close();
    return undefined;
  }

  /** undefined until the first line is complete: an unfinished beginning could still become any file. */
  get key(): string | undefined {
    return this.#key;
  }
  get generation(): number {
    return this.#generation;
  }
  get offset(): number {
    return this.#offset;
  }
  get sizeBytes(): number {
    return this.#sizeSeen;
  }
  get modifiedMs(): number {
    return this.#modifiedMs;
  }
  get isReadToEnd(): boolean {
    return this.#offset >= this.#sizeSeen;
  }

  /**
   * The next complete lines; empty when there are none. The offset stays until `advance`.
   * `wasTruncated` says that the file had been cut or written anew.
   */
  async read(
    maxLineBytes: number,
  ): Promise<{ readonly lines: readonly Line[]; readonly wasTruncated: boolean }> {
    const { size, mtimeMs } = await this.#handle.stat();
    const grew = size !== this.#sizeSeen || mtimeMs !== this.#modifiedMs;
    this.#sizeSeen = size;
    this.#modifiedMs = mtimeMs;
    if (size === 0 && this.#offset === 0) return { lines: [], wasTruncated: false };
    const wasTruncated = grew && (await this.#noticeTruncation(size));
    if (this.#key === undefined) await this.#identify(size);
    if (this.#key === undefined || size <= this.#offset) return { lines: [], wasTruncated };
    const { lines, searchedTo } = await readLines(
      this.#handle,
      this.#offset,
      size,
      maxLineBytes,
      this.#searchedTo,
    );
    this.#searchedTo = searchedTo;
    return { lines, wasTruncated };
  }

  /** The unfinished last line of a file that nobody writes to any more. */
  async readRest(): Promise<Line | undefined> {
    if (this.#key === undefined) this.#adopt(await this.#readHead(this.#sizeSeen));
    return this.#offset >= this.#sizeSeen ? undefined : readRest(this.#handle, this.#offset, this.#sizeSeen);
  }

  /** Everything before `end` is durable elsewhere. */
  advance(end: number): void {
    this.#offset = end;
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }

  async #noticeTruncation(size: number): Promise<boolean> {
    if (this.#key === undefined) return false;
    const isShorter = size < this.#offset;
    if (!isShorter && (await this.#readHead(this.#head.length)).equals(this.#head)) return false;
    // The next generation: the same offsets now mean other lines.
    this.#generation += 1;
    this.#offset = 0;
    this.#searchedTo = 0;
    const head = await this.#readHead(size);
    const newline = head.indexOf(10);
    if (newline < 0 && head.length < FINGERPRINT_BYTES) this.#key = undefined;
    else this.#rename(newline < 0 ? head : head.subarray(0, newline));
    return true;
  }

  async #readHead(limit: number): Promise<Buffer> {
    const bytes = Buffer.alloc(Math.min(limit, FINGERPRINT_BYTES));
    const { bytesRead } = await this.#handle.read(bytes, 0, bytes.length, 0);
    return bytes.subarray(0, bytesRead);
  }

  async #identify(size: number): Promise<void> {
    const head = await this.#readHead(size);
    const newline = head.indexOf(10);
    if (newline < 0 && head.length < FINGERPRINT_BYTES) return;
    this.#adopt(newline < 0 ? head : head.subarray(0, newline));
  }

  #rename(head: Buffer): void {
    this.#head = head;
    this.#key = keyOf(this.directory, this.inode, head);
  }

  /** Takes up an earlier run's work where it stopped, unless the file has become shorter since. */
  #adopt(head: Buffer): void {
    const isFirstTime = this.#head.length === 0;
    this.#rename(head);
    const known = this.#known(this.#key ?? '');
    if (known === undefined) return;
    if (isFirstTime && known.end <= this.#sizeSeen) {
      this.#generation = known.generation;
      this.#offset = known.end;
      this.#searchedTo = known.end;
    } else {
      this.#generation = Math.max(this.#generation, known.generation + 1);
    }
  }
}
