/**
 * The buffer's record on disk:
 *   0  u32  magic "LGR1"
 *   4  u32  payload length
 *   8  u32  CRC-32 of everything after this field
 *  12  u64  sequence number
 *  20  payload
 * Little endian. The checksum covers the sequence number, and the magic makes it possible to find the next record
 * after damage.
 */
import { crc32 } from 'node:zlib';

export const FRAME_HEADER_BYTES = 20;
export const MAGIC = Buffer.from('LGR1', 'latin1');
const MAGIC_NUMBER = MAGIC.readUInt32LE(0);
const TWO_32 = 2 ** 32;

/** Larger payloads are refused at the door, so a larger length on disk is damage. */
export const MAX_PAYLOAD_BYTES = 192 * 1024 * 1024;

/** Bytes that a payload takes on disk. */
export function framedBytes(payload: string): number {
  return FRAME_HEADER_BYTES + Buffer.byteLength(payload);
}

/** Frames payloads one after the other, numbered from `firstSequence`. */
export function encodeFrames(payloads: readonly string[], firstSequence: number): Buffer {
  let totalBytes = 0;
  for (const payload of payloads) totalBytes += framedBytes(payload);
  const out = Buffer.allocUnsafe(totalBytes);
  let offset = 0;
  let sequence = firstSequence;
  for (const payload of payloads) {
    const payloadBytes = out.write(payload, offset + FRAME_HEADER_BYTES);
    const end = offset + FRAME_HEADER_BYTES + payloadBytes;
    out.writeUInt32LE(MAGIC_NUMBER, offset);
    out.writeUInt32LE(payloadBytes, offset + 4);
    out.writeUInt32LE(sequence % TWO_32, offset + 12);
    out.writeUInt32LE(Math.floor(sequence / TWO_32), offset + 16);
    out.writeUInt32LE(crc32(out.subarray(offset + 12, end)), offset + 8);
    offset = end;
    sequence += 1;
  }
  return out;
}

/** What stands at an offset: a whole record, the beginning of one, or something else. */
export type FrameView =
  | {
      readonly kind: 'record';
      readonly sequence: number;
      readonly payload: Buffer;
      readonly totalBytes: number;
    }
  | { readonly kind: 'incomplete'; readonly neededBytes: number }
  | { readonly kind: 'damaged' };

/** Looks at one frame. `payload` is a view into `bytes`. */
export function viewFrame(bytes: Buffer, offset: number): FrameView {
  const available = bytes.length - offset;
  if (available < FRAME_HEADER_BYTES) {
    const seen = Math.min(available, MAGIC.length);
    const begins = bytes.subarray(offset, offset + seen).equals(MAGIC.subarray(0, seen));
    return begins ? { kind: 'incomplete', neededBytes: FRAME_HEADER_BYTES } : { kind: 'damaged' };
  }
  if (bytes.readUInt32LE(offset) !== MAGIC_NUMBER) return { kind: 'damaged' };
  const payloadBytes = bytes.readUInt32LE(offset + 4);
  if (payloadBytes > MAX_PAYLOAD_BYTES) return { kind: 'damaged' };
  const totalBytes = FRAME_HEADER_BYTES + payloadBytes;
  if (available < totalBytes) return { kind: 'incomplete', neededBytes: totalBytes };
  const end = offset + totalBytes;
  if (crc32(bytes.subarray(offset + 12, end)) !== bytes.readUInt32LE(offset + 8)) return { kind: 'damaged' };
  const sequence = bytes.readUInt32LE(offset + 12) + bytes.readUInt32LE(offset + 16) * TWO_32;
  return { kind: 'record', sequence, payload: bytes.subarray(offset + FRAME_HEADER_BYTES, end), totalBytes };
}
