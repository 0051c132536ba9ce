/** Reads a segment's records in order and steps over damage. */
import type { FileHandle } from 'node:fs/promises';
import { CHUNK_BYTES, ChunkMemory } from './chunk-memory.ts';
import { MAGIC, viewFrame } from './frame.ts';

export interface ScannedRecord {
  readonly kind: 'record';
  readonly sequence: number;
  readonly payload: Buffer;
  readonly end: number;
}

/** Bytes that hold no valid record. */
export interface ScannedDamage {
  readonly kind: 'damage';
  readonly from: number;
  readonly end: number;
}

export type Scanned = ScannedRecord | ScannedDamage;

/** A window over a file that grows as needed and drops what was read. */
class Window {
  readonly #handle: FileHandle;
  readonly #limit: number;
  readonly #memory: ChunkMemory;
  bytes: Buffer = Buffer.alloc(0);
  /** File offset of bytes[0]. */
  start: number;
  constructor(handle: FileHandle, from: number, limit: number, memory: ChunkMemory) {
    this.#handle = handle;
    this.start = from;
    this.#limit = limit;
    this.#memory = memory;
  }
  get isAtEnd(): boolean {
    return this.start + this.bytes.length >= this.#limit;
  }
  drop(count: number): void {
    this.bytes = this.bytes.subarray(count);
    this.start += count;
  }
  /** Makes at least `wanted` bytes available where the file has them. */
  async fill(wanted: number): Promise<void> {
    const missing = Math.max(wanted - this.bytes.length, CHUNK_BYTES);
    const from = this.start + this.bytes.length;
    const size = Math.min(missing, this.#limit - from);
    if (size <= 0) return;
    const held = this.bytes.length;
    const chunk = this.#memory.take(held + size);
    chunk.set(this.bytes);
    let filled = 0;
    while (filled < size) {
      const { bytesRead } = await this.#handle.read(chunk, held + filled, size - filled, from + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    if (filled < size)
      throw new Error(`the file ends at ${from + filled}, ${this.#limit} bytes were expected`);
    this.bytes = chunk.subarray(0, held + size);
  }
}

/** Where the next record could begin, or how far the window can be dropped without missing one. */
function nextCandidate(bytes: Buffer, from: number): { readonly found: boolean; readonly offset: number } {
  const offset = bytes.indexOf(MAGIC, from);
  return offset >= 0
    ? { found: true, offset }
    : { found: false, offset: Math.max(from, bytes.length - MAGIC.length + 1) };
}

/**
 * Yields the records of [from, limit) and one item for each stretch of damage between them. A record that the end
 * cuts off is damage too: the caller knows whether it can have been acknowledged.
 * Payloads are views into `memory`.
 */
export async function* scanFrames(
  handle: FileHandle,
  from: number,
  limit: number,
  memory = new ChunkMemory(),
): AsyncGenerator<Scanned> {
  const window = new Window(handle, from, limit, memory);
  let damageFrom: number | undefined;
  // A record that claims to reach beyond the end is read to the end only once, then what follows it is searched.
  for (;;) {
    if (window.bytes.length === 0) {
      if (window.isAtEnd) break;
      await window.fill(CHUNK_BYTES);
    }
    const frame = viewFrame(window.bytes, 0);
    if (frame.kind === 'record') {
      if (damageFrom !== undefined) yield { kind: 'damage', from: damageFrom, end: window.start };
      damageFrom = undefined;
      yield {
        kind: 'record',
        sequence: frame.sequence,
        payload: frame.payload,
        end: window.start + frame.totalBytes,
      };
      window.drop(frame.totalBytes);
      continue;
    }
    if (frame.kind === 'incomplete' && window.start + frame.neededBytes <= limit && !window.isAtEnd) {
      await window.fill(frame.neededBytes);
      continue;
    }
    damageFrom ??= window.start;
    const next = nextCandidate(window.bytes, 1);
    if (!next.found && window.isAtEnd) {
      window.drop(window.bytes.length);
      break;
    }
    window.drop(next.offset);
    if (!next.found) await window.fill(CHUNK_BYTES);
  }
  if (damageFrom !== undefined) yield { kind: 'damage', from: damageFrom, end: limit };
}
