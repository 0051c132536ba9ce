/** An event as bytes in the buffer: one line of JSON about it, then the record's own JSON untouched. */
import type { FilePosition, Intake, LogEvent } from './model.ts';

interface Head extends Omit<LogEvent, 'attributes'> {
  readonly position?: FilePosition;
  readonly redeliverable: boolean;
}

/** The buffer holds something that no version of this service wrote. */
export class UnreadableEventError extends Error {
  constructor(cause: unknown) {
    super('a buffered record is no event', { cause });
    this.name = 'UnreadableEventError';
  }
}

export function encodeIntake(intake: Intake): string {
  const { attributes, ...rest } = intake.event;
  const { position, redeliverable } = intake;
  const head: Head = { ...rest, redeliverable, ...(position === undefined ? {} : { position }) };
  return `${JSON.stringify(head)}\n${attributes}`;
}

/** @throws UnreadableEventError */
export function decodeIntake(payload: Uint8Array): Intake {
  const buffer = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
  const newline = buffer.indexOf(10);
  try {
    const head = JSON.parse(buffer.toString('utf8', 0, newline < 0 ? buffer.length : newline)) as Head;
    const { position, redeliverable, ...rest } = head;
    if (typeof rest.id !== 'string' || typeof rest.timestampUs !== 'number')
      throw new TypeError('no id or no time');
    const event: LogEvent = {
      ...rest,
      attributes: newline < 0 ? '{}' : buffer.toString('utf8', newline + 1),
    };
    return { event, redeliverable, ...(position === undefined ? {} : { position }) };
  } catch (error) {
    throw new UnreadableEventError(error);
  }
}
