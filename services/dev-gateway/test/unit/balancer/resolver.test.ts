import { expect, test } from 'vitest';
import { HostResolver, type Resolve } from '../../../src/balancer/resolver.ts';

const failure = (code: string): Error => Object.assign(new Error(code), { code });

const resolver = (resolve: Resolve, clock = { nowMs: 0 }) =>
  new HostResolver({ resolve, validTtlMs: 5_000, errorTtlMs: 1_000, now: () => clock.nowMs });

test('an address is no name and is not asked for', async () => {
  const hosts = resolver(() => Promise.reject(new Error('asked')));
  expect(await hosts.resolve('127.0.0.1')).toEqual({ addresses: ['127.0.0.1'], error: undefined });
  expect(await hosts.resolve('::1')).toEqual({ addresses: ['::1'], error: undefined });
});

test('a name is asked for again after its time to live', async () => {
  const clock = { nowMs: 0 };
  const answers = [['10.0.0.1'], ['10.0.0.2']];
  const hosts = resolver(() => Promise.resolve(answers.shift() ?? []), clock);
  expect((await hosts.resolve('backend')).addresses).toEqual(['10.0.0.1']);
  clock.nowMs = 4_999;
  expect((await hosts.resolve('backend')).addresses).toEqual(['10.0.0.1']);
  clock.nowMs = 5_000;
  expect((await hosts.resolve('backend')).addresses).toEqual(['10.0.0.2']);
});

test('many who ask at once are one question', async () => {
  let asked = 0;
  const hosts = resolver(() => {
    asked += 1;
    return Promise.resolve(['10.0.0.1']);
  });
  await Promise.all(Array.from({ length: 20 }, () => hosts.resolve('backend')));
  expect(asked).toBe(1);
});

test('while the DNS does not answer the last addresses stay in use', async () => {
  const clock = { nowMs: 0 };
  const answers = [Promise.resolve(['10.0.0.1']), Promise.reject(failure('EAI_AGAIN'))];
  for (const answer of answers) answer.catch(() => undefined);
  const hosts = resolver(() => answers.shift() ?? Promise.reject(failure('EAI_AGAIN')), clock);
  await hosts.resolve('backend');
  clock.nowMs = 6_000;
  expect(await hosts.resolve('backend')).toEqual({ addresses: ['10.0.0.1'], error: undefined });
});

test('a name that is gone has no addresses any more', async () => {
  const clock = { nowMs: 0 };
  let isGone = false;
  const hosts = resolver(
    () => (isGone ? Promise.reject(failure('ENOTFOUND')) : Promise.resolve(['10.0.0.1'])),
    clock,
  );
  await hosts.resolve('backend');
  isGone = true;
  clock.nowMs = 6_000;
  expect(await hosts.resolve('backend')).toEqual({ addresses: [], error: 'dns server error: 3 name error' });
});
