/** What a container without a terminal writes: pieces of its two streams, one after the other. */
export type Stream = 'stdout' | 'stderr';

const HEADER_BYTES = 8;

/**
 * Takes the engine's frames out of a buffer: 8 bytes (stream, three zeros, length big endian), then the payload.
 * Gives the number of bytes used; the rest is the beginning of a frame that has not come whole yet.
 */
export function eachFrame(
  bytes: Buffer,
  onFrame: (stream: Stream, from: number, to: number) => void,
): number {
  let at = 0;
  while (bytes.length - at >= HEADER_BYTES) {
    const from = at + HEADER_BYTES;
    const to = from + bytes.readUInt32BE(at + 4);
    if (to > bytes.length) break;
    onFrame(bytes[at] === 2 ? 'stderr' : 'stdout', from, to);
    at = to;
  }
  return at;
}
