import type { SentBytes } from '../../core/ports/engine.ts';

/** Writing costs by the call, not by the byte. */
const AT_ONCE = 64 * 1024;
/** Most bytes that one character of a string takes in UTF-8. */
const UTF8_BYTES = 3;

const TAB = 9;
const LINE_END = 10;
const SPACE = 32;
const TILDE = 126;

/** Collects lines and prints many at once. */
export class LogOutput {
  readonly #print: (bytes: Uint8Array) => boolean;
  #bytes = Buffer.allocUnsafeSlow(AT_ONCE);
  #length = 0;
  /** What comes behind those bytes: to encode many lines at once costs less than one after the other. */
  #text = '';

  /** @param print answers whether the bytes are gone, so that others may be written over them */
  constructor(print: (bytes: Uint8Array) => boolean) {
    this.#print = print;
  }

  text(text: string): void {
    this.#text += text;
    if (this.#text.length >= AT_ONCE) this.flush();
  }

  /**
   * Puts a line as it was sent: its timestamp, a space, this column, a space, its text. Takes nothing but printable ASCII and
   * tabs, which no terminal minds; answers false where the text has anything else, and puts nothing.
   */
  line({ bytes, from, textFrom, to }: SentBytes, column: Uint8Array): boolean {
    this.#encode();
    this.#makeRoom(to - from + column.length + 2);
    const out = this.#bytes;
    let at = this.#length;
    for (let index = from; index < textFrom; index += 1) out[at++] = bytes[index] as number;
    for (let index = 0; index < column.length; index += 1) out[at++] = column[index] as number;
    out[at++] = SPACE;
    for (let index = textFrom; index < to; index += 1) {
      const byte = bytes[index] as number;
      if ((byte < SPACE || byte > TILDE) && byte !== TAB) return false;
      out[at++] = byte;
    }
    out[at++] = LINE_END;
    this.#length = at;
    return true;
  }

  flush(): void {
    this.#encode();
    this.#printBytes();
  }

  #encode(): void {
    if (this.#text === '') return;
    this.#makeRoom(this.#text.length * UTF8_BYTES);
    this.#length += this.#bytes.write(this.#text, this.#length);
    this.#text = '';
  }

  #makeRoom(bytes: number): void {
    if (this.#length + bytes <= this.#bytes.length) return;
    this.#printBytes();
    if (bytes > this.#bytes.length) this.#bytes = Buffer.allocUnsafeSlow(bytes);
  }

  #printBytes(): void {
    if (this.#length === 0) return;
    const isGone = this.#print(this.#bytes.subarray(0, this.#length));
    if (!isGone) this.#bytes = Buffer.allocUnsafeSlow(AT_ONCE);
    this.#length = 0;
  }
}
