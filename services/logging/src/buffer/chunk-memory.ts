/**
 * Memory for reading segments, used again and again. Freed memory of this size would wait for a collection of the whole heap,
 * which a thread that creates little else hardly ever needs.
 */

/** What is read at once, and room before it for the beginning of a record that the last piece cut off. */
export const CHUNK_BYTES = 1024 * 1024;
const STANDARD_BYTES = CHUNK_BYTES + 64 * 1024;
const MAX_SPARES = 8;

export class ChunkMemory {
  readonly #spares: Buffer[] = [];
  readonly #given: Buffer[] = [];

  /** At least `bytes`, with whatever was in it. */
  take(bytes: number): Buffer {
    if (bytes > STANDARD_BYTES) return Buffer.allocUnsafeSlow(bytes);
    const chunk = this.#spares.pop() ?? Buffer.allocUnsafeSlow(STANDARD_BYTES);
    this.#given.push(chunk);
    return chunk;
  }

  /** Nobody looks any more at what was taken so far. */
  reclaim(): void {
    for (const chunk of this.#given.splice(0)) this.#keep(chunk);
  }

  /** Nobody looks any more at what was taken before the last piece. */
  reclaimEarlier(): void {
    const earlier = Math.max(0, this.#given.length - 1);
    for (const chunk of this.#given.splice(0, earlier)) this.#keep(chunk);
  }

  /** What was taken so far may still be looked at: it is left to the collector. */
  forget(): void {
    this.#given.length = 0;
  }

  #keep(chunk: Buffer): void {
    if (this.#spares.length < MAX_SPARES) this.#spares.push(chunk);
  }
}
