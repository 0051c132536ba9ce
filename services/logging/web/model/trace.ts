/** One request on its way: what happened when, from the gateway to the services and back. */
import type { EventDocument } from '../api/answers.ts';
import { microseconds } from './time.ts';

export interface Step {
  readonly event: EventDocument;
  /** From the beginning of the trace to the event. */
  readonly offsetMs: number;
  /** What took its time, as shares of the whole trace; the width of a moment is 0. */
  readonly from: number;
  readonly width: number;
}

export interface Trace {
  readonly startIso: string;
  readonly totalMs: number;
  readonly steps: readonly Step[];
  /** Which instances had a part in it, in the order of their first event. */
  readonly sources: readonly string[];
}

interface Timed {
  readonly event: EventDocument;
  readonly atUs: number;
  readonly startUs: number;
  readonly endUs: number;
}

/** The gateway notes when a request began; whoever logs a duration does so when it is over. */
function timed(event: EventDocument): Timed {
  const atUs = microseconds(event.timestamp);
  const durationUs = (event.duration_ms ?? 0) * 1000;
  return event.kind === 'access'
    ? { event, atUs, startUs: atUs, endUs: atUs + durationUs }
    : { event, atUs, startUs: atUs - durationUs, endUs: atUs };
}

/** At the same moment the gateway comes first: it is where a request comes in. */
function inOrder(one: Timed, other: Timed): number {
  const gatewayFirst = Number(other.event.kind === 'access') - Number(one.event.kind === 'access');
  return one.atUs - other.atUs || gatewayFirst || one.event.sequence - other.event.sequence;
}

/** @returns undefined where there is no event */
export function traceOf(events: readonly EventDocument[]): Trace | undefined {
  const all = events.map(timed).sort(inOrder);
  if (all.length === 0) return undefined;
  const startUs = all.reduce((earliest, each) => Math.min(earliest, each.startUs), Number.POSITIVE_INFINITY);
  const endUs = all.reduce((latest, each) => Math.max(latest, each.endUs), Number.NEGATIVE_INFINITY);
  const totalUs = Math.max(1, endUs - startUs);
  return {
    startIso: new Date(startUs / 1000).toISOString(),
    totalMs: (endUs - startUs) / 1000,
    steps: all.map(({ event, atUs, ...span }) => ({
      event,
      offsetMs: (atUs - startUs) / 1000,
      from: (span.startUs - startUs) / totalUs,
      width: (span.endUs - span.startUs) / totalUs,
    })),
    sources: [...new Set(all.map(({ event }) => event.source))],
  };
}

/** Events of several questions, each once. */
export function merged(...lists: readonly (readonly EventDocument[])[]): EventDocument[] {
  return [...new Map(lists.flat().map((event) => [event.sequence, event])).values()];
}
