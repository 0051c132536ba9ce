/** Names, order and directory entries of the buffer's segments. */
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';

export interface SegmentFile {
  readonly path: string;
  /** Sequence number of the first record written to it. */
  readonly firstSequence: number;
}

const NAME = /^(\d{16})\.segment$/;

export function segmentPath(directory: string, firstSequence: number): string {
  return join(directory, `${String(firstSequence).padStart(16, '0')}.segment`);
}

/** The segments of a directory, oldest first. */
export async function listSegments(directory: string): Promise<SegmentFile[]> {
  const segments: SegmentFile[] = [];
  for (const name of await readdir(directory)) {
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
