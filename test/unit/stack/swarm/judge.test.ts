import { describe, expect, it } from 'vitest';
import type { LiveService, LiveTask } from '../../../../src/core/ports/swarm.ts';
import { type AwaitedService, judgeService, type Verdict } from '../../../../src/stack/swarm/judge.ts';
import { liveService, liveTask } from '../../../fakes/fake-swarm.ts';

const service = (given: Partial<AwaitedService> = {}): AwaitedService => ({
  name: 'backend',
  digest: 'new',
  replicas: 2,
  isJob: false,
  isUpdated: false,
  ...given,
});

const task = (digest: string, given: Partial<LiveTask> = {}) => liveTask('backend', digest, given);
const failed = (digest: string, error = 'task: non-zero exit (1)') =>
  task(digest, { state: 'failed', desired: 'shutdown', error, exitCode: 1 });

const judged = (
  wanted: AwaitedService,
  live: Partial<LiveService> | undefined,
  tasks: readonly LiveTask[],
  known: readonly LiveTask[] = [],
): Verdict =>
  judgeService(
    wanted,
    live === undefined ? undefined : liveService('backend', 'new', live),
    tasks,
    new Set(known.map(({ id }) => id)),
  );

describe('a service on Swarm', () => {
  it('is waited for while it has no task, and starts with the first', () => {
    expect(judged(service(), undefined, []).state).toBe('waiting');
    expect(judged(service(), {}, []).state).toBe('waiting');
    expect(judged(service(), {}, [task('new', { state: 'starting' })]).state).toBe('starting');
  });

  it('is ready when all replicas run, none of an older one does, and the update is over', () => {
    const both = [task('new'), task('new', { slot: 2 })];
    expect(judged(service(), {}, both.slice(1)).state).toBe('starting');
    expect(judged(service(), {}, both).state).toBe('ready');
    expect(judged(service(), {}, [...both, task('old')]).state).toBe('starting');
    expect(judged(service(), { update: 'updating' }, both).state).toBe('starting');
    expect(
      judged(service(), { update: 'completed' }, [
        ...both,
        task('old', { state: 'shutdown', desired: 'shutdown' }),
      ]).state,
    ).toBe('ready');
  });

  it('has failed when its update was rolled back, once it stands as before, with the task that was to blame', () => {
    const broken = failed('new');
    const wanted = service({ isUpdated: true });
    const old = { labels: { 'io.apictl.digest': 'old' } };
    expect(judged(wanted, { ...old, update: 'rollback_started' }, [broken]).state).toBe('starting');
    expect(judged(wanted, { ...old, update: 'rollback_completed' }, [broken, task('old')])).toEqual({
      state: 'failed',
      why: 'the update was rolled back',
      task: broken,
      isRolledBack: true,
    });
    expect(judged(wanted, { update: 'paused' }, [])).toMatchObject({ state: 'failed', task: null });
  });

  it('is ready where what was put back earlier is what is wanted', () => {
    const both = [task('new'), task('new', { slot: 2 }), failed('broken')];
    expect(judged(service(), { update: 'rollback_completed' }, both).state).toBe('ready');
    expect(judged(service(), { update: 'rollback_started' }, both).state).toBe('starting');
  });

  it('is left to Swarm while it is updated, and has failed after three ends in a row where it is new', () => {
    const thrice = [failed('new'), failed('new'), failed('new')];
    expect(judged(service({ isUpdated: true }), { update: 'updating' }, thrice).state).toBe('starting');
    expect(judged(service(), {}, thrice.slice(1)).state).toBe('starting');
    expect(judged(service(), {}, thrice)).toMatchObject({
      state: 'failed',
      why: 'ended 3 times',
      task: thrice[2],
    });
    expect(judged(service(), {}, thrice, thrice).state).toBe('starting');
  });

  it('has failed at once where a node lacks its image', () => {
    const rejected = task('new', {
      state: 'rejected',
      desired: 'shutdown',
      error: 'No such image: apictl/backend:1',
    });
    expect(judged(service(), {}, [rejected])).toMatchObject({
      state: 'failed',
      why: 'its image is not there',
    });
  });
});

describe('a job on Swarm', () => {
  const job = service({ replicas: 1, isJob: true });

  it('is done when it has ended well, whatever it was before', () => {
    expect(judged(job, {}, [task('new')]).state).toBe('starting');
    const done = task('new', { state: 'complete', desired: 'shutdown' });
    expect(judged(job, {}, [failed('new'), done]).state).toBe('ready');
    expect(judged(job, {}, [{ ...done, labels: {} }]).state).toBe('waiting');
  });

  it('has failed when Swarm starts it no more', () => {
    expect(judged(job, {}, [failed('new'), task('new', { state: 'ready', desired: 'ready' })]).state).toBe(
      'starting',
    );
    expect(judged(job, {}, [failed('new'), failed('new')])).toMatchObject({
      state: 'failed',
      why: 'ended 2 times without success',
    });
  });
});
