/** A live tail: what came last, newest first, and what waits while it is paused. Bounded, however fast it comes. */
import type { EventDocument } from '../api/answers.ts';

export const MAX_SHOWN = 500;

export interface Tail {
  readonly shown: readonly EventDocument[];
  readonly isPaused: boolean;
  /** Came while paused, newest first; as many as would be shown. */
  readonly waiting: readonly EventDocument[];
  /** How many came while paused, held or not. */
  readonly waitingCount: number;
  readonly received: number;
  /** Times that the service left events out because more came than anybody reads. */
  readonly skips: number;
}

export const EMPTY_TAIL: Tail = {
  shown: [],
  isPaused: false,
  waiting: [],
  waitingCount: 0,
  received: 0,
  skips: 0,
};

function newestFirst(
  arrived: readonly EventDocument[],
  before: readonly EventDocument[],
): readonly EventDocument[] {
  return [...arrived.toReversed(), ...before].slice(0, MAX_SHOWN);
}

/** @param arrived in the order of arrival */
export function receive(tail: Tail, arrived: readonly EventDocument[]): Tail {
  // A stream that was interrupted may repeat the events it ended with.
  const last = (tail.waiting[0] ?? tail.shown[0])?.sequence ?? -1;
  const fresh = arrived.filter(({ sequence }) => sequence > last);
  if (fresh.length === 0) return tail;
  const received = tail.received + fresh.length;
  if (!tail.isPaused) return { ...tail, received, shown: newestFirst(fresh, tail.shown) };
  return {
    ...tail,
    received,
    waiting: newestFirst(fresh, tail.waiting),
    waitingCount: tail.waitingCount + fresh.length,
  };
}

export function skip(tail: Tail): Tail {
  return { ...tail, skips: tail.skips + 1 };
}

export function pause(tail: Tail): Tail {
  return { ...tail, isPaused: true };
}

export function goOn(tail: Tail): Tail {
  return {
    ...tail,
    isPaused: false,
    shown: [...tail.waiting, ...tail.shown].slice(0, MAX_SHOWN),
    waiting: [],
    waitingCount: 0,
  };
}
