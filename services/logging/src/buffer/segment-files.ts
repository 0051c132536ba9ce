/** Names, order and directory entries of the buffer's segments. */
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';

export interface SegmentFile {
  readonly path: string;
  /** Sequence number of the first record written to it. */
  readonly firstSequence: number;
}

const NAME = /^(\d{16})(?:-(\d{3}))?\.segment$/;

/**
 * Where a segment is kept.
 * @param attempt counts the files that begin with the same number: a crash can leave one without a whole record in it
 */
export function segmentPath(directory: string, firstSequence: number, attempt = 0): string {
  const suffix = attempt === 0 ? '' : `-${String(attempt).padStart(3, '0')}`;
  return join(directory, `${String(firstSequence).padStart(16, '0')}${suffix}.segment`);
}

/** The segments of a directory, oldest first. */
export async function listSegments(directory: string): Promise<SegmentFile[]> {
  const segments: SegmentFile[] = [];
  // "-" sorts before ".", so later attempts would come before the first one.
  const names = (await readdir(directory)).sort((a, b) =>
    a.replace('.', '!') < b.replace('.', '!') ? -1 : 1,
  );
  for (const name of names) {
    const match = NAME.exec(name);
    if (match !== null) segments.push({ path: join(directory, name), firstSequence: Number(match[1]) });
  }
  return segments.sort((a, b) => a.firstSequence - b.firstSequence);
}

/** Makes created, renamed or removed names survive a power loss. */
export async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
