/** Appends to segments with group commit: what arrives during one fsync shares the next. */
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { BufferClosedError, BufferDiskError } from './errors.ts';
import { type Frames, numberFrames } from './frame.ts';
import { segmentPath, syncDirectory } from './segment-files.ts';

/** Keeps one group from holding up its acknowledgements for long. */
const MAX_GROUP_BYTES = 8 * 1024 * 1024;

/** Crashes before the first whole record, one after the other, that leave files of the same number behind. */
const MAX_ATTEMPTS = 999;

export interface Durable {
  readonly firstSequence: number;
  readonly count: number;
  readonly bytes: number;
}

interface Waiting {
  readonly frames: Frames;
  readonly resolve: (durable: Durable) => void;
  readonly reject: (error: Error) => void;
}

interface ActiveSegment {
  readonly handle: FileHandle;
  readonly path: string;
  readonly firstSequence: number;
  durableBytes: number;
}

/** What the reader may read: everything before `durableBytes` of each segment is on disk. */
export interface WrittenSegment {
  readonly path: string;
  readonly firstSequence: number;
  readonly durableBytes: number;
  readonly isSealed: boolean;
}

/** The disk as the writer uses it; tests put a failing one in its place. */
export interface WriterDisk {
  readonly open: (path: string) => Promise<FileHandle>;
  readonly unlink: (path: string) => Promise<void>;
  readonly syncDirectory: (directory: string) => Promise<void>;
}

export const realDisk: WriterDisk = { open: (path) => open(path, 'wx', 0o640), unlink, syncDirectory };

export class SegmentWriter {
  readonly #directory: string;
  readonly #segmentBytes: number;
  readonly #disk: WriterDisk;
  readonly #queue: Waiting[] = [];
  readonly #onDurable: () => void;
  readonly #onSegment: (segment: WrittenSegment) => void;
  readonly #onSkipped: (count: number) => void;
  #active: ActiveSegment | undefined;
  #nextSequence: number;
  #queuedBytes = 0;
  #isClosed = false;
  #loop: Promise<void> | undefined;
  #loopSinceMs = 0;
  #waitedMs = 0;

  constructor(options: {
    readonly directory: string;
    readonly segmentBytes: number;
    readonly nextSequence: number;
    readonly disk: WriterDisk;
    /** Called after each fsync, before the senders hear of it. */
    readonly onDurable: () => void;
    /** Called whenever a segment is created, grew durably, or was sealed. */
    readonly onSegment: (segment: WrittenSegment) => void;
    /** Called when numbers are left out, because a refused batch may or may not be on the disk under them. */
    readonly onSkipped: (count: number) => void;
  }) {
    this.#directory = options.directory;
    this.#segmentBytes = options.segmentBytes;
    this.#nextSequence = options.nextSequence;
    this.#disk = options.disk;
    this.#onDurable = options.onDurable;
    this.#onSegment = options.onSegment;
    this.#onSkipped = options.onSkipped;
  }

  /** Sequence number of the next record; everything below is durable. */
  get nextSequence(): number {
    return this.#nextSequence;
  }

  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  /** For how long, all in all, somebody has been waiting for the disk; milliseconds. */
  get waitedMs(): number {
    return this.#waitedMs + (this.#loop === undefined ? 0 : performance.now() - this.#loopSinceMs);
  }

  /**
   * Resolves after the records are on disk and fsynced.
   * @throws BufferDiskError, BufferClosedError
   */
  append(frames: Frames): Promise<Durable> {
    if (this.#isClosed) return Promise.reject(new BufferClosedError());
    return new Promise((resolve, reject) => {
      this.#queue.push({ frames, resolve, reject });
      this.#queuedBytes += frames.bytes.length;
      if (this.#loop !== undefined) return;
      this.#loopSinceMs = performance.now();
      this.#loop = this.#run();
    });
  }

  /** Writes what was already handed over, then closes. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#loop;
    await this.#seal();
  }

  async #run(): Promise<void> {
    // One turn of the event loop lets batches that were parsed together share the first fsync.
    await new Promise((resolve) => setImmediate(resolve));
    for (let group = this.#takeGroup(); group.length > 0; group = this.#takeGroup())
      await this.#commit(group);
    this.#waitedMs += performance.now() - this.#loopSinceMs;
    this.#loop = undefined;
  }

  #takeGroup(): Waiting[] {
    let count = 0;
    let bytes = 0;
    for (const waiting of this.#queue) {
      if (count > 0 && bytes + waiting.frames.bytes.length > MAX_GROUP_BYTES) break;
      count += 1;
      bytes += waiting.frames.bytes.length;
    }
    return this.#queue.splice(0, count);
  }

  async #commit(group: readonly Waiting[]): Promise<void> {
    const firstSequence = this.#nextSequence;
    let count = 0;
    for (const { frames } of group) {
      numberFrames(frames, firstSequence + count);
      count += frames.count;
    }
    try {
      const pieces = group.map(({ frames }) => frames.bytes);
      const segment = await this.#segmentFor(pieces.reduce((sum, piece) => sum + piece.length, 0));
      await writeDurably(segment, pieces);
      this.#nextSequence += count;
      this.#publish(segment, false);
    } catch (error) {
      await this.#abandon(count);
      this.#settle(group, (waiting) => waiting.reject(new BufferDiskError(error)));
      return;
    }
    this.#onDurable();
    let sequence = firstSequence;
    this.#settle(group, ({ frames, resolve }) => {
      resolve({ firstSequence: sequence, count: frames.count, bytes: frames.bytes.length });
      sequence += frames.count;
    });
  }

  #settle(group: readonly Waiting[], settle: (waiting: Waiting) => void): void {
    for (const waiting of group) {
      this.#queuedBytes -= waiting.frames.bytes.length;
      settle(waiting);
    }
  }

  async #segmentFor(bytes: number): Promise<ActiveSegment> {
    if (this.#active !== undefined) {
      const { durableBytes } = this.#active;
      if (durableBytes === 0 || durableBytes + bytes <= this.#segmentBytes) return this.#active;
      await this.#seal();
    }
    const firstSequence = this.#nextSequence;
    this.#active = { ...(await this.#create(firstSequence)), firstSequence, durableBytes: 0 };
    await this.#disk.syncDirectory(this.#directory);
    return this.#active;
  }

  async #create(firstSequence: number): Promise<{ readonly handle: FileHandle; readonly path: string }> {
    for (let attempt = 0; ; attempt += 1) {
      const path = segmentPath(this.#directory, firstSequence, attempt);
      try {
        return { handle: await this.#disk.open(path), path };
      } catch (error) {
        const isTaken = (error as NodeJS.ErrnoException).code === 'EEXIST';
        if (!isTaken || attempt >= MAX_ATTEMPTS) throw error;
      }
    }
  }

  #publish(segment: ActiveSegment, isSealed: boolean): void {
    const { path, firstSequence, durableBytes } = segment;
    this.#onSegment({ path, firstSequence, durableBytes, isSealed });
  }

  async #seal(): Promise<void> {
    const segment = this.#active;
    if (segment === undefined) return;
    this.#active = undefined;
    await segment.handle.close();
    this.#publish(segment, true);
  }

  /**
   * After a failed write or fsync nobody knows what the kernel kept, so nothing is written to that file again: it is
   * cut back to what is known to be durable and the next batch begins a new one.
   */
  async #abandon(refusedCount: number): Promise<void> {
    const segment = this.#active;
    if (segment === undefined) return;
    this.#active = undefined;
    const { handle, path, durableBytes } = segment;
    try {
      await handle.truncate(durableBytes);
      await handle.sync();
      if (durableBytes === 0) await this.#disk.unlink(path);
    } catch {
      // What was refused may still lie behind durableBytes; its numbers must not be given out a second time.
      this.#nextSequence += refusedCount;
      this.#onSkipped(refusedCount);
    }
    await handle.close().catch(() => undefined);
    if (durableBytes > 0) this.#publish(segment, true);
  }
}

async function writeDurably(segment: ActiveSegment, pieces: readonly Buffer[]): Promise<void> {
  let rest = [...pieces];
  let end = segment.durableBytes;
  while (rest.length > 0) {
    const { bytesWritten } = await segment.handle.writev(rest, end);
    end += bytesWritten;
    rest = unwritten(rest, bytesWritten);
  }
  await segment.handle.datasync();
  segment.durableBytes = end;
}

/** A write may take less than it was given. */
function unwritten(pieces: readonly Buffer[], written: number): Buffer[] {
  let skipped = written;
  return pieces.flatMap((piece) => {
    const taken = Math.min(skipped, piece.length);
    skipped -= taken;
    return taken === piece.length ? [] : [piece.subarray(taken)];
  });
}
