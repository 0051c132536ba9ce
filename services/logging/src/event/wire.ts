/**
 * What was taken, as bytes in the buffer: a JSON array with everything but the record, a newline, the record's own bytes.
 * The record is carried as it came wherever nothing of it had to be masked: nothing is printed before an acknowledgement.
 */
import type { Channel, FilePosition, Intake, JsonObject } from './model.ts';

/** The first element; another one is another version's. */
const VERSION = 2;
const NEWLINE = 10;

type Position = readonly [key: string, path: string, generation: number, end: number];
type Head = readonly [
  version: number,
  channel: Channel,
  source: string,
  observedUs: number,
  occurrence: number,
  position: Position | null,
  notes: JsonObject | null,
];

/** The buffer holds something that this version of the service did not write. */
export class UnreadableEventError extends Error {
  constructor(cause: unknown) {
    super('a buffered record is no event', { cause });
    this.name = 'UnreadableEventError';
  }
}

/** The pieces of one record of the buffer. */
export type WireRecord = readonly [head: Uint8Array, content: Uint8Array];

function encodeHead({ channel, source, observedUs, occurrence, position, notes }: Intake): Buffer {
  const where: Position | null =
    position === undefined ? null : [position.key, position.path, position.generation, position.end];
  const head: Head = [VERSION, channel, source, observedUs, occurrence, where, notes ?? null];
  return Buffer.from(`${JSON.stringify(head)}\n`);
}

function haveOneHead(one: Intake, other: Intake): boolean {
  return (
    one.source === other.source &&
    one.observedUs === other.observedUs &&
    one.occurrence === other.occurrence &&
    one.channel === other.channel &&
    one.position === undefined &&
    other.position === undefined
  );
}

/** Records of a batch are mostly alike in everything but themselves: their head is printed once. */
export function encodeIntakes(intakes: readonly Intake[]): WireRecord[] {
  let last: Intake | undefined;
  let head: Buffer = Buffer.alloc(0);
  return intakes.map((intake) => {
    if (last === undefined || !haveOneHead(last, intake)) head = encodeHead(intake);
    last = intake;
    return [head, intake.content];
  });
}

function isHead(value: unknown): value is Head {
  if (!Array.isArray(value) || value[0] !== VERSION) return false;
  const [, channel, source, observedUs] = value as unknown[];
  return typeof channel === 'string' && typeof source === 'string' && typeof observedUs === 'number';
}

function toPosition([key, path, generation, end]: Position): FilePosition {
  return { key, path, generation, end };
}

/** `content` is a view into the payload. @throws UnreadableEventError */
export function decodeIntake(payload: Uint8Array): Intake {
  const buffer = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
  try {
    const newline = buffer.indexOf(NEWLINE);
    const head: unknown = JSON.parse(buffer.toString('utf8', 0, newline < 0 ? buffer.length : newline));
    if (!isHead(head)) throw new TypeError('of another version');
    const [, channel, source, observedUs, occurrence, position, notes] = head;
    return {
      channel,
      source,
      observedUs,
      occurrence,
      ...(position === null ? {} : { position: toPosition(position) }),
      ...(notes === null ? {} : { notes }),
      content: buffer.subarray(newline + 1),
    };
  } catch (error) {
    throw new UnreadableEventError(error);
  }
}
