/** Takes the body out of an HTTP answer that says its length. */
export class SizedBody {
  #left: number;

  /** @param length in bytes. */
  constructor(length: number) {
    this.#left = length;
  }

  get isWhole(): boolean {
    return this.#left === 0;
  }

  /** The bytes of the body among these. */
  decode(bytes: Buffer): Buffer {
    const body = bytes.subarray(0, this.#left);
    this.#left -= body.length;
    return body;
  }
}
