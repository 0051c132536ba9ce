/** What travels between the service and the thread of its store. */
import type { BufferedRecord } from '../buffer/stretch.ts';
import type { Destination } from './dead-letters.ts';
import type { Ledger } from './ledger.ts';
import type { Store, StoreState, StoreStretch } from './port.ts';
import type { SinkLedger } from './sink-ledger.ts';

export type Method = Exclude<keyof Store, 'ledger' | 'sink' | 'deadLetters'>;

export interface Request {
  readonly call: number;
  readonly method: Method;
  readonly args: readonly unknown[];
}

/** The counts that are read without asking; they come with every answer. */
export interface Counts {
  readonly ledger: Ledger;
  readonly sink: SinkLedger;
  readonly deadLetters: ReadonlyMap<Destination, number>;
}

export interface SentError {
  readonly name: string;
  readonly message: string;
}

export type Reply =
  | { readonly kind: 'opened'; readonly state: StoreState; readonly counts: Counts }
  | { readonly kind: 'not-opened'; readonly error: SentError }
  | ({ readonly kind: 'done'; readonly value: unknown } & Answer)
  | ({ readonly kind: 'failed'; readonly error: SentError } & Answer);

interface Answer {
  readonly call: number;
  readonly counts: Counts;
  /** The stretch's memory, back for the next one. */
  readonly memory?: ArrayBuffer;
}

/** A stretch whose payloads lie one after the other, so that one piece of memory changes hands. */
export interface PackedStretch {
  /** Longer than the payloads together, where it was used before. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly sequences: Float64Array<ArrayBuffer>;
  readonly lengths: Uint32Array<ArrayBuffer>;
  readonly throughSequence: number;
  readonly missing: number;
}

/** Most stretches fit, so that one piece of memory goes back and forth. */
const USUAL_BYTES = 3 * 1024 * 1024;

/** @param memory from an earlier stretch, used if it is large enough */
export function pack(
  { records, throughSequence, missing }: StoreStretch,
  memory: ArrayBuffer | undefined,
): PackedStretch {
  const needed = records.reduce((sum, { payload }) => sum + payload.length, 0);
  const isEnough = memory !== undefined && memory.byteLength >= needed;
  const bytes = isEnough ? new Uint8Array(memory) : new Uint8Array(Math.max(needed, USUAL_BYTES));
  const sequences = new Float64Array(records.length);
  const lengths = new Uint32Array(records.length);
  let offset = 0;
  for (const [index, { sequence, payload }] of records.entries()) {
    bytes.set(payload, offset);
    offset += payload.length;
    sequences[index] = sequence;
    lengths[index] = payload.length;
  }
  return { bytes, sequences, lengths, throughSequence, missing };
}

export function unpack({ bytes, sequences, lengths, throughSequence, missing }: PackedStretch): StoreStretch {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const records: BufferedRecord[] = [];
  let offset = 0;
  for (const [index, length] of lengths.entries()) {
    records.push({ sequence: sequences[index] ?? 0, payload: all.subarray(offset, offset + length) });
    offset += length;
  }
  return { records, throughSequence, missing };
}
