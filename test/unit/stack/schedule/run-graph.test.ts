import { describe, expect, it } from 'vitest';
import { runGraph, type Task } from '../../../../src/stack/schedule/run-graph.ts';

const never = new AbortController().signal;
const turn = () => new Promise((resolve) => setImmediate(resolve));

function recorder() {
  const log: string[] = [];
  const task = (id: string, dependsOn: readonly string[] = [], fails = false): Task => ({
    id,
    dependsOn,
    run: async () => {
      log.push(`+${id}`);
      await turn();
      if (fails) throw new Error(`${id} failed`);
      log.push(`-${id}`);
    },
  });
  return { log, task };
}

describe('the scheduler', () => {
  it('starts a task only when all that it depends on is done', async () => {
    const { log, task } = recorder();
    await runGraph([task('kong', ['postgres', 'jobs']), task('postgres'), task('jobs', ['postgres'])], never);
    expect(log).toEqual(['+postgres', '-postgres', '+jobs', '-jobs', '+kong', '-kong']);
  });

  it('runs independent branches side by side', async () => {
    const { log, task } = recorder();
    await runGraph([task('a'), task('b')], never);
    expect(log.slice(0, 2)).toEqual(['+a', '+b']);
  });

  it('runs what both sides of a diamond share once', async () => {
    const { log, task } = recorder();
    await runGraph(
      [task('bottom', ['left', 'right']), task('left', ['top']), task('right', ['top']), task('top')],
      never,
    );
    expect(log.filter((line) => line === '+top')).toHaveLength(1);
    expect(log.at(-1)).toBe('-bottom');
  });

  it('never starts what depends on a failure, and names the failure that is the reason', async () => {
    const { log, task } = recorder();
    const outcomes = await runGraph(
      [task('db', [], true), task('api', ['db']), task('page', ['api'])],
      never,
    );
    expect(log).toEqual(['+db']);
    expect(outcomes).toMatchObject([
      { id: 'db', state: 'failed', error: new Error('db failed') },
      { id: 'api', state: 'skipped', because: 'db' },
      { id: 'page', state: 'skipped', because: 'db' },
    ]);
  });

  it('lets the other branches go on to their end', async () => {
    const { log, task } = recorder();
    await runGraph([task('db', [], true), task('logs'), task('search', ['logs'])], never);
    expect(log).toContain('-search');
  });

  it('starts nothing new after the signal', async () => {
    const { log, task } = recorder();
    const control = new AbortController();
    const first: Task = { id: 'first', dependsOn: [], run: async () => control.abort() };
    const outcomes = await runGraph([first, task('second', ['first'])], control.signal);
    expect(log).toEqual([]);
    expect(outcomes.map(({ state }) => state)).toEqual(['done', 'cancelled']);
  });

  it('counts a task that the signal ended as cancelled, not as failed', async () => {
    const control = new AbortController();
    const task: Task = {
      id: 'wait',
      dependsOn: [],
      run: async (signal) => {
        control.abort();
        signal.throwIfAborted();
      },
    };
    expect(await runGraph([task], control.signal)).toEqual([{ id: 'wait', state: 'cancelled' }]);
  });

  it('ignores dependencies on what is not part of the run', async () => {
    const { log, task } = recorder();
    await runGraph([task('kong', ['not-here'])], never);
    expect(log).toEqual(['+kong', '-kong']);
  });
});
