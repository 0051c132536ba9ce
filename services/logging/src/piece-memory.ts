/**
 * Memory for batches, used again once they are done with. A new piece for every batch would outlive the collections of young
 * memory while the batch waits for the disk, and be freed only by a collection of everything.
 */

/** Smaller ones come from what Node.js cuts from its own pool. */
const SMALLEST_BYTES = 16 * 1024;
/** Larger ones are rare. */
const LARGEST_BYTES = 2 * 1024 * 1024;
/** Of all spare pieces together. */
const MAX_SPARE_BYTES = 8 * 1024 * 1024;

export class PieceMemory {
  /** By their length, which is a power of two. */
  readonly #spares = new Map<number, Buffer[]>();
  #spareBytes = 0;

  /** Exactly `bytes`, with whatever was in them. */
  take(bytes: number): Buffer {
    if (bytes < SMALLEST_BYTES || bytes > LARGEST_BYTES) return Buffer.allocUnsafe(bytes);
    const length = 2 ** Math.ceil(Math.log2(bytes));
    const spare = this.#spares.get(length)?.pop();
    if (spare !== undefined) this.#spareBytes -= length;
    return (spare ?? Buffer.allocUnsafeSlow(length)).subarray(0, bytes);
  }

  /** Nobody looks any more at what `take` gave. */
  giveBack(piece: Buffer): void {
    const { buffer, length } = piece;
    const isOurs = length >= SMALLEST_BYTES && length <= LARGEST_BYTES;
    if (!isOurs || this.#spareBytes + buffer.byteLength > MAX_SPARE_BYTES) return;
    this.#spareBytes += buffer.byteLength;
    const alike = this.#spares.get(buffer.byteLength);
    const whole = Buffer.from(buffer);
    if (alike === undefined) this.#spares.set(buffer.byteLength, [whole]);
    else alike.push(whole);
  }
}
