import type { CheckRun, ContainerDetails } from '../../core/ports/engine.ts';

/** A run of a health check that passed: in which life of the container, and when, both in milliseconds since the epoch. */
export interface PassedCheck {
  /** As the engine says it. */
  readonly startedMs: number;
  readonly passedMs: number;
}

/** What there is to keep of a run that passed; null where the engine does not say when the container started. */
export const passedCheck = ({ startedMs }: ContainerDetails, { endMs }: CheckRun): PassedCheck | null =>
  startedMs === null ? null : { startedMs, passedMs: endMs };

/**
 * Whether a check that passed in an earlier run still says something: it is of this life of the container, and no older than the
 * engine's own word is before its next check.
 */
export function stillHolds(passed: PassedCheck, details: ContainerDetails, nowMs: number): boolean {
  const ageMs = nowMs - passed.passedMs;
  const isOfThisLife = passed.startedMs === details.startedMs;
  return details.health === 'starting' && isOfThisLife && ageMs >= 0 && ageMs < details.healthIntervalMs;
}
