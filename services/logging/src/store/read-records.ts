/** Records of the buffer -> events, and dead letters of what is none. */
import type { BufferedRecord } from '../buffer/stretch.ts';
import { entryOf } from '../event/make.ts';
import { decodeIntake } from '../event/wire.ts';
import type { DeadLetter } from './dead-letters.ts';
import type { Numbered } from './insert.ts';

export interface ReadRecords {
  readonly events: readonly Numbered[];
  readonly refused: readonly DeadLetter[];
}

/** A record that the store does not take, whole. */
export function letterOf({ sequence, payload }: BufferedRecord, error: unknown): DeadLetter {
  const message = error instanceof Error ? error.message : String(error);
  const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : '';
  const text = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString('utf8');
  return {
    sequence,
    destination: 'store',
    reason: `${message}${cause}`,
    atUs: Date.now() * 1000,
    payload: text,
  };
}

export function readRecords(records: readonly BufferedRecord[]): ReadRecords {
  const events: Numbered[] = [];
  const refused: DeadLetter[] = [];
  for (const record of records) {
    try {
      events.push({ sequence: record.sequence, entry: entryOf(decodeIntake(record.payload)) });
    } catch (error) {
      refused.push(letterOf(record, error));
    }
  }
  return { events, refused };
}
