import { afterEach, expect, test } from 'vitest';
import { type Backend, echo, startBackend } from '../../proxy/backend.ts';
import { route, service, target, upstream } from '../../proxy/entities.ts';
import type { Content } from '../../proxy/memory-snapshots.ts';
import { type RunningProxy, runProxy } from '../../proxy/run-proxy.ts';

const running: { stop(): Promise<void> }[] = [];

afterEach(async () => {
  for (const one of running.splice(0).reverse()) await one.stop();
});

const backend = async (name = 'echo-1'): Promise<Backend> => {
  const started = await startBackend(echo(name));
  running.push(started);
  return started;
};

const proxy = async (
  content: Content,
  changes: Parameters<typeof runProxy>[1] = {},
): Promise<RunningProxy> => {
  const started = await runProxy(content, changes);
  running.push(started);
  return started;
};

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
  const backends = [await backend('echo-1'), await backend('echo-2'), await backend('echo-3')];
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
