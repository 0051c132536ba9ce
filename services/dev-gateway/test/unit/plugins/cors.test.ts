import { expect, test } from 'vitest';
import type { PluginConfig } from '../../../src/model/entities.ts';
import { plugin, route, service } from '../../proxy/entities.ts';
import { startedThings } from '../../proxy/started.ts';

const { backend, proxy } = startedThings();

const shared = async (config: PluginConfig) => {
  const upstream = await backend();
  const api = service({ port: upstream.port });
  const gateway = await proxy({
    services: [api],
    routes: [route({ paths: ['/'], service: { id: api.id } })],
    plugins: [plugin('cors', { methods: ['GET'], credentials: false, preflight_continue: false, ...config })],
  });
  const preflight = (origin: string) =>
    gateway.call('/', {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'GET', 'access-control-request-headers': 'x-a' },
    });
  return { gateway, upstream, preflight };
};

test('a preflight is answered by the gateway and never reaches the service', async () => {
  const { preflight, upstream } = await shared({ origins: ['https://app.test'], max_age: 60 });
  const answer = await preflight('https://app.test');
  expect(answer.status).toBe(200);
  expect(answer.headers).toMatchObject({
    'access-control-allow-origin': 'https://app.test',
    'access-control-allow-methods': 'GET',
    'access-control-allow-headers': 'x-a',
    'access-control-max-age': '60',
    vary: 'Origin',
  });
  expect(upstream.requests).toEqual([]);
});

test('of several origins only the one that asks and is listed is named', async () => {
  const { gateway } = await shared({
    origins: ['https://a.test', 'https://.*\\.b\\.test'],
    credentials: true,
  });
  const headersFor = async (origin: string) => (await gateway.call('/', { headers: { origin } })).headers;
  expect(await headersFor('https://x.b.test')).toMatchObject({
    'access-control-allow-origin': 'https://x.b.test',
    'access-control-allow-credentials': 'true',
    vary: 'Origin',
  });
  const stranger = await headersFor('https://evil.test');
  expect(stranger).not.toHaveProperty('access-control-allow-origin');
});

test('a single origin is named to everybody, so that caches may keep the response', async () => {
  const { gateway } = await shared({ origins: ['app.test'] });
  const { headers } = await gateway.call('/', { headers: { origin: 'https://evil.test' } });
  expect(headers).toMatchObject({ 'access-control-allow-origin': 'app.test', vary: 'Origin' });
});

test('an expression without a colon is for hosts, any other for the whole origin', async () => {
  const { gateway } = await shared({ origins: ['.*\\.a\\.test', 'http://b\\.test(:[0-9]+)?$'] });
  const allowed = async (origin: string) =>
    (await gateway.call('/', { headers: { origin } })).headers['access-control-allow-origin'];
  expect(await allowed('https://x.a.test:443')).toBe('https://x.a.test');
  expect(await allowed('http://b.test:8080')).toBe('http://b.test:8080');
  expect(await allowed('https://b.test')).toBeUndefined();
});

test('with credentials everybody is named who asks', async () => {
  const { gateway } = await shared({ origins: ['*'], credentials: true });
  expect((await gateway.call('/', { headers: { origin: 'https://a.test' } })).headers).toMatchObject({
    'access-control-allow-origin': 'https://a.test',
    'access-control-allow-credentials': 'true',
    vary: 'Origin',
  });
});

test('a preflight that goes on is left to the service', async () => {
  const { preflight, upstream } = await shared({ origins: ['https://a.test'], preflight_continue: true });
  const { headers } = await preflight('https://a.test');
  expect(headers).not.toHaveProperty('access-control-allow-origin');
  expect(upstream.requests).toHaveLength(1);
});

test('without origins everyone may read', async () => {
  const { gateway } = await shared({ origins: null });
  expect((await gateway.call('/', { headers: { origin: 'https://a.test' } })).headers).toMatchObject({
    'access-control-allow-origin': '*',
  });
});
