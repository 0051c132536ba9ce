import { createHash } from 'node:crypto';
import { inspect } from 'node:util';
import { Secret } from '../../core/secret.ts';

type SealedAs = 'string' | 'number' | 'boolean';

/**
 * A secret inside a gateway entity. It prints as `[secret] #hash`, so that two people can tell whether it is the same
 * secret without seeing it; the hash is short on purpose. `as` says what it becomes in the body of a request.
 */
export class Sealed {
  readonly #secret: Secret;
  readonly #as: SealedAs;

  constructor(secret: Secret | string, as: SealedAs = 'string') {
    this.#secret = typeof secret === 'string' ? new Secret(secret) : secret;
    this.#as = as;
  }

  /** The same secret where Kong wants a number or a boolean; text that is neither stays text, for Kong to refuse. */
  as(type: SealedAs): Sealed {
    return new Sealed(this.#secret, type);
  }

  reveal(): string | number | boolean {
    const text = this.#secret.reveal();
    if (this.#as === 'number' && text.trim() !== '' && Number.isFinite(Number(text))) return Number(text);
    if (this.#as === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
    return text;
  }

  /** The same secret, whatever it becomes. */
  equals(other: Sealed): boolean {
    return other.#secret.reveal() === this.#secret.reveal();
  }

  /** `[secret] #1f3a9c02` */
  shown(): string {
    const hash = createHash('sha256').update('apictl shown secret\0').update(String(this.reveal()));
    return `[secret] #${hash.digest('hex').slice(0, 8)}`;
  }

  toString(): string {
    return this.shown();
  }

  toJSON(): string {
    return this.shown();
  }

  [Symbol.toPrimitive](): string {
    return this.shown();
  }

  [inspect.custom](): string {
    return this.shown();
  }
}
