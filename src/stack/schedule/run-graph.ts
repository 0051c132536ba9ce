/** The scheduler's core: runs every node as soon as all that it depends on is done. Knows nothing of containers. */

export interface Task {
  readonly id: string;
  readonly dependsOn: readonly string[];
  /** Resolves when the task is done. A rejection fails it and skips everything behind it. */
  run(signal: AbortSignal): Promise<void>;
}

export type Outcome =
  | { readonly id: string; readonly state: 'done' }
  | { readonly id: string; readonly state: 'failed'; readonly error: unknown }
  /** Never started; `because` is the task that failed, however far above. */
  | { readonly id: string; readonly state: 'skipped'; readonly because: string }
  | { readonly id: string; readonly state: 'cancelled' };

/**
 * A failure stops only what depends on it; independent branches go on to their end. After `signal` nothing new is
 * started, and what runs is told by the same signal. Always resolves, with one outcome for each task, in their order.
 */
export async function runGraph(tasks: readonly Task[], signal: AbortSignal): Promise<Outcome[]> {
  const outcomes = new Map<string, Promise<Outcome>>();
  const byId = new Map(tasks.map((task) => [task.id, task]));
  const outcomeOf = (task: Task): Promise<Outcome> => {
    const known = outcomes.get(task.id);
    if (known !== undefined) return known;
    const parents = task.dependsOn.flatMap((id) => byId.get(id) ?? []);
    // The entry stands before the parents are asked for theirs, so shared parents run once.
    const { promise, resolve } = withResolvers<Outcome>();
    outcomes.set(task.id, promise);
    void Promise.all(parents.map(outcomeOf))
      .then((above) => runTask(task, above, signal))
      .then(resolve);
    return promise;
  };
  return Promise.all(tasks.map(outcomeOf));
}

async function runTask(task: Task, above: readonly Outcome[], signal: AbortSignal): Promise<Outcome> {
  const { id } = task;
  const failed = above.find((outcome) => outcome.state === 'failed' || outcome.state === 'skipped');
  if (failed !== undefined) {
    return { id, state: 'skipped', because: failed.state === 'skipped' ? failed.because : failed.id };
  }
  if (signal.aborted || above.some((outcome) => outcome.state === 'cancelled'))
    return { id, state: 'cancelled' };
  try {
    await task.run(signal);
    return { id, state: 'done' };
  } catch (error) {
    return signal.aborted ? { id, state: 'cancelled' } : { id, state: 'failed', error };
  }
}

/** Promise.withResolvers, which Node.js 20 lacks. */
function withResolvers<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
