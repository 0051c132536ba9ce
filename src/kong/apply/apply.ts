import { ApictlError, EXIT, type ExitCode, messageOf } from '../../core/errors.ts';
import type { Emit } from '../../core/events.ts';
import { INTERRUPTED, interruptedExitCode } from '../../core/interruption.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { AdminClient } from '../admin/client.ts';
import { inOrder } from '../plan/order.ts';
import type { Change, Release, SeedPlan } from '../plan/plan.ts';
import { confirmApplied } from './confirm.ts';
import { askAfter, undo } from './undo.ts';
import { send } from './write.ts';

export interface SeedOutcome {
  readonly created: number;
  readonly updated: number;
  readonly deleted: number;
  /** Requests that changed Kong, repetitions included. */
  readonly writes: number;
}

/** What was done, in order, for undoing it. */
export type Done =
  | { readonly what: 'change'; readonly change: Change }
  | { readonly what: 'release'; readonly release: Release };

/**
 * Does what the plan says, level by level, all entities of a level at once. When a write fails for good, nothing new is
 * started, and what was done is undone.
 *
 * @throws ApictlError SEED_UNDONE (exit 6): nothing is changed. SEED_PARTIAL (exit 3): some of it is applied, the details say what; the
 * next run finishes. SEED_OVERTAKEN (exit 3): somebody else wrote at the same time. INTERRUPTED (exit 130), with the same details.
 */
export async function applyPlan(input: {
  readonly plan: SeedPlan;
  readonly client: AdminClient;
  /** For undoing: its own deadline, so that there is time left when the other one is over. */
  readonly undoClient: AdminClient;
  readonly clock: Clock;
  readonly emit: Emit;
  /** Told of each change that is done, while Kong is busy with others. */
  readonly onDone?: ((change: Change) => void) | undefined;
  readonly signal?: AbortSignal;
}): Promise<SeedOutcome> {
  const { plan, client, emit } = input;
  const done: Done[] = [];
  const answers = new Map<Change, unknown>();
  /** Sent without a clear answer: they may be applied. */
  const unclear: Done[] = [];
  let failed: Done | undefined;
  const run = async (step: Done) => {
    input.signal?.throwIfAborted();
    const write = step.what === 'change' ? step.change.write : step.release.write;
    try {
      const answer = await send(client, write);
      // Gone already: nothing was given up that an undo could bring back.
      if (step.what === 'release' && answer.status === 404) return;
      if (step.what === 'change' && step.change.action !== 'delete') answers.set(step.change, answer.body);
    } catch (thrown) {
      if (!isClearRefusal(thrown)) unclear.push(step);
      failed ??= step;
      throw thrown;
    }
    done.push(step);
    if (step.what === 'change') {
      const { action, kind, name } = step.change;
      emit({ type: 'step.progress', step: 'seed', text: `${action} ${kind} ${name}` });
      input.onDone?.(step.change);
    }
  };
  try {
    await client.all(plan.releases, (release) => run({ what: 'release', release }));
    for (const changes of inOrder(plan.changes)) {
      await client.all(changes, (change) => run({ what: 'change', change }));
    }
  } catch (thrown) {
    throw await afterFailure(input, { done, unclear, failed }, thrown);
  }
  const { writes } = client.sent();
  await confirmApplied({ ...input, answers });
  const count = (action: Change['action']) =>
    plan.changes.filter((change) => change.action === action).length;
  return {
    created: count('create'),
    updated: count('update'),
    deleted: count('delete'),
    writes,
  };
}

/** Kong said no; everything else (no answer, a 500) may have been applied all the same. */
const isClearRefusal = (thrown: unknown): boolean =>
  thrown instanceof ApictlError && ['KONG_REFUSED', 'KONG_DBLESS'].includes(thrown.code);

/** Whoever stopped the run is told so, whatever else went wrong. */
const ending = (stopped: AbortSignal | undefined, code: string, exitCode: ExitCode) =>
  stopped === undefined ? { code, exitCode } : { code: INTERRUPTED, exitCode: interruptedExitCode(stopped) };

const line = ({ action, kind, name }: Change) => `${action} ${kind} ${name}`;

/** `create service api (kong/kong.yaml:12)` */
function whatOf(step: Done): string {
  if (step.what === 'release')
    return `give up the ${step.release.field} of ${step.release.holder.kind} ${step.release.holder.id}`;
  const { place } = step.change;
  return `${line(step.change)}${place === undefined ? '' : ` (${place.file}:${place.line})`}`;
}

async function afterFailure(
  input: Parameters<typeof applyPlan>[0],
  {
    done,
    unclear,
    failed,
  }: { readonly done: readonly Done[]; readonly unclear: readonly Done[]; readonly failed: Done | undefined },
  thrown: unknown,
): Promise<unknown> {
  const { plan, undoClient, emit } = input;
  const stopped = input.signal?.aborted === true ? input.signal : undefined;
  if (!(thrown instanceof ApictlError) && stopped === undefined) return thrown;
  const reason = `${failed === undefined ? '' : `${whatOf(failed)}: `}${messageOf(thrown)}`;
  const lost = await askAfter(undoClient, unclear, plan.releases);
  const touched = [...done, ...lost.flatMap(({ step, isApplied }) => (isApplied === false ? [] : [step]))];
  const object = thrown instanceof ApictlError ? thrown.object : undefined;
  if (touched.length > 0) {
    emit({ type: 'warning', text: `the seed failed (${reason}); undoing ${touched.length} changes` });
  }
  const { left, givenUp, failure } = await undo(undoClient, touched);
  if (left.length === 0) {
    return new ApictlError({
      ...ending(stopped, 'SEED_UNDONE', thrown instanceof ApictlError ? thrown.exitCode : EXIT.bug),
      message:
        touched.length === 0
          ? `nothing is changed: ${reason}`
          : `nothing is changed: ${reason}; the ${touched.length} changes made until then are undone`,
      object,
      hint: 'Run "apictl seed" again once the cause is gone.',
      cause: thrown,
    });
  }
  const isLeft = new Set(left.map((step) => (step.what === 'change' ? step.change : undefined)));
  const uncertain = new Set(lost.flatMap(({ step, isApplied }) => (isApplied === undefined ? [step] : [])));
  const isPerhaps = new Set([...uncertain].map((step) => (step.what === 'change' ? step.change : undefined)));
  return new ApictlError({
    ...ending(stopped, 'SEED_PARTIAL', EXIT.partial),
    message: `the seed is partly applied and could not be undone: ${reason}${failure === undefined ? '' : `; undoing it stopped: ${messageOf(failure)}`}`,
    object,
    hint: 'Run "apictl seed" again: it finishes what is left.',
    details: [
      ...plan.changes
        .filter((change) => isLeft.has(change))
        .map((change) => `${isPerhaps.has(change) ? 'perhaps applied' : 'applied'}: ${line(change)}`),
      ...plan.changes.filter((change) => !isLeft.has(change)).map((change) => `not applied: ${line(change)}`),
      ...givenUp.map(({ kind, id, field }) => {
        const name = plan.changes.find((change) => change.id === id)?.name ?? id;
        return `given up until the next run: ${field} of ${kind} ${name}`;
      }),
    ],
    cause: thrown,
  });
}
