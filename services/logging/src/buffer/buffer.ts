/** The write-ahead buffer: takes events durably, hands them to the store in order, forgets them once stored. */
import { mkdir, unlink } from 'node:fs/promises';
import { PieceMemory } from '../piece-memory.ts';
import { ChunkMemory } from './chunk-memory.ts';
import { BufferFullError } from './errors.ts';
import { type Frames, framedBytes, layFrames, type Payload } from './frame.ts';
import { type Recovered, recoverSegments } from './recover.ts';
import { type BufferedRecord, type DamagedBytes, Stretch } from './stretch.ts';
import { realDisk, SegmentWriter, type WriterDisk, type WrittenSegment } from './writer.ts';

/** A stretch of the buffer in order: what it holds and what it should have held. */
export interface BufferBatch {
  readonly records: readonly BufferedRecord[];
  /** The store is complete up to here once this batch is in it. */
  readonly throughSequence: number;
  /** Numbers of this stretch that no readable record carries. */
  readonly missing: number;
  readonly damage: readonly DamagedBytes[];
  readonly cursor: Cursor;
}

interface Cursor {
  readonly segment: number;
  readonly offset: number;
}

/** One mark per second is enough to say how old the oldest waiting event is. */
const MARK_INTERVAL_MS = 1000;

export interface BufferOptions {
  readonly directory: string;
  readonly segmentBytes: number;
  readonly limitBytes: number;
  /** Last sequence number in the store, undefined for a new store. */
  readonly storedSequence: number | undefined;
  readonly onRecovered: (payload: Buffer) => void;
  readonly onSkipped: (count: number) => void;
  readonly disk?: WriterDisk;
  readonly nowMs?: () => number;
}

export class EventBuffer {
  readonly recovered: Recovered;
  readonly #limitBytes: number;
  readonly #writer: SegmentWriter;
  readonly #nowMs: () => number;
  readonly #memory = new ChunkMemory();
  readonly #pieces = new PieceMemory();
  #segments: WrittenSegment[];
  #cursorOffset = 0;
  #storedSequence: number;
  #marks: { readonly sequence: number; readonly atMs: number }[] = [];
  #wake: (() => void) | undefined;
  #notices = 1;
  #noticesSeen = 0;

  private constructor(options: BufferOptions, recovered: Recovered, storedSequence: number) {
    this.recovered = recovered;
    this.#limitBytes = options.limitBytes;
    this.#nowMs = options.nowMs ?? Date.now;
    this.#segments = [...recovered.segments];
    this.#storedSequence = storedSequence;
    if (this.#segments.length > 0) this.#mark(recovered.nextSequence - 1);
    this.#writer = new SegmentWriter({
      directory: options.directory,
      segmentBytes: options.segmentBytes,
      nextSequence: recovered.nextSequence,
      disk: options.disk ?? realDisk,
      onDurable: () => this.#notice(),
      onSegment: (segment) => this.#updateSegment(segment),
      onSkipped: options.onSkipped,
    });
  }

  /** Reads what an earlier run left; damaged stretches are kept for `peek` to report. */
  static async open(options: BufferOptions): Promise<EventBuffer> {
    await mkdir(options.directory, { recursive: true });
    const recovered = await recoverSegments(options.directory, options.storedSequence, options.onRecovered);
    return new EventBuffer(options, recovered, recovered.storedSequence);
  }

  get heldEvents(): number {
    return this.#writer.nextSequence - 1 - this.#storedSequence;
  }

  get heldBytes(): number {
    const onDisk = this.#segments.reduce((sum, segment) => sum + segment.durableBytes, 0);
    return onDisk - this.#cursorOffset + this.#writer.queuedBytes;
  }

  /** For how long, all in all, senders have been waiting for the disk; milliseconds. */
  get waitedMs(): number {
    return this.#writer.waitedMs;
  }

  get oldestAgeMs(): number {
    const oldest = this.#marks[0];
    return oldest === undefined ? 0 : Math.max(0, this.#nowMs() - oldest.atMs);
  }

  /**
   * Resolves once everything is on disk. The payloads are copied before it returns, and nothing waits with them for the disk: what
   * lies about for that long makes the collector work.
   * @throws BufferFullError, BufferDiskError, BufferClosedError: then nothing of it was taken
   */
  append(payloads: readonly Payload[]): Promise<void> {
    if (payloads.length === 0) return Promise.resolve();
    const bytes = framedBytes(payloads);
    if (this.heldBytes + bytes > this.#limitBytes)
      return Promise.reject(new BufferFullError(this.heldBytes, this.#limitBytes));
    return this.#appendFrames(layFrames(payloads, this.#pieces.take(bytes)));
  }

  async #appendFrames(frames: Frames): Promise<void> {
    try {
      await this.#writer.append(frames);
    } finally {
      this.#pieces.giveBack(frames.bytes);
    }
  }

  /** The next records in order, without forgetting them, until they are released; undefined when there is nothing to store. */
  async peek(maxRecords: number, maxBytes: number): Promise<BufferBatch | undefined> {
    this.#noticesSeen = this.#notices;
    // Of what was not released somebody may still hold a piece.
    this.#memory.forget();
    const stretch = new Stretch(this.#storedSequence, maxRecords, maxBytes, this.#memory);
    let cursor: Cursor = { segment: 0, offset: this.#cursorOffset };
    for (let index = 0; index < this.#segments.length && !stretch.isFull; index += 1) {
      const segment = this.#segments[index];
      if (segment === undefined) break;
      if (index > 0) {
        // Numbers between the last readable record and the next segment were lost with the damage.
        stretch.skipTo(segment.firstSequence - 1);
        cursor = { segment: index, offset: 0 };
      }
      cursor = { segment: index, offset: await stretch.read(segment, cursor.offset) };
    }
    if (this.#isEverythingRead(cursor)) stretch.skipTo(this.#writer.nextSequence - 1);
    const { records, damage, throughSequence } = stretch;
    const missing = throughSequence - this.#storedSequence - records.length;
    if (records.length === 0 && missing === 0 && damage.length === 0) return undefined;
    return { records, throughSequence, missing, damage, cursor };
  }

  /** Forgets what the store has committed, and uses its memory again; segments that are done are removed. */
  async release(batch: BufferBatch): Promise<void> {
    this.#memory.reclaim();
    this.#storedSequence = batch.throughSequence;
    this.#cursorOffset = batch.cursor.offset;
    const done = this.#segments.splice(0, batch.cursor.segment);
    const first = this.#segments[0];
    if (first?.isSealed === true && this.#cursorOffset >= first.durableBytes) {
      done.push(first);
      this.#segments.shift();
      this.#cursorOffset = 0;
    }
    while ((this.#marks[0]?.sequence ?? Number.POSITIVE_INFINITY) <= this.#storedSequence)
      this.#marks.shift();
    // A file that stays behind costs space only: the next start sees by its numbers that it is stored.
    for (const segment of done) await unlink(segment.path).catch(() => undefined);
  }

  /** Resolves when something was written since the last `peek` began, or when the signal fires. */
  async waitForRecords(signal: AbortSignal): Promise<void> {
    if (signal.aborted || this.#notices !== this.#noticesSeen) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        signal.removeEventListener('abort', done);
        this.#wake = undefined;
        resolve();
      };
      this.#wake = done;
      signal.addEventListener('abort', done);
    });
  }

  /** Writes what was handed over, then refuses everything. */
  async close(): Promise<void> {
    await this.#writer.close();
  }

  /** A group's bytes and its numbers are published together, so at the end of the bytes all numbers are accounted for. */
  #isEverythingRead(cursor: Cursor): boolean {
    const last = this.#segments.at(-1);
    if (last === undefined) return true;
    return cursor.segment === this.#segments.length - 1 && cursor.offset >= last.durableBytes;
  }

  #mark(sequence: number): void {
    const atMs = this.#nowMs();
    const last = this.#marks.at(-1);
    if (last !== undefined && atMs - last.atMs < MARK_INTERVAL_MS) {
      this.#marks[this.#marks.length - 1] = { sequence, atMs: last.atMs };
    } else {
      this.#marks.push({ sequence, atMs });
    }
  }

  #notice(): void {
    this.#mark(this.#writer.nextSequence - 1);
    this.#notices += 1;
    this.#wake?.();
  }

  #updateSegment(segment: WrittenSegment): void {
    const index = this.#segments.findIndex(({ path }) => path === segment.path);
    if (index < 0) this.#segments.push(segment);
    else this.#segments[index] = segment;
  }
}
