import type { LogLine } from '../../core/ports/engine.ts';
import { eachFrame, type Stream } from './frames.ts';
import { PartialLine } from './partial-line.ts';

/** `2026-11-23T12:00:00.000000001Z`: always UTC, always nine digits. */
const TIMESTAMP_BYTES = 30;
/** A line without an end is read on in pieces of this size. */
const PIECE_BYTES = 64 * 1024;
const NEWLINE = 10;
const RETURN = 13;
const SPACE = 32;
const LETTER_Z = 90;
const NOT_ASCII = /[^\0-\x7f]/;

/**
 * Lines out of the engine's log stream with timestamps. A container without a terminal has frames, each with a timestamp
 * and one line, or a piece of one: the engine cuts lines after 16 KiB and puts a timestamp before each piece. A container
 * with a terminal has no frames, only text; its first byte, the first digit of a year, tells them apart.
 */
export class LogFrames {
  readonly #service: string;
  readonly #container: string;
  readonly #partial: Record<Stream, PartialLine | undefined> = { stdout: undefined, stderr: undefined };
  #pending: Buffer = Buffer.alloc(0);
  /** The bytes at hand, one character each: lines are cut out of it, which costs less than decoding each of them. */
  #text = '';
  #hasFrames: boolean | undefined;

  constructor(origin: Pick<LogLine, 'service' | 'container'>) {
    this.#service = origin.service;
    this.#container = origin.container;
  }

  /** Feeds bytes and gives the lines they complete. */
  push(chunk: Buffer): LogLine[] {
    const bytes = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    if (bytes.length === 0) return [];
    this.#hasFrames ??= (bytes[0] ?? 0) <= 2;
    const lines: LogLine[] = [];
    this.#text = bytes.toString('latin1');
    const used = this.#hasFrames
      ? eachFrame(bytes, (stream, from, to) => this.#addPiece(stream, bytes, from, to, lines))
      : this.#readText(bytes, lines);
    this.#pending = bytes.subarray(used);
    return lines;
  }

  /** What is left without a line end at the stream's end. */
  end(): LogLine[] {
    const lines: LogLine[] = [];
    this.#text = this.#pending.toString('latin1');
    if (this.#hasFrames === false) this.#addPiece('stdout', this.#pending, 0, this.#pending.length, lines);
    for (const stream of ['stdout', 'stderr'] as const) {
      const partial = this.#partial[stream];
      if (partial !== undefined) lines.push(this.#line(stream, partial.timestamp, partial.text()));
      this.#partial[stream] = undefined;
    }
    return lines;
  }

  #readText(bytes: Buffer, lines: LogLine[]): number {
    let at = 0;
    for (let end = bytes.indexOf(NEWLINE, at); end >= 0; end = bytes.indexOf(NEWLINE, at)) {
      this.#addPiece('stdout', bytes, at, end + 1, lines);
      at = end + 1;
    }
    if (bytes.length - at <= PIECE_BYTES) return at;
    this.#addPiece('stdout', bytes, at, bytes.length, lines);
    return bytes.length;
  }

  /** Adds a piece that begins with a timestamp, and with a line end where it is the line's last. */
  #addPiece(stream: Stream, bytes: Buffer, from: number, to: number, lines: LogLine[]): void {
    if (from === to) return;
    const isStamped =
      bytes[from + TIMESTAMP_BYTES] === SPACE && bytes[from + TIMESTAMP_BYTES - 1] === LETTER_Z;
    const timestamp = isStamped ? this.#text.slice(from, from + TIMESTAMP_BYTES) : '';
    const start = isStamped ? from + TIMESTAMP_BYTES + 1 : from;
    const isLast = bytes[to - 1] === NEWLINE;
    const end = isLast ? (bytes[to - 2] === RETURN && to - 2 >= start ? to - 2 : to - 1) : to;
    const partial = this.#partial[stream];
    if (partial === undefined && isLast) {
      const ascii = this.#text.slice(start, end);
      const text = NOT_ASCII.test(ascii) ? bytes.toString('utf8', start, end) : ascii;
      lines.push(this.#line(stream, timestamp, text));
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
    return { service: this.#service, container: this.#container, stream, timestamp, text };
  }
}
