import { expect, test } from 'vitest';
import type { PluginConfig } from '../../../src/model/entities.ts';
import { plugin, route, service } from '../../proxy/entities.ts';
import { startedThings } from '../../proxy/started.ts';

const { backend, proxy } = startedThings();

test('requests are transformed in headers, query, path and method', async () => {
  const { port } = await backend();
  const api = service({ port });
  const gateway = await proxy({
    services: [api],
    routes: [route({ paths: ['/'], service: { id: api.id } })],
    plugins: [
      plugin('request-transformer', {
        http_method: 'POST',
        remove: { headers: ['x-old'], querystring: ['gone'], body: [] },
        rename: { headers: ['x-from:x-to'], querystring: ['a:b'], body: [] },
        replace: { headers: ['x-kept:new'], querystring: [], body: [], uri: '/other' },
        add: { headers: ['x-added:1:2'], querystring: ['c:3'], body: [] },
        append: { headers: [], querystring: [], body: [] },
      }),
    ],
  });
  const headers = { 'x-old': '1', 'x-from': '2', 'x-kept': 'old' };
  const echo = (await gateway.call('/x?gone=1&a=1', { headers })).echo();
  expect(echo).toMatchObject({ method: 'POST', path: '/other?b=1&c=3' });
  expect(echo.headers).toMatchObject({ 'x-to': '2', 'x-kept': 'new', 'x-added': '1:2' });
  expect(echo.headers).not.toHaveProperty('x-old');
});

const NO_CHANGE = { headers: [], querystring: [], body: [] };

const changedRequest = async (config: PluginConfig, paths = ['/']) => {
  const { port } = await backend();
  const api = service({ port });
  return proxy({
    services: [api],
    routes: [route({ paths, strip_path: false, service: { id: api.id } })],
    plugins: [
      plugin('request-transformer', {
        remove: NO_CHANGE,
        rename: NO_CHANGE,
        replace: NO_CHANGE,
        add: NO_CHANGE,
        append: NO_CHANGE,
        ...config,
      }),
    ],
  });
};

test('the fields of JSON and of forms are transformed', async () => {
  const gateway = await changedRequest({
    remove: { ...NO_CHANGE, body: ['gone'] },
    rename: { ...NO_CHANGE, body: ['from:to'] },
    replace: { ...NO_CHANGE, body: ['kept:new', 'missing:x'] },
    add: { ...NO_CHANGE, body: ['added:1'] },
    append: { ...NO_CHANGE, body: ['list:b'] },
  });
  const send = async (type: string, body: string) =>
    (await gateway.call('/', { method: 'POST', body, headers: { 'content-type': type } })).echo();
  const json = await send(
    'application/json',
    '{"gone":1,"from":{"a":1},"kept":"old","list":["a"],"__proto__":"x"}',
  );
  expect(json.body).toBe('{"kept":"new","list":["a","b"],"__proto__":"x","to":{"a":1},"added":"1"}');
  expect(json.headers['content-length']).toBe(String(json.body.length));
  const form = await send('application/x-www-form-urlencoded', 'gone=1&from=2&kept=old');
  expect(form.body).toBe('kept=new&to=2&added=1&list=b');
  expect((await send('text/plain', 'gone=1')).body).toBe('gone=1');
});

test('values may name what is in the request', async () => {
  const gateway = await changedRequest(
    {
      add: {
        headers: [
          'x-user:$(uri_captures["user"])',
          'x-agent:$(headers.x_agent or "none")',
          'x-not:$(query_params.z)',
        ],
        querystring: ['copy:$(query_params.a)-$(headers["x-id"])'],
        body: [],
      },
      replace: { ...NO_CHANGE, uri: '/of/$(uri_captures.user)' },
    },
    ['~/users/(?<user>\\w+)'],
  );
  const echo = (await gateway.call('/users/ann?a=1', { headers: { 'x-id': '7' } })).echo();
  expect(echo.path).toBe('/of/ann?a=1&copy=1-7');
  expect(echo.headers).toMatchObject({ 'x-user': 'ann', 'x-agent': 'none' });
  expect(echo.headers).not.toHaveProperty('x-not');
});

test('a template that is not understood closes the route and is reported', async () => {
  const gateway = await changedRequest({
    add: { ...NO_CHANGE, headers: ['x:$(os.execute("true"))'] },
  });
  expect((await gateway.call('/')).status).toBe(500);
  expect(gateway.logged.some(({ message }) => message.includes('more than this gateway understands'))).toBe(
    true,
  );
});

test('responses are transformed in headers and in the fields of JSON', async () => {
  const { port } = await backend((request, response) => {
    response.setHeader('x-powered-by', 'test');
    response.setHeader('content-type', request.url === '/text' ? 'text/plain' : 'application/json');
    response.end('{"secret":1,"from":2,"kept":"old"}');
  });
  const api = service({ port });
  const gateway = await proxy({
    services: [api],
    routes: [route({ paths: ['/'], service: { id: api.id } })],
    plugins: [
      plugin('response-transformer', {
        remove: { headers: ['x-powered-by'], json: ['secret'] },
        rename: { headers: [], json: ['from:to'] },
        replace: { headers: [], json: ['kept:new'], json_types: [] },
        add: { headers: ['x-new:1'], json: ['n:5', 'b:true', 's:x'], json_types: ['number', 'boolean'] },
        append: { headers: [], json: ['l:a'], json_types: [] },
      }),
    ],
  });
  const answer = await gateway.call('/');
  expect(answer.headers).not.toHaveProperty('x-powered-by');
  expect(answer.headers['x-new']).toBe('1');
  expect(answer.json()).toEqual({ to: 2, kept: 'new', n: 5, b: true, s: 'x', l: ['a'] });
  expect((await gateway.call('/text')).text).toBe('{"secret":1,"from":2,"kept":"old"}');
  expect((await gateway.call('/', { method: 'HEAD' })).text).toBe('');
});
