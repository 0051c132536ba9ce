import { describe, expect, it } from 'vitest';
import type { ContainerDetails, EngineEvent } from '../../../../src/core/ports/engine.ts';
import { CheckPace } from '../../../../src/stack/schedule/check-pace.ts';
import type { PassedCheck } from '../../../../src/stack/schedule/passed-check.ts';
import {
  type WaitPorts,
  type WaitSubject,
  waitUntilReady,
} from '../../../../src/stack/schedule/readiness.ts';
import { details } from '../../../fakes/containers.ts';
import { fakeClock } from '../../../fakes/fake-clock.ts';

const never = new AbortController().signal;

/** 1, 2, 3, ... */
function counter(): () => number {
  let count = 0;
  return () => {
    count += 1;
    return count;
  };
}

/** An engine whose container is as `look` says at each inspection and whose check answers as `check` says. */
function world(given: { look?: () => ContainerDetails; check?: () => { exitCode: number; output: string } }) {
  const clock = fakeClock();
  const argvs: (readonly string[])[] = [];
  const listeners: ((event: EngineEvent) => void)[] = [];
  const ports: WaitPorts = {
    clock,
    pace: new CheckPace(),
    onEvent: (_id, listener) => {
      listeners.push(listener);
      return () => listeners.splice(listeners.indexOf(listener), 1);
    },
    engine: {
      inspect: async () => (given.look ?? details)(),
      exec: async (_id, argv) => {
        argvs.push(argv);
        return (given.check ?? (() => ({ exitCode: 1, output: 'not yet' })))();
      },
    },
  };
  const wait = (
    isJob = false,
    signal = never,
    deadlineMs = 10_000,
    given: Partial<Pick<WaitSubject, 'lastPassed' | 'hasFlapped'>> = {},
  ) => {
    const subject = { containerId: 'id', isJob, dependants: 0, expectedBootMs: 4_000, deadlineMs };
    return waitUntilReady({ ...subject, lastPassed: null, hasFlapped: false, ...given }, ports, signal);
  };
  const send = (event: Partial<EngineEvent> & Pick<EngineEvent, 'action'>) => {
    for (const listener of [...listeners]) listener({ containerId: 'id', service: 'kong', ...event });
  };
  const start = (begin: () => Promise<void>, expectedBootMs: number | null = null) =>
    waitUntilReady(
      {
        containerId: 'id',
        isJob: false,
        dependants: 0,
        expectedBootMs,
        lastPassed: null,
        hasFlapped: false,
        deadlineMs: 10_000,
      },
      ports,
      never,
      begin,
    );
  return { clock, argvs, listeners, wait, send, start };
}

describe('how long its boot took before', () => {
  it('keeps a service that is started from being looked at too early', async () => {
    const { clock, start } = world({ check: () => ({ exitCode: 0, output: '' }) });
    expect(await start(async () => {}, 800)).toMatchObject({ state: 'ready' });
    expect(clock.now()).toBe(720);
  });

  it('says nothing of one that runs already: it is looked at now', async () => {
    const { clock, wait } = world({ check: () => ({ exitCode: 0, output: '' }) });
    expect(await wait()).toMatchObject({ state: 'ready' });
    expect(clock.now()).toBe(0);
  });
});

describe('a check that passed a moment ago, in an earlier run', () => {
  const waitWith = async (passed: PassedCheck, given: Partial<ContainerDetails> = {}) => {
    const { wait, argvs, clock } = world({
      look: () => details({ startedMs: 1_000, healthIntervalMs: 10_000, ...given }),
      check: () => ({ exitCode: 0, output: '' }),
    });
    await clock.sleep(20_000);
    const readiness = await wait(false, never, 60_000, { lastPassed: passed });
    return { readiness, checks: argvs.length };
  };

  it('counts as long as the engine’s own word would: nothing is run', async () => {
    const passed = { startedMs: 1_000, passedMs: 12_000 };
    expect(await waitWith(passed)).toEqual({
      readiness: { state: 'ready', restarts: 0, passed },
      checks: 0,
    });
  });

  it.each([
    ['is as old as the interval', { startedMs: 1_000, passedMs: 10_000 }, {}],
    ['was of a life before this one', { startedMs: 900, passedMs: 12_000 }, {}],
    ['lies in the future, because the clock was set', { startedMs: 1_000, passedMs: 20_001 }, {}],
    ['is gainsaid by the engine', { startedMs: 1_000, passedMs: 12_000 }, { health: 'unhealthy' as const }],
  ])('says nothing where it %s', async (_why, passed, given) => {
    const { readiness, checks } = await waitWith(passed, given);
    expect(checks).toBe(1);
    expect(readiness).toEqual({
      state: 'ready',
      restarts: 0,
      passed: { startedMs: 1_000, passedMs: 20_000 },
    });
  });
});

describe('a service that flaps while it comes up', () => {
  const passes = () => ({ exitCode: 0, output: '' });

  it('was ready in this run and fell: it is ready after three checks in a row, a second apart', async () => {
    const { wait, argvs, clock } = world({ check: passes });
    expect(await wait(false, never, 10_000, { hasFlapped: true })).toMatchObject({ state: 'ready' });
    expect(argvs).toHaveLength(3);
    expect(clock.now()).toBe(2_000);
  });

  it('begins to count anew at a check that fails', async () => {
    const runs = counter();
    const { wait, argvs } = world({ check: () => ({ exitCode: runs() === 3 ? 1 : 0, output: '' }) });
    expect(await wait(false, never, 10_000, { hasFlapped: true })).toMatchObject({ state: 'ready' });
    expect(argvs).toHaveLength(6);
  });

  it('is not ready by the engine’s word alone, neither told nor found, nor twice by one moment', async () => {
    const runs = counter();
    const { wait, send, argvs, clock } = world({
      look: () => details({ health: 'healthy', engineChecksBoot: true, healthStartPeriodMs: 60_000 }),
      check: () => {
        if (runs() < 3) send({ action: 'health_status', health: 'healthy' });
        return passes();
      },
    });
    expect(await wait(false, never, 10_000, { hasFlapped: true })).toMatchObject({ state: 'ready' });
    // The event wakes it at once after the first two; that it passes then says nothing new.
    expect(argvs).toHaveLength(2 + 3);
    expect(clock.now()).toBe(2_000);
  });

  it('was started again by the engine before anybody looked: that is told, and the same is asked of it', async () => {
    const { wait, argvs } = world({ look: () => details({ restarts: 3, startedMs: 0 }), check: passes });
    expect(await wait()).toMatchObject({ state: 'ready', restarts: 3 });
    expect(argvs).toHaveLength(3);
  });

  it('ends, is started again and becomes healthy: one pass is not enough', async () => {
    const looks = counter();
    const runs = counter();
    const { wait, argvs, send, clock } = world({
      look: () => details(looks() === 1 ? { startedMs: 0 } : { startedMs: 12_000, restarts: 1 }),
      check: () => {
        if (runs() > 1) return passes();
        clock.advance(12_000);
        send({ action: 'die', exitCode: 1 });
        return { exitCode: 1, output: 'not yet' };
      },
    });
    expect(await wait(false, never, 60_000)).toMatchObject({ state: 'ready', restarts: 1 });
    expect(argvs).toHaveLength(1 + 3);
  });

  it.each([
    ['by a check of an earlier run', { startedMs: 1_000, passedMs: 2_000 }, {}],
    ['by the engine’s own checks', null, { healthLog: [{ exitCode: 0, output: '', endMs: 2_000 }] }],
  ])('was healthy in this life (%s) and fails a check', async (_how, lastPassed, given) => {
    const runs = counter();
    const { wait, argvs, clock } = world({
      look: () => details({ startedMs: 1_000, ...given }),
      check: () => ({ exitCode: runs() === 1 ? 1 : 0, output: '' }),
    });
    clock.advance(20_000);
    expect(await wait(false, never, 60_000, { lastPassed })).toMatchObject({ state: 'ready', restarts: 0 });
    expect(argvs).toHaveLength(1 + 3);
  });

  it('was healthy in this life and has been called unhealthy since then, by checks that are later', async () => {
    const { wait, argvs, clock } = world({
      look: () =>
        details({
          startedMs: 0,
          health: 'unhealthy',
          healthLog: [{ exitCode: 1, output: '', endMs: 9_000 }],
        }),
      check: passes,
    });
    clock.advance(20_000);
    const lastPassed = { startedMs: 0, passedMs: 2_000 };
    expect(await wait(false, never, 60_000, { lastPassed })).toMatchObject({ state: 'ready', restarts: 0 });
    expect(argvs).toHaveLength(3);
  });

  it('does not flap by what it was in an earlier life, or by being unhealthy before it was ever healthy', async () => {
    const runs = counter();
    const { wait, argvs, send } = world({
      look: () => details({ startedMs: 5_000, healthLog: [{ exitCode: 0, output: '', endMs: 2_000 }] }),
      check: () => {
        send({ action: 'health_status', health: 'unhealthy' });
        return { exitCode: runs() < 3 ? 1 : 0, output: '' };
      },
    });
    const lastPassed = { startedMs: 1_000, passedMs: 2_000 };
    expect(await wait(false, never, 60_000, { lastPassed })).toMatchObject({ state: 'ready', restarts: 0 });
    expect(argvs).toHaveLength(3);
  });

  it('never stays healthy: it runs out of its deadline with all that its check said', async () => {
    const runs = counter();
    const { wait } = world({ check: () => ({ exitCode: runs() % 3 === 0 ? 1 : 0, output: '' }) });
    const readiness = await wait(false, never, 10_000, { hasFlapped: true });
    expect(readiness).toMatchObject({ state: 'deadline' });
    expect('checks' in readiness && readiness.checks.length).toBeGreaterThan(4);
  });
});

describe('waiting for a service', () => {
  it('ends as soon as its own health check passes', async () => {
    const attempts = counter();
    const { wait, argvs, clock } = world({
      check: () => ({ exitCode: attempts() < 3 ? 1 : 0, output: '' }),
    });
    expect(await wait()).toMatchObject({ state: 'ready', restarts: 0 });
    expect(argvs).toEqual([['check'], ['check'], ['check']]);
    expect(clock.now()).toBe(100 + 100);
  });

  it('asks less and less often and keeps what it heard until the deadline', async () => {
    const { wait, argvs } = world({});
    expect(await wait()).toEqual({
      state: 'deadline',
      checks: [{ exitCode: 1, output: 'not yet', firstMs: 0, lastMs: 10_000, times: argvs.length }],
    });
    // 20 in the first two seconds, then every twentieth part of the time that went by.
    expect(argvs.length).toBeGreaterThan(40);
    expect(argvs.length).toBeLessThan(60);
  });

  it('runs a shell check in a shell', async () => {
    const { wait, argvs } = world({
      look: () => details({ healthTest: ['CMD-SHELL', 'pg_isready || exit 1'] }),
      check: () => ({ exitCode: 0, output: '' }),
    });
    await wait();
    expect(argvs).toEqual([['/bin/sh', '-c', 'pg_isready || exit 1']]);
  });

  it('takes the word of the engine’s event', async () => {
    const { wait, send } = world({});
    const waiting = wait();
    send({ action: 'health_status', health: 'healthy' });
    expect(await waiting).toMatchObject({ state: 'ready', restarts: 0 });
  });

  it('does not give up at a first "unhealthy"', async () => {
    const attempts = counter();
    const { wait, send } = world({ check: () => ({ exitCode: attempts() < 5 ? 1 : 0, output: '' }) });
    const waiting = wait();
    send({ action: 'health_status', health: 'unhealthy' });
    expect(await waiting).toMatchObject({ state: 'ready', restarts: 0 });
  });

  it('fails at once when the container ends', async () => {
    const { wait, send, clock } = world({});
    const waiting = wait();
    send({ action: 'die', exitCode: 3 });
    expect(await waiting).toEqual({ state: 'ended', exitCode: 3, checks: [] });
    expect(clock.now()).toBeLessThan(2_000);
  });

  it('does not miss the end of a container that ends while it is started', async () => {
    const { listeners, send, start } = world({ check: () => ({ exitCode: 126, output: 'broken pipe' }) });
    const waiting = start(async () => {
      expect(listeners).toHaveLength(1);
      send({ action: 'die', exitCode: 3 });
    });
    expect(await waiting).toMatchObject({ state: 'ended', exitCode: 3 });
  });

  it('sees an end whose event was lost', async () => {
    const attempts = counter();
    const { wait } = world({
      look: () => (attempts() < 2 ? details() : details({ state: 'exited', exitCode: 2 })),
    });
    expect(await wait()).toMatchObject({ state: 'ended', exitCode: 2 });
  });

  it('counts a container that the engine restarts already as ended', async () => {
    const { wait } = world({ look: () => details({ state: 'restarting', exitCode: 1 }) });
    expect(await wait()).toMatchObject({ state: 'ended', exitCode: 1 });
  });

  it.each([126, 127])(
    'tells a check that cannot run (exit code %i) from one that says no',
    async (exitCode) => {
      const { wait } = world({ check: () => ({ exitCode, output: 'curl: not found' }) });
      expect(await wait()).toEqual({
        state: 'broken-check',
        checks: [{ exitCode, output: 'curl: not found', firstMs: 0, lastMs: 100, times: 2 }],
      });
    },
  );

  it('does not blame the check when the container ends under it', async () => {
    const looks = counter();
    const { wait } = world({
      look: () => (looks() < 2 ? details() : details({ state: 'restarting', exitCode: 3 })),
      check: () => ({ exitCode: 126, output: 'OCI runtime exec failed: setns process: exit status 1' }),
    });
    expect(await wait()).toMatchObject({ state: 'ended', exitCode: 3 });
  });

  it('does not blame the check of a container that ends and restarts so fast that the engine cannot enter it', async () => {
    const runs = counter();
    const { wait, send } = world({
      check: () => {
        if (runs() === 5) send({ action: 'die', exitCode: 3 });
        return { exitCode: 126, output: 'OCI runtime exec failed: exec failed: write init-p: broken pipe' };
      },
    });
    expect(await wait()).toMatchObject({ state: 'ended', exitCode: 3 });
  });

  it('blames a command that the engine does not find', async () => {
    const output = 'OCI runtime exec failed: exec: "curl": executable file not found in $PATH';
    const { wait } = world({ check: () => ({ exitCode: 126, output }) });
    expect(await wait()).toMatchObject({ state: 'broken-check' });
  });

  it('waits on when a service that had run well is started again by the engine, and says how often', async () => {
    const looks = counter();
    const lives = [
      details({ startedMs: 0 }),
      details({ state: 'restarting', startedMs: 0, finishedMs: 12_000, exitCode: 1 }),
      details({ startedMs: 13_000 }),
    ];
    const runs = counter();
    const { wait, send, clock } = world({
      look: () => lives[looks() - 1] ?? details({ startedMs: 13_000 }),
      check: () => {
        if (runs() > 1) return { exitCode: 0, output: '' };
        clock.advance(12_000);
        send({ action: 'die', exitCode: 1 });
        return { exitCode: 1, output: '' };
      },
    });
    expect(await wait(false, never, 60_000)).toMatchObject({ state: 'ready', restarts: 1 });
  });

  it('ends at once with a service that ended so soon that the engine would only start it in vain', async () => {
    const { wait, send, clock } = world({ look: () => details({ startedMs: 0 }) });
    const waiting = wait(false, never, 60_000);
    clock.advance(3_000);
    send({ action: 'die', exitCode: 1 });
    expect(await waiting).toMatchObject({ state: 'ended', exitCode: 1 });
  });

  it('ends with a service that nobody starts again, however long it had run', async () => {
    const { wait, send, clock } = world({ look: () => details({ startedMs: 0, restartPolicy: 'no' }) });
    const waiting = wait(false, never, 60_000);
    clock.advance(30_000);
    send({ action: 'die', exitCode: 1 });
    expect(await waiting).toMatchObject({ state: 'ended', exitCode: 1 });
  });

  describe('with an engine that checks often while a service boots', () => {
    const boots = () => details({ engineChecksBoot: true, healthStartPeriodMs: 5_000 });

    it('runs no check of its own', async () => {
      const { wait, send, argvs } = world({ look: boots });
      const waiting = wait();
      send({ action: 'health_status', health: 'healthy' });
      expect(await waiting).toMatchObject({ state: 'ready', restarts: 0 });
      expect(argvs).toEqual([]);
    });

    it('runs it when the start period is over and the engine goes back to its plain interval', async () => {
      const { wait, argvs, clock } = world({ look: boots, check: () => ({ exitCode: 0, output: '' }) });
      expect(await wait()).toMatchObject({ state: 'ready', restarts: 0 });
      expect(argvs).toHaveLength(1);
      expect(clock.now()).toBeGreaterThanOrEqual(5_000);
    });
  });

  it('is done with a service without health check when it runs', async () => {
    const { wait, argvs } = world({ look: () => details({ healthTest: [], health: 'none' }) });
    expect(await wait()).toMatchObject({ state: 'ready', restarts: 0 });
    expect(argvs).toEqual([]);
  });

  it('is done with a job at exit code 0 and fails at any other', async () => {
    const good = world({ look: () => details({ state: 'exited', exitCode: 0, healthTest: [] }) });
    expect(await good.wait(true)).toMatchObject({ state: 'ready', restarts: 0 });
    const bad = world({ look: () => details({ state: 'exited', exitCode: 4, healthTest: [] }) });
    expect(await bad.wait(true)).toEqual({ state: 'ended', exitCode: 4, checks: [] });
  });

  it('does not take a running job for a finished one', async () => {
    const { wait } = world({ look: () => details({ state: 'running', healthTest: [], health: 'none' }) });
    expect(await wait(true)).toEqual({ state: 'deadline', checks: [] });
  });

  it('stops waiting when it is interrupted and listens no longer', async () => {
    const control = new AbortController();
    const { wait, listeners } = world({
      check: () => {
        control.abort();
        return { exitCode: 1, output: '' };
      },
    });
    await expect(wait(false, control.signal)).rejects.toThrow();
    expect(listeners).toEqual([]);
  });
});
