import { expect, it } from 'vitest';
import { Slots } from '../../../src/core/slots.ts';

const turn = () => new Promise((resolve) => setImmediate(resolve));

it('never gives more places than there are', async () => {
  const slots = new Slots(2);
  let inside = 0;
  let most = 0;
  const work = () =>
    slots.use(async () => {
      inside += 1;
      most = Math.max(most, inside);
      await turn();
      inside -= 1;
    });
  await Promise.all(Array.from({ length: 10 }, work));
  expect(most).toBe(2);
});

it('lets the most important of those that wait go first', async () => {
  const slots = new Slots(1);
  const order: string[] = [];
  const enter = (name: string, priority: number) => slots.use(async () => void order.push(name), priority);
  const first = slots.use(turn);
  await Promise.all([first, enter('low', 0), enter('high', 5), enter('low too', 0)]);
  expect(order).toEqual(['high', 'low', 'low too']);
});

it('weighs those who ask at the same time against each other before it gives the first place', async () => {
  const slots = new Slots(1);
  const order: string[] = [];
  const enter = (name: string, priority: number) => slots.use(async () => void order.push(name), priority);
  await Promise.all([enter('page', 0), enter('database', 4)]);
  expect(order).toEqual(['database', 'page']);
});

it('gives the place back when the work fails', async () => {
  const slots = new Slots(1);
  await expect(slots.use(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
  await expect(slots.use(async () => 'next')).resolves.toBe('next');
});
