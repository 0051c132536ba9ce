import { describe, expect, it } from 'vitest';
import { CheckPace } from '../../../src/stack/check-pace.ts';

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
});
