import type { LogLine, SentBytes } from '../../core/ports/engine.ts';

/** `2026-11-23T12:00:00.000000001Z`: always UTC, always nine digits. */
export const TIMESTAMP_BYTES = 30;

const NOT_ASCII = /[^\0-\x7f]/;

/** Whose lines they are. */
export type Origin = Pick<LogLine, 'service' | 'container'>;

/**
 * Some bytes of a log as they came, which something else is written over when it is done with. Texts are cut out of one string of
 * all of them, which costs less than to decode each.
 */
export class LogPiece {
  readonly origin: Origin;
  #bytes: Buffer | undefined;
  /** One character for each byte; made when the first text is asked for. */
  #characters: string | undefined;

  constructor(origin: Origin, bytes: Buffer) {
    this.origin = origin;
    this.#bytes = bytes;
  }

  get bytes(): Buffer {
    if (this.#bytes === undefined)
      throw new Error('a line of a log was read after the piece that it came in');
    return this.#bytes;
  }

  text(from: number, to: number): string {
    const ascii = this.ascii(from, to);
    return NOT_ASCII.test(ascii) ? this.bytes.toString('utf8', from, to) : ascii;
  }

  /** The same of bytes that are known to be ASCII. */
  ascii(from: number, to: number): string {
    const { bytes } = this;
    this.#characters ??= bytes.toString('latin1');
    return this.#characters.slice(from, to);
  }

  /** Nothing can be read of it any more. */
  close(): void {
    this.#bytes = undefined;
  }
}

/**
 * A line that came whole and with its timestamp. Its texts are read when they are asked for: who only prints it needs none. There
 * is one for every line of a log, so it is kept small.
 */
export class SentLine implements LogLine, SentBytes {
  readonly stream: LogLine['stream'];
  readonly from: number;
  readonly to: number;
  readonly #piece: LogPiece;

  constructor(piece: LogPiece, stream: LogLine['stream'], from: number, to: number) {
    this.#piece = piece;
    this.stream = stream;
    this.from = from;
    this.to = to;
  }

  get service(): string {
    return this.#piece.origin.service;
  }

  get container(): string {
    return this.#piece.origin.container;
  }

  get sent(): SentBytes {
    return this;
  }

  get bytes(): Uint8Array {
    return this.#piece.bytes;
  }

  get textFrom(): number {
    return this.from + TIMESTAMP_BYTES + 1;
  }

  get timestamp(): string {
    return this.#piece.ascii(this.from, this.from + TIMESTAMP_BYTES);
  }

  get text(): string {
    return this.#piece.text(this.textFrom, this.to);
  }
}
