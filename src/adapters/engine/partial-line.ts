/** More of one line is counted, not kept: a container can write for ever without a line end. */
const LINE_BYTES = 1024 * 1024;

/** A line that comes in pieces. They are joined as bytes, because the engine cuts also inside a character. */
export class PartialLine {
  readonly timestamp: string;
  readonly #pieces: Buffer[] = [];
  #kept = 0;
  #left = 0;

  constructor(timestamp: string) {
    this.timestamp = timestamp;
  }

  add(piece: Buffer): void {
    const kept = piece.subarray(0, LINE_BYTES - this.#kept);
    // A copy, because the piece is a view of a larger buffer that would be kept with it.
    if (kept.length > 0) this.#pieces.push(Buffer.from(kept));
    this.#kept += kept.length;
    this.#left += piece.length - kept.length;
  }

  text(): string {
    const text = Buffer.concat(this.#pieces).toString('utf8');
    return this.#left === 0 ? text : `${text}… (${this.#left} bytes more)`;
  }
}
