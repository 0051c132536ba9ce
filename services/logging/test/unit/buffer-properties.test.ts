import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventBuffer } from '../../src/buffer/buffer.ts';
import { FRAME_HEADER_BYTES, framedBytes, viewFrame } from '../../src/buffer/frame.ts';
import { scanFrames } from '../../src/buffer/scan.ts';
import { encodeFrames, payloadsOf } from '../support/frames.ts';
import { scratchDirectory } from '../support/scratch.ts';

/** Whole characters only: what reaches the buffer was printed as JSON, where lone surrogates are escaped. */
const payload = fc.string({ unit: 'grapheme', maxLength: 60 });

interface Scanned {
  readonly records: string[];
  readonly damagedBytes: number;
}

async function scan(bytes: Buffer): Promise<Scanned> {
  const path = join(await scratchDirectory(), 'segment');
  await writeFile(path, bytes);
  const handle = await open(path, 'r');
  const records: string[] = [];
  let damagedBytes = 0;
  let covered = 0;
  for await (const item of scanFrames(handle, 0, bytes.length)) {
    if (item.kind === 'record') records.push(item.payload.toString());
    else damagedBytes += item.end - item.from;
    expect(item.end).toBeGreaterThan(covered);
    covered = item.end;
  }
  await handle.close();
  expect(covered).toBe(bytes.length);
  return { records, damagedBytes };
}

describe('the buffer’s format', () => {
  it('gives back any text, and says itself how long it is', () => {
    fc.assert(
      fc.property(
        fc.array(payload, { minLength: 1, maxLength: 20 }),
        fc.nat({ max: 2 ** 48 }),
        (payloads, first) => {
          const bytes = encodeFrames(payloads, first);
          expect(bytes.length).toBe(framedBytes(payloadsOf(payloads)));
          let offset = 0;
          for (const [index, text] of payloads.entries()) {
            const frame = viewFrame(bytes, offset);
            if (frame.kind !== 'record') throw new Error(frame.kind);
            expect(frame.payload.toString()).toBe(text);
            expect(frame.sequence).toBe(first + index);
            offset += frame.totalBytes;
          }
        },
      ),
    );
  });

  it('takes no changed byte for a record', () => {
    fc.assert(
      fc.property(payload, fc.nat(), fc.integer({ min: 1, max: 255 }), (text, at, change) => {
        const bytes = encodeFrames([text], 1);
        const offset = at % bytes.length;
        bytes[offset] = (bytes[offset] ?? 0) ^ change;
        expect(viewFrame(bytes, 0).kind).not.toBe('record');
      }),
    );
  });

  it('takes no bytes of chance for a record', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(viewFrame(Buffer.from(bytes), 0).kind).not.toBe('record');
      }),
    );
  });

  it('loses to garbage between records nothing but the garbage', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(payload, fc.uint8Array({ maxLength: 50 })), { minLength: 1, maxLength: 8 }),
        async (parts) => {
          const bytes = Buffer.concat(
            parts.flatMap(([text, garbage], index) => [
              encodeFrames([text], index + 1),
              Buffer.from(garbage),
            ]),
          );
          const { records, damagedBytes } = await scan(bytes);
          expect(records).toEqual(parts.map(([text]) => text));
          expect(damagedBytes).toBe(parts.reduce((sum, [, garbage]) => sum + garbage.length, 0));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('accounts for every number whatever is cut out of the file', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(payload, { minLength: 2, maxLength: 10 }),
        fc.nat(),
        fc.integer({ min: 1, max: 200 }),
        async (payloads, at, length) => {
          const directory = await scratchDirectory();
          const frames = encodeFrames(payloads, 1);
          const last = framedBytes(payloadsOf(payloads.slice(-1)));
          // The last record stays whole, so that the file says itself how far the numbers went.
          const from = at % Math.max(1, frames.length - last);
          const end = Math.min(from + length, frames.length - last);
          const bytes = Buffer.concat([frames.subarray(0, from), frames.subarray(Math.max(from, end))]);
          await writeFile(join(directory, '0000000000000001.segment'), bytes);
          const buffer = await EventBuffer.open({
            directory,
            segmentBytes: 1024,
            limitBytes: 1_000_000,
            storedSequence: 0,
            onRecovered: () => undefined,
            onSkipped: () => undefined,
          });
          const batch = await buffer.peek(1000, 1_000_000);
          expect((batch?.records.length ?? 0) + (batch?.missing ?? 0)).toBe(payloads.length);
          expect(bytes.length).toBeGreaterThanOrEqual(FRAME_HEADER_BYTES);
          await buffer.close();
        },
      ),
      { numRuns: 60 },
    );
  });
});
