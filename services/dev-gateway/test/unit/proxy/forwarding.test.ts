import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { echo } from '../../proxy/backend.ts';
import { route, service, target, upstream } from '../../proxy/entities.ts';
import { startedThings } from '../../proxy/started.ts';

const { backend, proxy } = startedThings();

test('a request reaches its service with the forwarding headers that Kong sets', async () => {
  const { port } = await backend();
  const api = service({ port, path: '/base' });
  const gateway = await proxy({
    services: [api],
    routes: [route({ paths: ['/api'], service: { id: api.id } })],
  });

  const answer = await gateway.call('/api/x?q=1', { headers: { 'user-agent': 'test' } });

  expect(answer.status).toBe(200);
  expect(answer.headers['x-kong-request-id']).toMatch(/^[0-9a-f]{32}$/);
  expect(answer.headers.via).toBe('1.1 apictl-dev-gateway/test');
  expect(answer.headers).toMatchObject({
    'x-kong-upstream-latency': expect.stringMatching(/^\d+$/),
    'x-kong-proxy-latency': expect.stringMatching(/^\d+$/),
  });
  expect(answer.echo()).toMatchObject({ method: 'GET', path: '/base/x?q=1', body: '' });
  expect(answer.echo().headers).toEqual({
    via: '1.1 apictl-dev-gateway/test',
    host: `127.0.0.1:${port}`,
    connection: 'keep-alive',
    'x-forwarded-for': '127.0.0.1',
    'x-forwarded-proto': 'http',
    'x-forwarded-host': '127.0.0.1',
    'x-forwarded-port': String(gateway.port),
    'x-forwarded-path': '/api/x',
    'x-forwarded-prefix': '/api',
    'x-real-ip': '127.0.0.1',
    'x-kong-request-id': answer.headers['x-kong-request-id'],
    'user-agent': 'test',
  });
});

test('300 requests over three equal targets are 100 each', async () => {
  const backends = [
    await backend(echo('echo-1')),
    await backend(echo('echo-2')),
    await backend(echo('echo-3')),
  ];
  const up = upstream();
  const api = service({ host: 'backend' });
  const gateway = await proxy({
    upstreams: [up],
    targets: backends.map(({ address }) => target(up, address)),
    services: [api],
    routes: [route({ paths: ['/'], service: { id: api.id } })],
  });

  const counts: Record<string, number> = {};
  for (let index = 0; index < 300; index += 1) {
    const { instance } = (await gateway.call('/')).echo();
    counts[instance] = (counts[instance] ?? 0) + 1;
  }

  expect(counts).toEqual({ 'echo-1': 100, 'echo-2': 100, 'echo-3': 100 });
});

test('a drained target and unequal weights shift the shares with the next snapshot', async () => {
  const [first, second] = [await backend(echo('first')), await backend(echo('second'))];
  const up = upstream();
  const targets = [target(up, first.address, { weight: 300 }), target(up, second.address)];
  const api = service({ host: 'backend' });
  const routes = [route({ paths: ['/'], service: { id: api.id } })];
  const gateway = await proxy({ upstreams: [up], targets, services: [api], routes });
  const count = async (times: number) => {
    const counts: Record<string, number> = {};
    for (let index = 0; index < times; index += 1) {
      const { instance } = (await gateway.call('/')).echo();
      counts[instance] = (counts[instance] ?? 0) + 1;
    }
    return counts;
  };
  expect(await count(40)).toEqual({ first: 30, second: 10 });
  gateway.snapshots.set({
    targets: targets.map((one, index) => (index === 0 ? { ...one, weight: 0 } : one)),
  });
  expect(await count(10)).toEqual({ second: 10 });
});

test('a body that a client posts arrives with its length', async () => {
  const { port } = await backend();
  const api = service({ port });
  const gateway = await proxy({
    services: [api],
    routes: [route({ paths: ['/'], service: { id: api.id } })],
  });
  const answer = await gateway.call('/x', {
    method: 'POST',
    body: 'a=1',
    headers: { 'content-length': '3' },
  });
  expect(answer.echo()).toMatchObject({ method: 'POST', body: 'a=1', headers: { 'content-length': '3' } });
});

test('what a client says about its origin counts only from a trusted peer', async () => {
  const { port } = await backend();
  const api = service({ port });
  const content = { services: [api], routes: [route({ paths: ['/'], service: { id: api.id } })] };
  const headers = {
    'x-forwarded-for': '203.0.113.9',
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'public.test',
    'x-forwarded-prefix': '/evil',
    'x-real-ip': '203.0.113.9',
  };
  const stranger = (await (await proxy(content)).call('/', { headers })).echo().headers;
  expect(stranger).toMatchObject({
    'x-forwarded-for': '203.0.113.9, 127.0.0.1',
    'x-forwarded-proto': 'http',
    'x-forwarded-host': '127.0.0.1',
    'x-real-ip': '127.0.0.1',
  });
  expect(stranger).not.toHaveProperty('x-forwarded-prefix');
  const trusting = await proxy(content, { settings: { trustedRanges: ['127.0.0.0/8'] } });
  expect((await trusting.call('/', { headers })).echo().headers).toMatchObject({
    'x-forwarded-for': '203.0.113.9, 127.0.0.1',
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'public.test',
    'x-real-ip': '203.0.113.9',
  });
});

test('fields of the connection stay behind, and naming an identity header in Connection does not', async () => {
  const { port } = await backend();
  const api = service({ port });
  const gateway = await proxy({
    services: [api],
    routes: [route({ paths: ['/'], service: { id: api.id } })],
  });
  const { headers } = (
    await gateway.call('/', {
      headers: { connection: 'close, X-Secret', 'x-secret': '1', te: 'trailers', 'keep-alive': '5' },
    })
  ).echo();
  expect(headers).not.toHaveProperty('x-secret');
  expect(headers).not.toHaveProperty('te');
  expect(headers).not.toHaveProperty('keep-alive');
});

test('preserve_host passes the Host header of the client', async () => {
  const { port } = await backend();
  const api = service({ port });
  const routes = [route({ paths: ['/'], preserve_host: true, service: { id: api.id } })];
  const gateway = await proxy({ services: [api], routes });
  const answer = await gateway.call('/', { headers: { host: 'shop.test:1234' } });
  expect(answer.echo().headers.host).toBe('shop.test:1234');
});

test('a path that is not stripped goes on as it is, normalised', async () => {
  const { port } = await backend();
  const api = service({ port });
  const routes = [route({ paths: ['/api'], strip_path: false, service: { id: api.id } })];
  const gateway = await proxy({ services: [api], routes });
  const raw = await new Promise<string>((resolve, reject) => {
    const socket = connect(gateway.port, '127.0.0.1');
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString();
    });
    socket.on('end', () => resolve(text));
    socket.on('error', reject);
    socket.write('GET /x/..//%61pi/v1/items?b=%2F HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n');
  });
  expect(raw).toContain('"path":"/api/v1/items?b=%2F"');
});
