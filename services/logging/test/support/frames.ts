/** The buffer's records of texts. */
import { framedBytes, layFrames, numberFrames, type Payload } from '../../src/buffer/frame.ts';

export function payloadsOf(texts: readonly string[]): Payload[] {
  return texts.map((text) => [Buffer.from(text)]);
}

/** As they lie on disk. */
export function encodeFrames(texts: readonly string[], firstSequence: number): Buffer {
  const payloads = payloadsOf(texts);
  const frames = layFrames(payloads, Buffer.allocUnsafe(framedBytes(payloads)));
  numberFrames(frames, firstSequence);
  return frames.bytes;
}
