import { createServer } from 'node:net';
import { expect, test, vi } from 'vitest';
import { PATIENCE } from '../../../../../test/support/patience.ts';
import { echo } from '../../proxy/backend.ts';
import { healthchecks, route, service, target, upstream } from '../../proxy/entities.ts';
import { startedThings } from '../../proxy/started.ts';

const { backend, keep, proxy } = startedThings();

/** A port that refuses connections: it was the system's choice for a server that is gone again. */
const closedPort = async (): Promise<number> => {
  const server = await backend();
  await server.stop();
  return server.port;
};

test('a request that matches no route is answered 404 with the request id', async () => {
  const gateway = await proxy({});
  const answer = await gateway.call('/none');
  expect(answer.status).toBe(404);
  expect(answer.headers).toMatchObject({
    'content-type': 'application/json; charset=utf-8',
    'x-kong-response-latency': expect.stringMatching(/^\d+$/),
    server: 'apictl-dev-gateway/test',
  });
  expect(answer.json()).toEqual({
    message: 'no Route matched with those values',
    request_id: answer.headers['x-kong-request-id'],
  });
});

test('a route without a service is answered 503', async () => {
  const gateway = await proxy({ routes: [route({ paths: ['/noservice'] })] });
  const answer = await gateway.call('/noservice');
  expect(answer.status).toBe(503);
  expect(answer.json().message).toBe('no Service found with those values');
});

test('a service that nobody answers for is a 502 in plain text, or in what the client prefers', async () => {
  const api = service({ port: await closedPort(), retries: 1 });
  const gateway = await proxy({
    services: [api],
    routes: [route({ paths: ['/'], service: { id: api.id } })],
  });
  const plain = await gateway.call('/');
  expect(plain.status).toBe(502);
  expect(plain.headers['content-type']).toBe('text/plain; charset=utf-8');
  expect(plain.headers).not.toHaveProperty('x-kong-response-latency');
  expect(plain.text).toBe(
    `An invalid response was received from the upstream server\nrequest_id: ${plain.headers['x-kong-request-id']}\n`,
  );
  const json = await gateway.call('/', { headers: { accept: 'text/html;q=0.5, application/json' } });
  expect(json.json().message).toBe('An invalid response was received from the upstream server');
  const page = await gateway.call('/', { headers: { accept: 'text/html' } });
  expect(page.text).toContain('<p>An invalid response was received from the upstream server.</p>');
});

test('an upstream without targets is a 503', async () => {
  const api = service({ host: 'empty' });
  const gateway = await proxy({
    upstreams: [upstream({ name: 'empty' })],
    services: [api],
    routes: [route({ paths: ['/'], service: { id: api.id } })],
  });
  const answer = await gateway.call('/');
  expect(answer.status).toBe(503);
  expect(answer.json().message).toBe('failure to get a peer from the ring-balancer');
});

test('a service whose name does not resolve is a 503', async () => {
  const api = service({ host: 'nowhere.test' });
  const content = { services: [api], routes: [route({ paths: ['/'], service: { id: api.id } })] };
  const resolve = () => Promise.reject(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }));
  const answer = await (await proxy(content, { resolve })).call('/');
  expect(answer.status).toBe(503);
  expect(answer.json().message).toBe('name resolution failed');
});

test('HTTP requests to a route for HTTPS are told to upgrade, or redirected', async () => {
  const api = service();
  const https = { protocols: ['https'], service: { id: api.id } };
  const gateway = await proxy({
    services: [api],
    routes: [
      route({ paths: ['/tls'], ...https }),
      route({ paths: ['/go'], https_redirect_status_code: 301, ...https }),
    ],
  });
  const upgrade = await gateway.call('/tls');
  expect(upgrade.status).toBe(426);
  expect(upgrade.json().message).toBe('Please use HTTPS protocol');
  const redirect = await gateway.call('/go?a=1', { headers: { host: 'a.test' } });
  expect([redirect.status, redirect.headers.location]).toEqual([301, 'https://a.test/go?a=1']);
});

test('a request goes on to the next target when one refuses connections, body and all', async () => {
  const alive = await backend();
  const up = upstream();
  const api = service({ host: 'backend' });
  const gateway = await proxy({
    upstreams: [up],
    targets: [target(up, `127.0.0.1:${await closedPort()}`), target(up, alive.address)],
    services: [api],
    routes: [route({ paths: ['/'], service: { id: api.id } })],
  });
  for (let index = 0; index < 10; index += 1) {
    const answer = await gateway.call('/', { method: 'POST', body: `body ${index}` });
    expect(answer.echo().body).toBe(`body ${index}`);
  }
});

test('a GET is tried again when the connection breaks before the answer, a POST is not', async () => {
  const broken = keep({
    server: createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => socket.destroy());
    }),
    stop(): void {
      this.server.close();
    },
  });
  await new Promise<void>((resolve) => broken.server.listen(0, '127.0.0.1', resolve));
  const { port } = broken.server.address() as { port: number };
  const alive = await backend();
  const up = upstream();
  const api = service({ host: 'backend' });
  const gateway = await proxy({
    upstreams: [up],
    targets: [target(up, `127.0.0.1:${port}`), target(up, alive.address)],
    services: [api],
    routes: [route({ paths: ['/'], service: { id: api.id } })],
  });
  const statuses = async (method: string) => [
    (await gateway.call('/', { method })).status,
    (await gateway.call('/', { method })).status,
  ];
  expect(await statuses('GET')).toEqual([200, 200]);
  expect((await statuses('POST')).sort()).toEqual([200, 502]);
});

test('an upstream that does not answer in time is a 504', async () => {
  const { port } = await backend(() => undefined);
  const api = service({ port, read_timeout: 50, retries: 0 });
  const gateway = await proxy({
    services: [api],
    routes: [route({ paths: ['/'], service: { id: api.id } })],
  });
  const answer = await gateway.call('/');
  expect(answer.status).toBe(504);
  expect(answer.text).toContain('The upstream server is timing out');
});

test('an answer that is not HTTP is a 502 and not asked for again', async () => {
  let connections = 0;
  const odd = keep({
    server: createServer((socket) => {
      connections += 1;
      socket.on('error', () => undefined);
      socket.once('data', () => socket.end('SSH-2.0-OpenSSH\r\n'));
    }),
    stop(): void {
      this.server.close();
    },
  });
  await new Promise<void>((resolve) => odd.server.listen(0, '127.0.0.1', resolve));
  const { port } = odd.server.address() as { port: number };
  const api = service({ port });
  const gateway = await proxy({
    services: [api],
    routes: [route({ paths: ['/'], service: { id: api.id } })],
  });
  expect((await gateway.call('/')).status).toBe(502);
  expect(connections).toBe(1);
});

test('a response that breaks off reaches the client as broken off', async () => {
  const { port } = await backend((_request, response) => {
    response.writeHead(200, { 'content-length': '100' });
    response.write('half');
    setImmediate(() => response.destroy());
  });
  const api = service({ port });
  const gateway = await proxy({
    services: [api],
    routes: [route({ paths: ['/'], service: { id: api.id } })],
  });
  await expect(gateway.call('/')).rejects.toThrow(/aborted|hang up/);
});

test('passive checks take a failing target out and an operator puts it back', async () => {
  const { address } = await backend();
  const up = upstream({
    healthchecks: healthchecks({
      passive: { unhealthy: { http_statuses: [500], http_failures: 2, tcp_failures: 0, timeouts: 0 } },
    }),
  });
  const one = target(up, address);
  const api = service({ host: 'backend', retries: 0 });
  const gateway = await proxy({
    upstreams: [up],
    targets: [one],
    services: [api],
    routes: [route({ paths: ['/p'], service: { id: api.id } })],
  });
  const statuses: number[] = [];
  for (const path of ['/p/ok', '/p/status/500', '/p/status/500', '/p/ok']) {
    statuses.push((await gateway.call(path)).status);
  }
  expect(statuses).toEqual([200, 500, 500, 503]);
  gateway.handle.health.setTargetHealth(up.id, one.id, null, true);
  expect((await gateway.call('/p/ok')).status).toBe(200);
});

test('active checks probe with the host name of the target and take a dead backend out', async () => {
  const probed: (string | undefined)[] = [];
  const alive = await backend((request, response) => {
    if (request.url === '/healthz/ready') probed.push(request.headers.host);
    echo('alive')(request, response);
  });
  const dying = await backend(echo('dying'));
  const up = upstream({
    healthchecks: healthchecks({
      active: {
        http_path: '/healthz/ready',
        healthy: { interval: 0.02, http_statuses: [200], successes: 1 },
        unhealthy: { interval: 0.02, http_statuses: [500], http_failures: 1, tcp_failures: 1, timeouts: 1 },
      },
    }),
  });
  const api = service({ host: 'backend', retries: 0 });
  const gateway = await proxy(
    {
      upstreams: [up],
      targets: [target(up, `alive.test:${alive.port}`), target(up, `dying.test:${dying.port}`)],
      services: [api],
      routes: [route({ paths: ['/'], service: { id: api.id } })],
    },
    { resolve: () => Promise.resolve(['127.0.0.1']) },
  );
  const states = () => gateway.handle.health.targetHealth(up.id).map(({ health }) => health);
  await vi.waitFor(() => expect(probed.length).toBeGreaterThan(1), PATIENCE);
  expect(new Set(probed)).toEqual(new Set(['alive.test']));
  await dying.stop();
  await vi.waitFor(() => expect(states()).toEqual(['HEALTHY', 'UNHEALTHY']), PATIENCE);
  for (let index = 0; index < 5; index += 1) expect((await gateway.call('/')).echo().instance).toBe('alive');
});

test('a backend that is recreated with another address serves again within the time to live', async () => {
  const first = await backend(echo('old'), { host: '127.0.0.2' });
  let ip = '127.0.0.2';
  const up = upstream();
  const api = service({ host: 'backend', connect_timeout: 500 });
  const gateway = await proxy(
    {
      upstreams: [up],
      targets: [target(up, `backend-1.test:${first.port}`)],
      services: [api],
      routes: [route({ paths: ['/'], service: { id: api.id } })],
    },
    { resolve: () => Promise.resolve([ip]), settings: { dnsValidTtlMs: 50 } },
  );
  expect((await gateway.call('/')).echo().instance).toBe('old');
  await first.stop();
  await backend(echo('new'), { host: '127.0.0.3', port: first.port });
  ip = '127.0.0.3';
  await vi.waitFor(async () => expect((await gateway.call('/')).echo().instance).toBe('new'), {
    timeout: 3_000,
  });
});
