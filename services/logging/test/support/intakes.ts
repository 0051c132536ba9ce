/** Events for tests that do not care where they come from. */
import { eventFromRecord } from '../../src/event/make.ts';
import type { Intake, LogEvent } from '../../src/event/model.ts';
import { createMasker } from '../../src/mask/mask.ts';

const masker = createMasker([]);

/** One log event with its own time, so that it can be recognised when it comes again. */
export function intake(fields: Record<string, unknown> = {}, observedUs = Date.now() * 1000): Intake {
  const record = { time: new Date().toISOString(), ...fields };
  return eventFromRecord({ record }, 'http', 0, observedUs, masker);
}

/** An event with chosen columns. */
export function intakeWith(event: Partial<LogEvent>): Intake {
  const base = intake({ message: `${Math.random()}` });
  return { ...base, event: { ...base.event, ...event } };
}
