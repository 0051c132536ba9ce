/** What was taken, for tests that do not care where it comes from. */
import { entryOf } from '../../src/event/make.ts';
import type { Entry, Intake } from '../../src/event/model.ts';
import { maskedContent, sourceOfRecord } from '../../src/event/take.ts';
import { decodeIntake, encodeIntakes } from '../../src/event/wire.ts';
import { createMasker } from '../../src/mask/mask.ts';

const masker = createMasker([]);

/** A record with its own time, so that it can be recognised when it comes again. */
export function intake(fields: Record<string, unknown> = {}, observedUs = Date.now() * 1000): Intake {
  const record = { time: new Date().toISOString(), ...fields };
  const content = maskedContent({ record }, masker);
  return { channel: 'http', source: sourceOfRecord(record, 'http'), observedUs, occurrence: 0, content };
}

/** The event that comes out of the buffer. */
export function entry(fields: Record<string, unknown> = {}, observedUs?: number): Entry {
  return entryOf(throughTheBuffer(intake(fields, observedUs)));
}

export function throughTheBuffer(taken: Intake): Intake {
  return decodeIntake(Buffer.concat(encodeIntakes([taken]).flat()));
}

/** As the buffer holds it. */
export function encoded(taken: Intake): string {
  return Buffer.concat(encodeIntakes([taken]).flat()).toString();
}
