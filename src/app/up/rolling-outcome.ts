import { ApictlError, EXIT } from '../../core/errors.ts';
import type { ServiceReport } from '../../diagnosis/report.ts';
import type { StackPlan } from '../../stack/plan/plan.ts';
import { REJOIN_TASK, RETIRE_TASK } from '../../stack/rollout/rolling.ts';
import type { Outcome } from '../../stack/schedule/run-graph.ts';

/** How far a change of the replicas came. */
export interface RollingOutcome {
  /** Replicas that were replaced or restarted. */
  readonly done: readonly string[];
  /** Nothing is left to be done, or nothing was to be done. */
  readonly isComplete: boolean;
  /** Replicas that nothing was done to: they serve as before. */
  readonly untouched: readonly string[];
  /** The replica that shows first that new ones work, as far as it serves now; null where there is none. */
  readonly surge: string | null;
  /** Tasks that are no services whose start failed when they are skipped. */
  readonly tasks: ReadonlySet<string>;
}

/** Pure. */
export function rollingOutcome(
  { operations, surge }: Pick<StackPlan, 'operations' | 'surge'>,
  outcomes: readonly Outcome[],
): RollingOutcome {
  const rolled = operations.filter(({ drains }) => drains).map(({ service }) => service);
  const inState = (...states: readonly Outcome['state'][]): string[] =>
    rolled.filter((service) => outcomes.some(({ id, state }) => id === service && states.includes(state)));
  const isDone = (name: string): boolean => outcomes.some(({ id, state }) => id === name && state === 'done');
  const done = inState('done');
  const isRetired = isDone(RETIRE_TASK);
  return {
    done,
    isComplete: done.length === rolled.length && (surge === null || isRetired),
    untouched: inState('skipped', 'cancelled'),
    surge: surge !== null && isDone(surge.node.name) && !isRetired ? surge.node.name : null,
    tasks: new Set([RETIRE_TASK, REJOIN_TASK, ...rolled]),
  };
}

/** What was done and what was not, as lines. */
export const rollingLines = ({ done, untouched, surge, isComplete }: RollingOutcome): string[] => [
  ...(isComplete || done.length === 0 ? [] : [`done: ${done.join(', ')}`]),
  ...(untouched.length === 0 ? [] : [`as before: ${untouched.join(', ')}`]),
  ...(surge === null ? [] : [`serves besides until the rest is done: ${surge}`]),
];

/** A failure of the gateway in the middle: some replicas are new, so it is partly applied. Any other failure as it is. */
export function partlyRolled(failure: ApictlError, outcome: RollingOutcome, command: string): ApictlError {
  const lines = rollingLines(outcome);
  if (lines.length === 0) return failure;
  const isPartly = outcome.done.length > 0 || outcome.surge !== null;
  return new ApictlError({
    code: isPartly ? 'ROLLOUT_INCOMPLETE' : failure.code,
    exitCode: isPartly ? EXIT.partial : failure.exitCode,
    message: isPartly ? `the replicas are changed in part: ${failure.message}` : failure.message,
    object: failure.object,
    details: [...failure.details, ...lines],
    hint: isPartly
      ? `No request is lost. Run "apictl ${command}" again: it goes on from there.`
      : failure.hint,
    cause: failure,
  });
}

/**
 * The report of the replica that should have shown that new ones work. It is removed as soon as the run ends, so it has no
 * state any more, and nothing can be asked of it: a hint that names it would lead nowhere.
 */
export function removedSurgeReport(
  report: ServiceReport,
  untouched: readonly string[],
  command: string,
): ServiceReport {
  const { service, log, hint } = report;
  const where = log.length === 0 ? '' : ', its last lines are above';
  const serve =
    untouched.length === 0
      ? ''
      : `; ${untouched.join(', ')} ${untouched.length === 1 ? 'serves' : 'serve'} on as before`;
  const isDeadEnd = hint.includes(service);
  return {
    ...report,
    state: null,
    restarts: 0,
    hint: isDeadEnd
      ? `${service} has been removed${where}${serve}. Correct the image or its settings, then run "apictl ${command}" again.`
      : hint,
  };
}
