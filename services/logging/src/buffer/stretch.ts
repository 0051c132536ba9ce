/** Collects the next records of one or more segments up to a limit. */
import { type FileHandle, open } from 'node:fs/promises';
import type { ChunkMemory } from './chunk-memory.ts';
import { scanFrames } from './scan.ts';
import type { WrittenSegment } from './writer.ts';

export interface BufferedRecord {
  readonly sequence: number;
  readonly payload: Buffer;
}

export interface DamagedBytes {
  readonly path: string;
  readonly from: number;
  readonly end: number;
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

export class Stretch {
  readonly records: BufferedRecord[] = [];
  readonly damage: DamagedBytes[] = [];
  readonly #maxRecords: number;
  readonly #maxBytes: number;
  readonly #memory: ChunkMemory;
  #bytes = 0;
  #throughSequence: number;

  constructor(storedSequence: number, maxRecords: number, maxBytes: number, memory: ChunkMemory) {
    this.#throughSequence = storedSequence;
    this.#maxRecords = maxRecords;
    this.#maxBytes = maxBytes;
    this.#memory = memory;
  }

  get throughSequence(): number {
    return this.#throughSequence;
  }

  get isFull(): boolean {
    return this.records.length >= this.#maxRecords || this.#bytes >= this.#maxBytes;
  }

  /** Nothing up to `sequence` is still to come. */
  skipTo(sequence: number): void {
    this.#throughSequence = Math.max(this.#throughSequence, sequence);
  }

  /** Reads on from `from` and returns where it stopped. */
  async read(segment: WrittenSegment, from: number): Promise<number> {
    if (from >= segment.durableBytes) return from;
    const handle = await openIfThere(segment.path);
    // Somebody removed or cut the file: its numbers turn up as missing, the rest of the buffer is still good.
    if (handle === undefined) return segment.durableBytes;
    try {
      const { size } = await handle.stat();
      const limit = Math.min(segment.durableBytes, size);
      let offset = from;
      for await (const item of scanFrames(handle, from, limit, this.#memory)) {
        offset = item.end;
        if (item.kind === 'damage') this.damage.push({ path: segment.path, from: item.from, end: item.end });
        else this.#take(item.sequence, item.payload);
        if (this.isFull) break;
      }
      return offset >= limit ? segment.durableBytes : offset;
    } finally {
      await handle.close();
    }
  }

  #take(sequence: number, payload: Buffer): void {
    // Left over from before the last commit, or a number seen twice: the first one counts.
    if (sequence <= this.#throughSequence) return;
    this.#throughSequence = sequence;
    this.records.push({ sequence, payload });
    this.#bytes += payload.length;
  }
}
