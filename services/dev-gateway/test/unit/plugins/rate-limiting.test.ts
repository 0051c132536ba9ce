import { expect, test } from 'vitest';
import type { PluginConfig } from '../../../src/model/entities.ts';
import { RateCounters, windowStartMs } from '../../../src/plugins/rate-windows.ts';
import { consumer, key, plugin, route, service } from '../../proxy/entities.ts';
import { startedThings } from '../../proxy/started.ts';

const { backend, proxy } = startedThings();

const limited = async (config: PluginConfig, clock = { nowMs: Date.UTC(2026, 0, 15, 10, 30, 20) }) => {
  const { port } = await backend();
  const api = service({ port });
  const limit = plugin('rate-limiting', { limit_by: 'ip', policy: 'local', error_code: 429, ...config });
  const gateway = await proxy(
    { services: [api], routes: [route({ paths: ['/'], service: { id: api.id } })], plugins: [limit] },
    { now: () => clock.nowMs },
  );
  return { gateway, limit, clock };
};

test('headers count down and the request past the limit is 429 with the time to wait', async () => {
  const { gateway } = await limited({ minute: 2 });
  const answers = [await gateway.call('/'), await gateway.call('/'), await gateway.call('/')];
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 429]);
  expect(answers.map(({ headers }) => headers['ratelimit-remaining'])).toEqual(['1', '0', '0']);
  expect(answers[0]?.headers).toMatchObject({
    'ratelimit-limit': '2',
    'ratelimit-reset': '40',
    'x-ratelimit-limit-minute': '2',
    'x-ratelimit-remaining-minute': '1',
  });
  expect(answers[2]?.headers['retry-after']).toBe('40');
  expect(answers[2]?.json().message).toBe('API rate limit exceeded');
});

test('the next window starts anew', async () => {
  const { gateway, clock } = await limited({ minute: 1 });
  expect((await gateway.call('/')).status).toBe(200);
  expect((await gateway.call('/')).status).toBe(429);
  clock.nowMs += 40_000;
  expect((await gateway.call('/')).status).toBe(200);
});

test('of several limits the tightest is told', async () => {
  const { gateway } = await limited({ minute: 5, hour: 3 });
  const { headers } = await gateway.call('/');
  expect(headers).toMatchObject({
    'ratelimit-limit': '3',
    'x-ratelimit-remaining-minute': '4',
    'x-ratelimit-remaining-hour': '2',
  });
});

test('code and message are configurable and the headers can be hidden', async () => {
  const { gateway } = await limited({
    minute: 1,
    error_code: 503,
    error_message: 'slow down',
    hide_client_headers: true,
  });
  expect((await gateway.call('/')).headers).not.toHaveProperty('ratelimit-limit');
  const refused = await gateway.call('/');
  expect(refused.status).toBe(503);
  expect(refused.json().message).toBe('slow down');
  expect(refused.headers).not.toHaveProperty('retry-after');
});

test('each consumer has a share of its own, wherever it comes from', async () => {
  const { gateway, limit } = await limited({ minute: 1, limit_by: 'consumer' });
  const [a, b] = [consumer('a'), consumer('b')];
  const auth = plugin('key-auth', { key_names: ['apikey'], key_in_header: true, run_on_preflight: true });
  gateway.snapshots.set({
    consumers: [a, b],
    keyAuthCredentials: [key(a, 'A'), key(b, 'B')],
    plugins: [limit, auth],
  });
  const status = async (apikey: string) => (await gateway.call('/', { headers: { apikey } })).status;
  expect([await status('A'), await status('B'), await status('A')]).toEqual([200, 200, 429]);
});

test('changing a limit keeps what was counted', async () => {
  const { gateway, limit } = await limited({ minute: 2 });
  await gateway.call('/');
  gateway.snapshots.set({ plugins: [{ ...limit, config: { ...limit.config, minute: 1 } }] });
  expect((await gateway.call('/')).status).toBe(429);
});

test('limiting by header gives each value its share', async () => {
  const { gateway } = await limited({ minute: 1, limit_by: 'header', header_name: 'X-Tenant' });
  const status = async (tenant: string) =>
    (await gateway.call('/', { headers: { 'x-tenant': tenant } })).status;
  expect([await status('a'), await status('b'), await status('a')]).toEqual([200, 200, 429]);
});

test('windows start on the clock, months and years on the calendar', () => {
  const now = Date.UTC(2026, 4, 17, 13, 45, 59, 999);
  expect(windowStartMs('second', now)).toBe(Date.UTC(2026, 4, 17, 13, 45, 59));
  expect(windowStartMs('hour', now)).toBe(Date.UTC(2026, 4, 17, 13));
  expect(windowStartMs('day', now)).toBe(Date.UTC(2026, 4, 17));
  expect(windowStartMs('month', now)).toBe(Date.UTC(2026, 4));
  expect(windowStartMs('year', now)).toBe(Date.UTC(2026, 0));
});

test('counters of past windows do not fill memory', () => {
  const counters = new RateCounters();
  for (let index = 0; index < 30_000; index += 1) counters.increment(`client-${index}`, 'second', index);
  expect(counters.size).toBeLessThan(15_000);
});
