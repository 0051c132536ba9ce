import { describe, expect, it } from 'vitest';
import { ApictlError } from '../../../../src/core/errors.ts';
import { NotReady } from '../../../../src/stack/schedule/not-ready.ts';
import { Killed, RollingStack } from '../../../fakes/rolling-stack.ts';

const states = (outcomes: Awaited<ReturnType<RollingStack['run']>>): Record<string, string> =>
  Object.fromEntries(outcomes.map(({ id, state }) => [id, state]));

const gatewayAway = () =>
  new ApictlError({ code: 'KONG_UNREACHABLE', exitCode: 6, message: 'the Admin API does not answer' });

/** Two replicas for which there is a newer version. */
const outdated = (replicas = 2): RollingStack => {
  const stack = new RollingStack(replicas);
  stack.version = 'v2';
  return stack;
};

const DONE = { 'backend-1': 'v2', 'backend-2': 'v2' };

describe('replicas that are replaced behind a gateway', () => {
  it('go one after the other, each out of rotation before it stops, behind one more that shows that the new ones work', async () => {
    const stack = outdated();
    await stack.run();
    expect(stack.log).toEqual([
      'recreate backend-3',
      'start backend-3',
      'add backend-3',
      'take out backend-1',
      'recreate backend-1',
      'start backend-1',
      'put back backend-1',
      'take out backend-2',
      'recreate backend-2',
      'start backend-2',
      'put back backend-2',
      'take out backend-3',
      'forget backend-3',
      'stop backend-3',
      'remove backend-3',
    ]);
    expect(stack.versions()).toEqual(DONE);
  });

  it.each([1, 2, 5])('%i of them are never fewer while it lasts', async (replicas) => {
    const stack = outdated(replicas);
    await stack.run();
    expect(stack.fewest).toBe(replicas);
  });

  it('stay all as they are when the new version does not become healthy', async () => {
    const stack = outdated();
    stack.broken.add('v2');
    const outcomes = await stack.run();
    expect(outcomes.find(({ id }) => id === 'backend-3')).toMatchObject({
      state: 'failed',
      error: expect.any(NotReady),
    });
    expect(states(outcomes)).toMatchObject({
      'backend-1': 'skipped',
      'backend-2': 'skipped',
      retire: 'skipped',
    });
    expect([...stack.serving]).toEqual(['backend-1', 'backend-2']);
    expect(stack.log).toEqual(['recreate backend-3', 'start backend-3']);
  });

  it('are left from the first on that fails, and the one more goes on serving', async () => {
    const stack = outdated();
    stack.onStep = (step) => {
      if (step === 'start backend-1') stack.broken.add('v2');
    };
    const outcomes = await stack.run();
    expect(states(outcomes)).toMatchObject({
      'backend-3': 'done',
      'backend-1': 'failed',
      'backend-2': 'skipped',
    });
    expect([...stack.serving].sort()).toEqual(['backend-2', 'backend-3']);
  });

  it.each([
    'add backend-3',
    'take out backend-1',
    'put back backend-1',
    'take out backend-2',
    'take out backend-3',
    'forget backend-3',
  ])('whose gateway is away at "%s" are finished by the next run', async (broken) => {
    const stack = outdated();
    stack.onStep = (step) => {
      if (step === broken) throw gatewayAway();
    };
    const outcomes = await stack.run();
    expect(outcomes.filter(({ state }) => state === 'failed')).toHaveLength(1);
    stack.onStep = () => {};
    await stack.run();
    expect(stack.versions()).toEqual(DONE);
  });

  it('are finished by the next run wherever one is killed, and enough of them serve at any time', async () => {
    const whole = outdated();
    await whole.run();
    const steps = whole.log.length;
    for (let kill = 0; kill < steps; kill += 1) {
      const stack = outdated();
      let taken = 0;
      stack.onStep = () => {
        if (taken === kill) throw new Killed();
        taken += 1;
      };
      await stack.run();
      stack.onStep = () => {};
      const outcomes = await stack.run();
      const at = `killed before ${whole.log[kill]}`;
      expect([at, states(outcomes)]).toEqual([at, expect.not.objectContaining({ retire: 'failed' })]);
      expect([at, stack.versions(), stack.fewest >= 1]).toEqual([at, DONE, true]);
    }
  });
});

describe('replicas beyond the wanted ones', () => {
  it('are drained, forgotten by the gateway, stopped and removed, when those that are wanted serve', async () => {
    const stack = new RollingStack(4);
    await stack.run(stack.plan(2));
    expect(stack.log).toEqual(
      ['backend-3', 'backend-4'].flatMap((name) => [
        `take out ${name}`,
        `forget ${name}`,
        `stop ${name}`,
        `remove ${name}`,
      ]),
    );
    expect(stack.versions()).toEqual({ 'backend-1': 'v1', 'backend-2': 'v1' });
  });

  it('are left alone by a run for other services', () => {
    const stack = new RollingStack(2);
    expect(stack.plan(0).retired).toEqual([]);
  });

  it('are removed by the next run wherever one is killed', async () => {
    for (let kill = 0; kill < 8; kill += 1) {
      const stack = new RollingStack(4);
      let taken = 0;
      stack.onStep = () => {
        if (taken === kill) throw new Killed();
        taken += 1;
      };
      await stack.run(stack.plan(2));
      stack.onStep = () => {};
      await stack.run(stack.plan(2));
      expect([kill, stack.versions()]).toEqual([kill, { 'backend-1': 'v1', 'backend-2': 'v1' }]);
    }
  });
});

it('leaves the gateway as it is where a further replica does not become healthy', async () => {
  const stack = new RollingStack(2);
  stack.onStep = (step) => {
    if (step === 'start backend-3') stack.broken.add('v1');
  };
  const tell = { id: 'rotation', dependsOn: ['backend-1', 'backend-2', 'backend-3'], run: async () => {} };
  const outcomes = await stack.run(stack.plan(3), [tell]);
  expect(states(outcomes)).toMatchObject({
    'backend-1': 'done',
    'backend-2': 'done',
    'backend-3': 'failed',
    rotation: 'skipped',
  });
  expect([...stack.serving]).toEqual(['backend-1', 'backend-2']);
});

it('creates a further replica without touching the ones that are there', async () => {
  const stack = new RollingStack(2);
  await stack.run(stack.plan(3));
  expect(stack.log).toEqual(['start backend-3']);
});
