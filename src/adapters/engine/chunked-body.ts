const LINE_FEED = 10;
const RETURN = 13;
const SEMICOLON = 59;

/** Takes the body out of an HTTP answer that comes in chunks (RFC 9112, section 7.1). */
export class ChunkedBody {
  /** Whether the last chunk has come, so that the body is whole. */
  isWhole = false;
  /** Bytes of the present chunk that are still to come. */
  #left = 0;
  /** The size that is being read; undefined between a chunk's end and the first digit. */
  #size: number | undefined;
  #isExtension = false;

  /**
   * The bytes of the body among these, which are moved to their front: a log has a chunk for each line, and a copy of every piece is
   * more than the rest costs.
   * @throws Error where the answer is no HTTP.
   */
  decode(bytes: Buffer): Buffer {
    let length = 0;
    let at = 0;
    while (at < bytes.length && !this.isWhole) {
      if (this.#left > 0) {
        const end = Math.min(at + this.#left, bytes.length);
        bytes.copyWithin(length, at, end);
        length += end - at;
        this.#left -= end - at;
        at = end;
      } else {
        this.#readSize(bytes[at] ?? 0);
        at += 1;
      }
    }
    return bytes.subarray(0, length);
  }

  #readSize(byte: number): void {
    if (byte === LINE_FEED) {
      if (this.#size === undefined) return;
      this.#left = this.#size;
      this.isWhole = this.#size === 0;
      this.#size = undefined;
      this.#isExtension = false;
    } else if (byte === SEMICOLON) this.#isExtension = true;
    else if (byte !== RETURN && !this.#isExtension) this.#size = (this.#size ?? 0) * 16 + hexDigit(byte);
  }
}

function hexDigit(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48;
  const letter = byte | 32;
  if (letter >= 97 && letter <= 102) return letter - 87;
  throw new Error('the size of a chunk is no number');
}
