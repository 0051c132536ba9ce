import { expect, test } from 'vitest';
import type { PluginConfig } from '../../../src/model/entities.ts';
import { plugin, route, service } from '../../proxy/entities.ts';
import { startedThings } from '../../proxy/started.ts';

const { backend, proxy } = startedThings();

const DEFAULTS: PluginConfig = {
  response_code: [200, 301, 404],
  request_method: ['GET', 'HEAD'],
  content_type: ['application/json'],
  cache_ttl: 300,
  strategy: 'memory',
  cache_control: false,
  ignore_uri_case: false,
  storage_ttl: null,
  memory: { dictionary_name: 'kong_db_cache' },
  vary_query_params: null,
  vary_headers: null,
  response_headers: { age: true, 'X-Cache-Status': true, 'X-Cache-Key': true },
};

let now = 1_700_000_000_000;

async function cached(config: PluginConfig = {}, responseHeaders: Record<string, string> = {}) {
  const service_ = await backend((request, response) => {
    response.writeHead(request.url === '/gone' ? 500 : 200, {
      'content-type': 'application/json',
      ...responseHeaders,
    });
    response.end(JSON.stringify({ url: request.url }));
  });
  const api = service({ port: service_.port });
  const gateway = await proxy(
    {
      services: [api],
      routes: [route({ paths: ['/'], service: { id: api.id } })],
      plugins: [plugin('proxy-cache', { ...DEFAULTS, ...config })],
    },
    { now: () => now },
  );
  const status = async (path: string, headers = {}, method = 'GET') =>
    (await gateway.call(path, { headers, method })).headers['x-cache-status'];
  return { gateway, status, requests: service_.requests };
}

test('a response is given again without asking the service', async () => {
  const { gateway, requests } = await cached();
  const first = await gateway.call('/a');
  expect([first.status, first.headers['x-cache-status']]).toEqual([200, 'Miss']);
  now += 7_000;
  const again = await gateway.call('/a');
  expect(again.headers).toMatchObject({
    'x-cache-status': 'Hit',
    'x-cache-key': first.headers['x-cache-key'],
    age: '7',
  });
  expect(again.text).toBe(first.text);
  expect(requests).toHaveLength(1);
  const shown = gateway.handle.cache.show(String(first.headers['x-cache-key']));
  expect(shown).toMatchObject({ status: 200, body: first.text });
});

test('another query, another method and another status are another matter', async () => {
  const { status } = await cached();
  expect(await status('/a?x=1')).toBe('Miss');
  expect(await status('/a?x=2')).toBe('Miss');
  expect(await status('/a?x=1')).toBe('Hit');
  expect(await status('/a', {}, 'POST')).toBe('Bypass');
  expect(await status('/gone')).toBe('Bypass');
  expect(await status('/gone')).toBe('Bypass');
});

test('only the arguments and headers that are named count, where some are', async () => {
  const { status } = await cached({ vary_query_params: ['x'], vary_headers: ['accept'] });
  expect(await status('/a?x=1&y=1')).toBe('Miss');
  expect(await status('/a?x=1&y=2')).toBe('Hit');
  expect(await status('/a?x=1', { accept: 'text/html' })).toBe('Miss');
});

test('a response that is too old is asked for anew', async () => {
  const { status } = await cached({ cache_ttl: 5, storage_ttl: 600 });
  expect(await status('/a')).toBe('Miss');
  now += 6_000;
  expect(await status('/a')).toBe('Refresh');
  expect(await status('/a')).toBe('Hit');
});

test('what client and service say of caching is heeded where it is asked for', async () => {
  const kept = await cached({ cache_control: true }, { 'cache-control': 'max-age=60' });
  expect((await kept.gateway.call('/a', { headers: { 'cache-control': 'only-if-cached' } })).status).toBe(
    504,
  );
  expect(await kept.status('/a', { 'cache-control': 'no-store' })).toBe('Bypass');
  expect(await kept.status('/a')).toBe('Miss');
  expect(await kept.status('/a')).toBe('Hit');
  const secret = await cached({ cache_control: true }, { 'cache-control': 'private, max-age=60' });
  expect(await secret.status('/a')).toBe('Bypass');
});
