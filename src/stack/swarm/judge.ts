import type { LiveService, LiveTask } from '../../core/ports/swarm.ts';
import { DIGEST_LABEL } from '../render/labels.ts';

/** A service that is waited for. */
export interface AwaitedService {
  readonly name: string;
  /** Of what was deployed: its tasks carry it, those of before another. */
  readonly digest: string;
  readonly replicas: number;
  readonly isJob: boolean;
  /** Whether Swarm replaces tasks that ran before, and so puts them back where the new ones fail. */
  readonly isUpdated: boolean;
}

export type Verdict =
  /** Nothing of it has begun. */
  | { readonly state: 'waiting' }
  | { readonly state: 'starting' }
  | { readonly state: 'ready' }
  /** `task` is the one that failed last, where there is one. */
  | {
      readonly state: 'failed';
      readonly why: string;
      readonly task: LiveTask | null;
      readonly isRolledBack: boolean;
    };

/** A task that fails this often in a row is no accident. */
const MOST_FAILURES = 3;

const ENDED_BADLY = new Set(['failed', 'rejected', 'orphaned']);

/**
 * How far a service is, from one look at the engine. Pure.
 * @param known ids of the tasks that had ended before the deploy: their failures are old news
 */
export function judgeService(
  wanted: AwaitedService,
  live: LiveService | undefined,
  tasks: readonly LiveTask[],
  known: ReadonlySet<string>,
): Verdict {
  if (live === undefined) return { state: 'waiting' };
  const ofService = tasks.filter(({ serviceId }) => serviceId === live.id);
  const current = ofService.filter(({ labels }) => labels[DIGEST_LABEL] === wanted.digest);
  const failures = current
    .filter(({ id, state }) => ENDED_BADLY.has(state) && !known.has(id))
    .sort((a, b) => b.createdMs - a.createdMs);
  const failed = (why: string, isRolledBack = false): Verdict => ({
    state: 'failed',
    why,
    task: failures[0] ?? null,
    isRolledBack,
  });
  // A rollback brings the digest of before with it.
  if (live.labels[DIGEST_LABEL] !== wanted.digest) {
    // Only when it stands as before it can be said that it does.
    return live.update === 'rollback_started'
      ? { state: 'starting' }
      : failed('the update was rolled back', true);
  }
  if (live.update === 'paused') return failed('the update was stopped half-way');
  if (wanted.isJob) return judgeJob(current, failures, failed);
  // What was put back earlier is what is wanted now, and was left alone since.
  const isSettled = ['completed', 'rollback_completed', null].includes(live.update);
  const older = ofService.filter(
    ({ labels, desired, state }) =>
      labels[DIGEST_LABEL] !== wanted.digest && desired === 'running' && state === 'running',
  );
  const running = current.filter(({ state, desired }) => state === 'running' && desired === 'running');
  if (isSettled && older.length === 0 && running.length === wanted.replicas) return { state: 'ready' };
  // Swarm itself decides about an update, and puts back what was there.
  if (!wanted.isUpdated && running.length < wanted.replicas) {
    if (failures.some(({ error }) => IMAGE_MISSING.test(error))) return failed('its image is not there');
    if (failures.length >= MOST_FAILURES) return failed(`ended ${failures.length} times`);
  }
  return { state: current.length === 0 ? 'waiting' : 'starting' };
}

const IMAGE_MISSING = /No such image/i;

function judgeJob(
  current: readonly LiveTask[],
  failures: readonly LiveTask[],
  failed: (why: string) => Verdict,
): Verdict {
  if (current.some(({ state }) => state === 'complete')) return { state: 'ready' };
  const isUnderWay = current.some(
    ({ state, desired }) => !ENDED_BADLY.has(state) && desired !== 'shutdown' && desired !== 'remove',
  );
  // Swarm has seen the last failure, and starts no other task.
  if (failures[0]?.desired === 'shutdown' && !isUnderWay)
    return failed(`ended ${failures.length} times without success`);
  return { state: current.length === 0 ? 'waiting' : 'starting' };
}
