/** Finds lines in a file from an offset on, without holding more than one long line in memory. */
import type { FileHandle } from 'node:fs/promises';

export interface Line {
  /** The line without its newline (and without a carriage return before it), cut where it is too long. */
  readonly bytes: Buffer;
  /** Offset of the first byte after the line and its newline. */
  readonly end: number;
  /** Length before cutting. */
  readonly fullBytes: number;
}

const NEWLINE = 10;
const CARRIAGE_RETURN = 13;
const CHUNK_BYTES = 256 * 1024;
/** How much is kept of a line that is longer than allowed. */
const KEPT_BYTES = 64 * 1024;

async function readAt(handle: FileHandle, from: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await handle.read(bytes, filled, length - filled, from + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}

function withoutReturn(bytes: Buffer): Buffer {
  return bytes.at(-1) === CARRIAGE_RETURN ? bytes.subarray(0, -1) : bytes;
}

function cut(bytes: Buffer, end: number, maxLineBytes: number): Line {
  const kept = bytes.length > maxLineBytes ? bytes.subarray(0, Math.min(KEPT_BYTES, maxLineBytes)) : bytes;
  return { bytes: kept, end, fullBytes: bytes.length };
}

function splitLines(bytes: Buffer, from: number, maxLineBytes: number): Line[] {
  const lines: Line[] = [];
  let start = 0;
  for (let end = bytes.indexOf(NEWLINE, start); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
    lines.push(cut(withoutReturn(bytes.subarray(start, end)), from + end + 1, maxLineBytes));
    start = end + 1;
  }
  return lines;
}

/** Where the newline is that ends an overlong line; undefined when it has not been written yet. */
async function findNewline(handle: FileHandle, from: number, size: number): Promise<number | undefined> {
  for (let offset = from; offset < size; offset += CHUNK_BYTES) {
    const chunk = await readAt(handle, offset, Math.min(CHUNK_BYTES, size - offset));
    const index = chunk.indexOf(NEWLINE);
    if (index >= 0) return offset + index;
    if (chunk.length === 0) return undefined;
  }
  return undefined;
}

/**
 * The complete lines after `from`, some 256 KiB at a time. What has no newline yet is left for later.
 * @param maxLineBytes longer lines come cut to 64 KiB
 * @param searchFrom how far an overlong line has already been searched for its end
 */
export async function readLines(
  handle: FileHandle,
  from: number,
  size: number,
  maxLineBytes: number,
  searchFrom: number,
): Promise<{ readonly lines: readonly Line[]; readonly searchedTo: number }> {
  const remaining = size - from;
  if (searchFrom <= from) {
    let wanted = Math.min(CHUNK_BYTES, remaining);
    for (;;) {
      const lines = splitLines(await readAt(handle, from, wanted), from, maxLineBytes);
      if (lines.length > 0) return { lines, searchedTo: from };
      if (wanted >= remaining || wanted > maxLineBytes) break;
      wanted = Math.min(wanted * 2, remaining, maxLineBytes + 1);
    }
    if (remaining <= maxLineBytes) return { lines: [], searchedTo: from };
  }
  const newline = await findNewline(handle, Math.max(searchFrom, from), size);
  if (newline === undefined) return { lines: [], searchedTo: size };
  const kept = await readAt(handle, from, Math.min(KEPT_BYTES, maxLineBytes, newline - from));
  return { lines: [{ bytes: kept, end: newline + 1, fullBytes: newline - from }], searchedTo: from };
}

/** What stands after the last newline, for files that nobody writes to any more. */
export async function readRest(handle: FileHandle, from: number, size: number): Promise<Line> {
  const bytes = await readAt(handle, from, Math.min(size - from, KEPT_BYTES));
  return { bytes: withoutReturn(bytes), end: size, fullBytes: size - from };
}
