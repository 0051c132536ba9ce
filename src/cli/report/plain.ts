import type { ChalkInstance } from 'chalk';
import { detailLine, eventLine } from './event-line.ts';
import { quietly, type Reporter, type Write } from './reporter.ts';

export interface PlainSettings {
  readonly nowMs: () => number;
  readonly paint: ChalkInstance;
  /** Also what starts, and each step's output. */
  readonly verbose: boolean;
}

/** For pipes, CI and terminals that cannot move the cursor: a line for what ended, with the time of day. */
export const plainReporter = (write: Write, { nowMs, paint, verbose }: PlainSettings): Reporter => ({
  emit: (event) => {
    const line = eventLine(event, paint) ?? (verbose ? detailLine(event, paint) : undefined);
    if (line !== undefined) write(`${paint.dim(timeOfDay(nowMs()))} ${line}\n`);
  },
  close: () => {},
});

/** The same of warnings and failures alone, without the time. */
export const quietReporter = (write: Write, paint: ChalkInstance): Reporter =>
  quietly({
    emit: (event) => {
      const line = eventLine(event, paint);
      if (line !== undefined) write(`${line}\n`);
    },
    close: () => {},
  });

/** `09:05:12`, in the zone of whoever reads it. */
function timeOfDay(ms: number): string {
  const date = new Date(ms);
  return [date.getHours(), date.getMinutes(), date.getSeconds()]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
}
