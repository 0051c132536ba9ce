import type { LogLine } from '../../core/ports/engine.ts';
import { eachFrame, type Stream } from './frames.ts';
import { PartialLine } from './partial-line.ts';
import { LogPiece, type Origin, SentLine, TIMESTAMP_BYTES } from './sent-line.ts';

/** More than a frame has: the engine cuts lines after 16 KiB. */
const COMPLETING_BYTES = 20 * 1024;
/** A line without an end is read on in pieces of this size. */
const PIECE_BYTES = 64 * 1024;
const NEWLINE = 10;
const RETURN = 13;
const SPACE = 32;
const NOTHING: Buffer = Buffer.alloc(0);
const LETTER_Z = 90;

/**
 * Lines out of the engine's log stream with timestamps. A container without a terminal has frames, each with a timestamp
 * and one line, or a piece of one: the engine cuts lines after 16 KiB and puts a timestamp before each piece. A container
 * with a terminal has no frames, only text; its first byte, the first digit of a year, tells them apart.
 */
export class LogFrames {
  readonly #origin: Origin;
  readonly #partial: Record<Stream, PartialLine | undefined> = { stdout: undefined, stderr: undefined };
  #pending: Buffer = NOTHING;
  /** Those that lines at hand are cut out of. */
  #pieces: LogPiece[] = [];
  #hasFrames: boolean | undefined;

  constructor({ service, container }: Origin) {
    this.#origin = { service, container };
  }

  /** Feeds bytes and gives the lines they complete. Both are good until the next call. */
  push(chunk: Buffer): LogLine[] {
    this.#closePieces();
    const lines: LogLine[] = [];
    let rest = chunk;
    // Of what came before only the cut end is left; it is put together with as much as completes it, not with all that came.
    while (this.#pending.length > 0 && rest.length > 0) {
      const before = this.#pending.length;
      const joined = Buffer.concat([this.#pending, rest.subarray(0, COMPLETING_BYTES)]);
      const used = this.#read(joined, lines);
      if (used < before) {
        this.#pending = joined.subarray(used);
        rest = rest.subarray(COMPLETING_BYTES);
      } else {
        this.#pending = NOTHING;
        rest = rest.subarray(used - before);
      }
    }
    // A copy, because what follows may be written over it.
    if (rest.length > 0) this.#pending = Buffer.from(rest.subarray(this.#read(rest, lines)));
    return lines;
  }

  #closePieces(): void {
    for (const piece of this.#pieces) piece.close();
    this.#pieces = [];
  }

  /** Gives the number of bytes that were used. */
  #read(bytes: Buffer, lines: LogLine[]): number {
    this.#hasFrames ??= (bytes[0] ?? 0) <= 2;
    const piece = new LogPiece(this.#origin, bytes);
    this.#pieces.push(piece);
    return this.#hasFrames
      ? eachFrame(bytes, (stream, from, to) => this.#addPart(stream, piece, from, to, lines))
      : this.#readText(piece, lines);
  }

  /** What is left without a line end at the stream's end. */
  end(): LogLine[] {
    this.#closePieces();
    const lines: LogLine[] = [];
    const rest = new LogPiece(this.#origin, this.#pending);
    if (this.#hasFrames === false) this.#addPart('stdout', rest, 0, rest.bytes.length, lines);
    for (const stream of ['stdout', 'stderr'] as const) {
      const partial = this.#partial[stream];
      if (partial !== undefined) lines.push(this.#line(stream, partial.timestamp, partial.text()));
      this.#partial[stream] = undefined;
    }
    return lines;
  }

  #readText(piece: LogPiece, lines: LogLine[]): number {
    const { bytes } = piece;
    let at = 0;
    for (let end = bytes.indexOf(NEWLINE, at); end >= 0; end = bytes.indexOf(NEWLINE, at)) {
      this.#addPart('stdout', piece, at, end + 1, lines);
      at = end + 1;
    }
    if (bytes.length - at <= PIECE_BYTES) return at;
    this.#addPart('stdout', piece, at, bytes.length, lines);
    return bytes.length;
  }

  /** Adds a part that begins with a timestamp, and ends with a line end where it is the line's last. */
  #addPart(stream: Stream, piece: LogPiece, from: number, to: number, lines: LogLine[]): void {
    if (from === to) return;
    const { bytes } = piece;
    const isStamped =
      bytes[from + TIMESTAMP_BYTES] === SPACE && bytes[from + TIMESTAMP_BYTES - 1] === LETTER_Z;
    const start = isStamped ? from + TIMESTAMP_BYTES + 1 : from;
    const isLast = bytes[to - 1] === NEWLINE;
    const end = isLast ? (bytes[to - 2] === RETURN && to - 2 >= start ? to - 2 : to - 1) : to;
    const partial = this.#partial[stream];
    if (partial === undefined && isLast && isStamped && this.#hasFrames === true) {
      lines.push(new SentLine(piece, stream, from, end));
      return;
    }
    const timestamp = isStamped ? piece.text(from, from + TIMESTAMP_BYTES) : '';
    if (partial === undefined && isLast) {
      lines.push(this.#line(stream, timestamp, piece.text(start, end)));
      return;
    }
    const grown = partial ?? new PartialLine(timestamp);
    grown.add(bytes.subarray(start, end));
    this.#partial[stream] = isLast ? undefined : grown;
    if (isLast) lines.push(this.#line(stream, grown.timestamp, grown.text()));
  }

  #line(stream: Stream, timestamp: string, written: string): LogLine {
    // On a terminal the pieces of a long line are not framed, but all of them have the line's own timestamp before them.
    const text = this.#hasFrames || timestamp === '' ? written : written.replaceAll(`${timestamp} `, '');
    return { ...this.#origin, stream, timestamp, text };
  }
}
