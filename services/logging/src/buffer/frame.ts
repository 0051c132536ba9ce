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

/** What one record carries, in pieces that are written one after the other. */
export type Payload = readonly Uint8Array[];

function payloadBytes(payload: Payload): number {
  let bytes = 0;
  for (const piece of payload) bytes += piece.length;
  return bytes;
}

/** Bytes that payloads take on disk. */
export function framedBytes(payloads: readonly Payload[]): number {
  let bytes = 0;
  for (const payload of payloads) bytes += FRAME_HEADER_BYTES + payloadBytes(payload);
  return bytes;
}

/** Records one after the other, complete but for their numbers and checksums. */
export interface Frames {
  readonly bytes: Buffer;
  readonly count: number;
}

/** @param bytes as many as `framedBytes` says */
export function layFrames(payloads: readonly Payload[], bytes: Buffer): Frames {
  let offset = 0;
  for (const payload of payloads) {
    bytes.writeUInt32LE(MAGIC_NUMBER, offset);
    let end = offset + FRAME_HEADER_BYTES;
    for (const piece of payload) {
      bytes.set(piece, end);
      end += piece.length;
    }
    bytes.writeUInt32LE(end - offset - FRAME_HEADER_BYTES, offset + 4);
    offset = end;
  }
  return { bytes, count: payloads.length };
}

/** Numbers laid records from `firstSequence` on, which completes them. */
export function numberFrames({ bytes }: Frames, firstSequence: number): void {
  let offset = 0;
  for (let sequence = firstSequence; offset < bytes.length; sequence += 1) {
    const end = offset + FRAME_HEADER_BYTES + bytes.readUInt32LE(offset + 4);
    bytes.writeUInt32LE(sequence % TWO_32, offset + 12);
    bytes.writeUInt32LE(Math.floor(sequence / TWO_32), offset + 16);
    bytes.writeUInt32LE(crc32(bytes.subarray(offset + 12, end)), offset + 8);
    offset = end;
  }
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
