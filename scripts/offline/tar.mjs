// Reads tar entries in place: it runs before any npm package is there. No name in a file becomes a path anywhere.
import { readSync } from 'node:fs';

const BLOCK = 512;

/** The bytes at a place; fewer only at the end of the file. */
export function readAt(file, position, length) {
  const bytes = Buffer.alloc(length);
  let done = 0;
  while (done < length) {
    const read = readSync(file, bytes, done, length - done, position + done);
    if (read === 0) break;
    done += read;
  }
  return bytes.subarray(0, done);
}

/**
 * The plain files of the tar archive that lies in `file` from `start` to `end`, each as its name, and where and how long its bytes are.
 * Throws for whatever else is there, and where it ends before its last block.
 */
export function* entriesOf(file, start, end) {
  for (let position = start; ; ) {
    const header = readAt(file, position, Math.min(BLOCK, Math.max(0, end - position)));
    if (header.length < BLOCK) throw new Error('it ends early');
    if (header.every((byte) => byte === 0)) return;
    if (octalAt(header, 148, 8) !== checksumOf(header)) throw new Error('a header in it is damaged');
    const name = textAt(header, 0, 100);
    const size = octalAt(header, 124, 12);
    if (header[156] !== 0x30 || !Number.isSafeInteger(size))
      throw new Error(`${JSON.stringify(name)} in it is no plain file`);
    const next = position + BLOCK + Math.ceil(size / BLOCK) * BLOCK;
    if (next > end) throw new Error('it ends early');
    yield { name, start: position + BLOCK, size };
    position = next;
  }
}

/** The sum of all bytes, its own field counted as spaces. */
const checksumOf = (header) =>
  header.reduce((sum, byte, at) => sum + (at >= 148 && at < 156 ? 0x20 : byte), 0);

const textAt = (header, from, length) => header.toString('utf8', from, from + length).split('\0')[0];

/** Not a number where it is written in another way. */
function octalAt(header, from, length) {
  const text = textAt(header, from, length).trim();
  return /^[0-7]+$/.test(text) ? Number.parseInt(text, 8) : Number.NaN;
}
