import { describe, expect, it } from 'vitest';
import { CheckPace } from '../../../../src/stack/schedule/check-pace.ts';

describe('the pace of health checks', () => {
  it('begins at 100 ms and grows with the time that the service takes, up to a second', () => {
    const { pauseMs } = new CheckPace().join(0);
    expect([0, 1_000, 4_000, 60_000].map(pauseMs)).toEqual([100, 100, 200, 1_000]);
  });

  it('asks for what many wait for more often than for what nobody waits for', () => {
    const pace = new CheckPace();
    const database = pace.join(3);
    const page = pace.join(0);
    expect(database.pauseMs(0)).toBe(125);
    expect(page.pauseMs(0)).toBe(500);
  });

  it('asks about ten times a second in all, however many are watched', () => {
    const pace = new CheckPace();
    const services = [5, 3, 2, 0].map((dependants) => pace.join(dependants));
    const perSecond = services.reduce((sum, service) => sum + 1_000 / service.pauseMs(0), 0);
    // One more for what nobody waits for: it is asked once a second all the same.
    expect(perSecond).toBeGreaterThanOrEqual(10);
    expect(perSecond).toBeLessThan(11);
  });

  it('gives the share of a service that is ready to the others', () => {
    const pace = new CheckPace();
    const others = [1, 2, 3].map(() => pace.join(1));
    const last = pace.join(1);
    expect(last.pauseMs(0)).toBe(400);
    for (const other of others) other.leave();
    expect(last.pauseMs(0)).toBe(100);
  });

  it('runs two checks at once, and what more services wait for first', async () => {
    const pace = new CheckPace();
    const order: string[] = [];
    const holds = [0, 1].map(() => {
      let release = (): void => {};
      const held = new Promise<void>((resolve) => {
        release = resolve;
      });
      return { done: pace.join(0).run(() => held), release };
    });
    const later = [
      pace.join(0).run(async () => order.push('page')),
      pace.join(4).run(async () => order.push('database')),
    ];
    expect(order).toEqual([]);
    for (const { release } of holds) release();
    await Promise.all([...later, ...holds.map(({ done }) => done)]);
    expect(order).toEqual(['database', 'page']);
  });

  describe('where it is known how long the boot took before', () => {
    it('leaves the service alone until it is likely to be ready, looking once a second in case it is faster', () => {
      const { firstPauseMs, pauseMs } = new CheckPace().join(0, 4_000);
      expect(firstPauseMs).toBe(1_000);
      expect([0, 2_000, 3_000].map(pauseMs)).toEqual([1_000, 1_000, 600]);
    });

    it('asks at the shortest pause around that moment, whoever else is watched', () => {
      const pace = new CheckPace();
      const search = pace.join(0, 4_000);
      pace.join(9);
      expect([3_600, 4_000, 5_100].map(search.pauseMs)).toEqual([100, 100, 100]);
    });

    it('goes on as if nothing were known when that moment is over', () => {
      const { pauseMs } = new CheckPace().join(0, 4_000);
      expect([6_000, 60_000].map(pauseMs)).toEqual([300, 1_000]);
    });

    it('asks a service at once that was ready at once', () => {
      expect(new CheckPace().join(0, 0).firstPauseMs).toBe(0);
    });
  });

  describe('while a container is being started', () => {
    it('lets no check begin, and the next start does not hold it up again', async () => {
      const pace = new CheckPace();
      const starts = [deferred(), deferred()] as const;
      const order: string[] = [];
      const first = pace.aroundStart(() => starts[0].promise);
      const check = pace.join(0).run(async () => void order.push('check'));
      await new Promise((resolve) => setImmediate(resolve));
      expect(order).toEqual([]);
      starts[0].resolve();
      await first;
      const second = pace.aroundStart(() => starts[1].promise).then(() => order.push('second start'));
      await check;
      starts[1].resolve();
      await second;
      expect(order).toEqual(['check', 'second start']);
    });

    it('lets checks go on when the start is refused', async () => {
      const pace = new CheckPace();
      await expect(pace.aroundStart(() => Promise.reject(new Error('port is held')))).rejects.toThrow('held');
      await expect(pace.join(0).run(async () => 'checked')).resolves.toBe('checked');
    });
  });
});

function deferred() {
  let resolve = (): void => {};
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
