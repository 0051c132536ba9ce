import { expect, test } from 'vitest';
import { Address } from '../../../src/balancer/address.ts';
import { type Algorithm, createAlgorithm } from '../../../src/balancer/algorithms.ts';

const address = (name: string, weight: number): Address =>
  new Address({ targetId: name, hostname: name, ip: name, port: 80, weight });

const shares = (
  algorithm: Algorithm,
  times: number,
  hash?: (index: number) => string,
): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (let index = 0; index < times; index += 1) {
    const name = algorithm.pick((one) => one.isAvailable, hash?.(index))?.hostname ?? 'none';
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
};

test('round robin gives exact shares by weight', () => {
  const algorithm = createAlgorithm({ algorithm: 'round-robin', slots: 100 });
  algorithm.rebuild([address('a', 300), address('b', 100)]);
  expect(shares(algorithm, 400)).toEqual({ a: 300, b: 100 });
});

test('round robin spreads a heavy target over its turn', () => {
  const algorithm = createAlgorithm({ algorithm: 'round-robin', slots: 100 });
  algorithm.rebuild([address('a', 2), address('b', 1), address('c', 1)]);
  const turn = Array.from({ length: 4 }, () => algorithm.pick(() => true, undefined)?.hostname);
  expect(turn).toEqual(['a', 'b', 'c', 'a']);
});

test('an address of weight 0 gets nothing', () => {
  const algorithm = createAlgorithm({ algorithm: 'round-robin', slots: 100 });
  algorithm.rebuild([address('a', 100), address('b', 0)]);
  expect(shares(algorithm, 10)).toEqual({ a: 10 });
});

test('nobody is picked when nobody is available', () => {
  const algorithm = createAlgorithm({ algorithm: 'consistent-hashing', slots: 100 });
  const only = address('a', 100);
  only.health.set(false);
  algorithm.rebuild([only]);
  expect(algorithm.pick((one) => one.isAvailable, 'x')).toBeUndefined();
});

test('least connections picks who has fewest for its weight', () => {
  const algorithm = createAlgorithm({ algorithm: 'least-connections', slots: 100 });
  const [busy, idle] = [address('busy', 100), address('idle', 100)];
  busy.activeRequests = 3;
  algorithm.rebuild([busy, idle]);
  expect(shares(algorithm, 5)).toEqual({ idle: 5 });
});

test('equal hash values go to the same address, and only the share of one that goes away moves', () => {
  const algorithm = createAlgorithm({ algorithm: 'consistent-hashing', slots: 1000 });
  const all = ['a', 'b', 'c'].map((name) => address(name, 100));
  algorithm.rebuild(all);
  const owner = (value: string) => algorithm.pick((one) => one.isAvailable, value)?.hostname;
  const values = Array.from({ length: 600 }, (_, index) => `client-${index}`);
  const before = new Map(values.map((value) => [value, owner(value)]));
  expect(new Set(before.values()).size).toBe(3);
  all[0]?.health.set(false);
  for (const value of values) {
    if (before.get(value) === 'a') expect(owner(value)).not.toBe('a');
    else expect(owner(value)).toBe(before.get(value));
  }
});
