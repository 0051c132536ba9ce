import { inspect } from 'node:util';

const MASK = '[secret]';

/**
 * A value that must never be seen. Printing, inspecting, interpolating and serialising give `[secret]`;
 * only `reveal()` gives the value, so a search for `reveal(` lists every place where a secret leaves.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return MASK;
  }

  toJSON(): string {
    return MASK;
  }

  [Symbol.toPrimitive](): string {
    return MASK;
  }

  [inspect.custom](): string {
    return MASK;
  }
}
