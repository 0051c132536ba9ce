/** Removes what is too old or too much, oldest first. */
import type { Store } from './port.ts';

export interface RetentionLimits {
  readonly maxAgeMs: number;
  readonly maxBytes: number;
}

export interface Expired {
  readonly byAge: number;
  readonly bySize: number;
}

// Between checkpoints the file holds old and new blocks side by side, so the data may fill only part of the limit.
const START_AT = 0.8;
const SHRINK_TO = 0.65;

/** How much of a span of numbers has to go so that what is left fits. Pure. */
export function sequenceCut(first: number, last: number, usedBytes: number, targetBytes: number): number {
  const share = 1 - targetBytes / usedBytes;
  return Math.min(last, first + Math.ceil((last - first + 1) * share) - 1);
}

async function expireBySize(store: Store, maxBytes: number, isShipping: boolean): Promise<number> {
  const usedBytes = await store.usedBytes();
  if (usedBytes <= maxBytes * START_AT) return 0;
  const [span] = await store.query('SELECT min(seq) AS first, max(seq) AS last FROM events', [], 30_000);
  if (span === undefined || span.first === null) return 0;
  const cut = sequenceCut(Number(span.first), Number(span.last), usedBytes, maxBytes * SHRINK_TO);
  return store.expire(`seq <= ${cut}`, isShipping);
}

/**
 * One round. Age counts from when an event was received: a sender's wrong clock must not delete its events at once.
 * @param nowMs milliseconds since 1970
 */
export async function applyRetention(
  store: Store,
  limits: RetentionLimits,
  nowMs: number,
  isShipping: boolean,
): Promise<Expired> {
  const cutoffUs = (nowMs - limits.maxAgeMs) * 1000;
  const [old] = await store.query(
    `SELECT 1 AS found FROM events WHERE observed < ${cutoffUs} LIMIT 1`,
    [],
    30_000,
  );
  const byAge = old === undefined ? 0 : await store.expire(`observed < ${cutoffUs}`, isShipping);
  const bySize = await expireBySize(store, limits.maxBytes, isShipping);
  if (byAge + bySize > 0) await store.checkpoint();
  return { byAge, bySize };
}
