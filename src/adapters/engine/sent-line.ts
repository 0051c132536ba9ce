import type { LogLine, SentBytes } from '../../core/ports/engine.ts';

const NOT_ASCII = /[^\0-\x7f]/;

/**
 * Some bytes of a log as they came, which something else is written over when it is done with. Texts are cut out of one string of
 * all of them, which costs less than to decode each.
 */
export class LogPiece {
  #bytes: Buffer | undefined;
  /** One character for each byte; made when the first text is asked for. */
  #characters: string | undefined;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get bytes(): Buffer {
    if (this.#bytes === undefined)
      throw new Error('a line of a log was read after the piece that it came in');
    return this.#bytes;
  }

  text(from: number, to: number): string {
    const { bytes } = this;
    this.#characters ??= bytes.toString('latin1');
    const ascii = this.#characters.slice(from, to);
    return NOT_ASCII.test(ascii) ? bytes.toString('utf8', from, to) : ascii;
  }

  /** Nothing can be read of it any more. */
  close(): void {
    this.#bytes = undefined;
  }
}

/** A line that came whole and with its timestamp. Its texts are read when they are asked for: who only prints it needs none. */
export class SentLine implements LogLine, SentBytes {
  readonly service: string;
  readonly container: string;
  readonly stream: LogLine['stream'];
  readonly from: number;
  readonly textFrom: number;
  readonly to: number;
  readonly #piece: LogPiece;

  constructor(
    { service, container }: Pick<LogLine, 'service' | 'container'>,
    stream: LogLine['stream'],
    piece: LogPiece,
    { from, textFrom, to }: Pick<SentBytes, 'from' | 'textFrom' | 'to'>,
  ) {
    this.service = service;
    this.container = container;
    this.stream = stream;
    this.#piece = piece;
    this.from = from;
    this.textFrom = textFrom;
    this.to = to;
  }

  get bytes(): Uint8Array {
    return this.#piece.bytes;
  }

  get sent(): SentBytes {
    return this;
  }

  get timestamp(): string {
    return this.#piece.text(this.from, this.textFrom - 1);
  }

  get text(): string {
    return this.#piece.text(this.textFrom, this.to);
  }
}
