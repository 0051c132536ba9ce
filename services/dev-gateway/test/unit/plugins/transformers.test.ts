import { expect, test } from 'vitest';
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

test('responses are transformed in headers, and untransformable bodies are reported', async () => {
  const { port } = await backend((_request, response) => {
    response.setHeader('x-powered-by', 'test');
    response.end('{}');
  });
  const api = service({ port });
  const gateway = await proxy({
    services: [api],
    routes: [route({ paths: ['/'], service: { id: api.id } })],
    plugins: [
      plugin('response-transformer', {
        remove: { headers: ['x-powered-by'], json: ['secret'] },
        add: { headers: ['x-new:1'], json: [] },
      }),
    ],
  });
  const answer = await gateway.call('/');
  expect(answer.headers).not.toHaveProperty('x-powered-by');
  expect(answer.headers['x-new']).toBe('1');
  expect(gateway.logged.some(({ message }) => message.includes('JSON bodies are not transformed'))).toBe(
    true,
  );
});
