/** What a restart finds in the buffer: where numbering goes on, and what waits to be stored. */
import { open, unlink } from 'node:fs/promises';
import { ChunkMemory } from './chunk-memory.ts';
import { MAGIC, viewFrame } from './frame.ts';
import { type ScannedDamage, scanFrames } from './scan.ts';
import { listSegments, type SegmentFile, syncDirectory } from './segment-files.ts';
import type { WrittenSegment } from './writer.ts';

export interface Recovered {
  readonly segments: readonly WrittenSegment[];
  readonly nextSequence: number;
  /** Numbers given out but found in no readable record. */
  readonly missing: number;
}

const PROBE_BYTES = 64 * 1024 * 1024;

/**
 * A crash leaves the beginning of a record, which nobody was told about. A record of full length with a wrong checksum
 * is different: it may have been acknowledged, so its number counts as used.
 */
async function looksAcknowledged(path: string, damage: ScannedDamage): Promise<boolean> {
  const handle = await open(path, 'r');
  try {
    const bytes = Buffer.alloc(Math.min(damage.end - damage.from, PROBE_BYTES));
    await handle.read(bytes, 0, bytes.length, damage.from);
    const startsLikeOne = bytes.subarray(0, MAGIC.length).equals(MAGIC);
    return startsLikeOne && viewFrame(bytes, 0).kind === 'damaged';
  } finally {
    await handle.close();
  }
}

interface SegmentSummary {
  readonly sizeBytes: number;
  readonly lastSequence: number;
  readonly trailing: ScannedDamage | undefined;
}

async function summarise(
  segment: SegmentFile,
  afterSequence: number,
  onRecord: (payload: Buffer) => void,
  memory: ChunkMemory,
): Promise<SegmentSummary> {
  const handle = await open(segment.path, 'r');
  try {
    const { size } = await handle.stat();
    let lastSequence = segment.firstSequence - 1;
    let trailing: ScannedDamage | undefined;
    for await (const item of scanFrames(handle, 0, size, memory)) {
      // The record before this one has been told: a start needs the memory of two pieces, however much waits.
      memory.reclaimEarlier();
      trailing = item.kind === 'damage' ? item : undefined;
      if (item.kind === 'damage' || item.sequence <= lastSequence) continue;
      lastSequence = item.sequence;
      if (item.sequence > afterSequence) onRecord(item.payload);
    }
    return { sizeBytes: size, lastSequence, trailing };
  } finally {
    await handle.close();
  }
}

/** Segments whose every record is stored already: a crash came between the commit and their removal. */
function storedSegments(files: readonly SegmentFile[], storedSequence: number): number {
  let count = 0;
  while (count + 1 < files.length && (files[count + 1]?.firstSequence ?? Number.NaN) <= storedSequence + 1)
    count += 1;
  return count;
}

/**
 * Reads every record that is not stored yet.
 * @param storedSequence undefined when the store is new: then whatever the buffer holds is taken as it is
 * @param onRecord told of each such record, in order; the payload is its only until it returns
 */
export async function recoverSegments(
  directory: string,
  storedSequence: number | undefined,
  onRecord: (payload: Buffer) => void,
): Promise<Recovered & { readonly storedSequence: number }> {
  const files = await listSegments(directory);
  const stored = storedSequence ?? (files[0]?.firstSequence ?? 1) - 1;
  const done = storedSegments(files, stored);
  for (const file of files.slice(0, done)) await unlink(file.path);

  const segments: WrittenSegment[] = [];
  const memory = new ChunkMemory();
  let records = 0;
  let lastSequence = stored;
  for (const file of files.slice(done)) {
    const tell = (payload: Buffer): void => {
      records += 1;
      onRecord(payload);
    };
    const summary = await summarise(file, stored, tell, memory);
    memory.reclaim();
    const { trailing } = summary;
    const isStored = summary.lastSequence <= stored && trailing === undefined;
    if (summary.sizeBytes === 0 || isStored) {
      await unlink(file.path);
      continue;
    }
    const isUsed = trailing !== undefined && (await looksAcknowledged(file.path, trailing));
    lastSequence = Math.max(lastSequence, summary.lastSequence + (isUsed ? 1 : 0));
    segments.push({ ...file, durableBytes: summary.sizeBytes, isSealed: true });
  }
  if (files.length > segments.length) await syncDirectory(directory);
  return {
    segments,
    nextSequence: lastSequence + 1,
    missing: lastSequence - stored - records,
    storedSequence: stored,
  };
}
