/**
 * Lines out of the engine's multiplexed log stream: frames of 8 bytes (stream, three zeros, length big endian)
 * and payload. A line can span frames, also of the other stream's in between, so each stream has its own rest.
 */
export class LogFrames {
  #pending: Buffer = Buffer.alloc(0);
  readonly #rest = { stdout: '', stderr: '' };
  readonly #decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() };

  /** Feeds bytes and gives the lines they complete. */
  push(chunk: Buffer): { stream: 'stdout' | 'stderr'; line: string }[] {
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    const lines: { stream: 'stdout' | 'stderr'; line: string }[] = [];
    while (this.#pending.length >= 8) {
      const length = this.#pending.readUInt32BE(4);
      if (this.#pending.length < 8 + length) break;
      const stream = this.#pending[0] === 2 ? 'stderr' : 'stdout';
      const text = this.#decoders[stream].decode(this.#pending.subarray(8, 8 + length), { stream: true });
      this.#pending = this.#pending.subarray(8 + length);
      const parts = (this.#rest[stream] + text).split('\n');
      this.#rest[stream] = parts.pop() ?? '';
      lines.push(...parts.map((line) => ({ stream, line: line.replace(/\r$/, '') }) as const));
    }
    return lines;
  }

  /** What is left without a newline at the stream's end. */
  end(): { stream: 'stdout' | 'stderr'; line: string }[] {
    return (['stdout', 'stderr'] as const)
      .filter((stream) => this.#rest[stream] !== '')
      .map((stream) => ({ stream, line: this.#rest[stream] }));
  }
}

/** Splits `2026-11-23T12:00:00.000000001Z text` as `timestamps=true` writes it. */
export function splitTimestamp(line: string): { timestamp: string; text: string } {
  const match = /^(\d{4}-\d\d-\d\dT\S+Z) ?(.*)$/s.exec(line);
  return match === null ? { timestamp: '', text: line } : { timestamp: match[1] ?? '', text: match[2] ?? '' };
}
