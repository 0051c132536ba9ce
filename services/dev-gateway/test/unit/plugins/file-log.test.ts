import { mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { PATIENCE } from '../../../../../test/support/patience.ts';
import type { PluginConfig } from '../../../src/model/entities.ts';
import { consumer, key, plugin, route, service, target, upstream } from '../../proxy/entities.ts';
import { startedThings } from '../../proxy/started.ts';

const { backend, keep, proxy } = startedThings();

type Json = Record<string, unknown>;

const temporaryDirectory = async (): Promise<string> => {
  const directory = await mkdtemp(join(tmpdir(), 'gateway-log-'));
  keep({ stop: () => rm(directory, { recursive: true }) });
  return directory;
};

const readRecords = async (path: string, count: number): Promise<Json[]> =>
  vi.waitFor(async () => {
    const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
    expect(lines).toHaveLength(count);
    return lines.map((line) => JSON.parse(line) as Json);
  }, PATIENCE);

const partner = consumer('partner', { custom_id: 'p-1' });
const credential = key(partner, 'K1');

const logged = async (config: PluginConfig = {}) => {
  const path = join(await temporaryDirectory(), 'access.ndjson');
  const { port } = await backend();
  const up = upstream();
  const api = service({ name: 'backend', host: 'backend' });
  const open = route({ name: 'api', paths: ['/api'], service: { id: api.id }, tags: ['managed-by:apictl'] });
  const secured = route({ name: 'secured', paths: ['/secured'], service: { id: api.id } });
  const auth = { key_names: ['apikey'], key_in_header: true, key_in_query: true, run_on_preflight: true };
  const gateway = await proxy({
    upstreams: [up],
    targets: [target(up, `127.0.0.1:${port}`)],
    services: [api],
    routes: [open, secured],
    consumers: [partner],
    keyAuthCredentials: [credential],
    plugins: [
      plugin('file-log', { path, reopen: true, custom_fields_by_lua: null, ...config }),
      plugin('correlation-id', { header_name: 'X-Request-ID', generator: 'uuid', echo_downstream: true }),
      plugin('key-auth', auth, { route: { id: secured.id } }),
    ],
  });
  return { gateway, path, port, api, open };
};

test('a proxied request is one record with the fields of the recording', async () => {
  const { gateway, path, port, api, open } = await logged();
  const headers = {
    authorization: 'Bearer secret',
    cookie: 'sid=1',
    'user-agent': 'curl',
    host: `127.0.0.1:${gateway.port}`,
  };
  const answer = await gateway.call('/api/items?limit=10&q=caf%C3%A9', { headers });
  const [record] = await readRecords(path, 1);
  const requestId = answer.headers['x-request-id'];
  expect(record).toEqual({
    started_at: expect.any(Number),
    client_ip: '127.0.0.1',
    workspace: expect.any(String),
    workspace_name: 'default',
    upstream_uri: '/items?limit=10&q=caf%C3%A9',
    upstream_status: '200',
    source: 'upstream',
    correlation_id: requestId,
    request: {
      id: answer.headers['x-kong-request-id'],
      method: 'GET',
      uri: '/api/items?limit=10&q=caf%C3%A9',
      url: `http://127.0.0.1:${gateway.port}/api/items?limit=10&q=caf%C3%A9`,
      querystring: { limit: '10', q: 'café' },
      headers: { ...headers, authorization: 'REDACTED', connection: 'close', 'x-request-id': requestId },
      size: expect.any(Number),
    },
    response: {
      status: 200,
      headers: expect.objectContaining({ 'x-request-id': requestId }),
      size: expect.any(Number),
    },
    latencies: {
      kong: expect.any(Number),
      proxy: expect.any(Number),
      receive: expect.any(Number),
      request: expect.any(Number),
    },
    tries: [
      {
        ip: '127.0.0.1',
        port,
        balancer_start: expect.any(Number),
        balancer_start_ns: expect.any(Number),
        balancer_latency: expect.any(Number),
        balancer_latency_ns: expect.any(Number),
      },
    ],
    route: expect.objectContaining({
      id: open.id,
      name: 'api',
      tags: ['managed-by:apictl'],
      paths: ['/api'],
    }),
    service: expect.objectContaining({ id: api.id, name: 'backend', host: 'backend' }),
  });
  expect(record?.route).not.toHaveProperty('methods');
});

test('the size of a request is that of its bytes', async () => {
  const { gateway, path } = await logged();
  await gateway.call('/api', { method: 'POST', body: 'x'.repeat(500), headers: { host: 'a.test' } });
  const [record] = await readRecords(path, 1);
  const head = 'POST /api HTTP/1.1\r\nhost: a.test\r\nConnection: close\r\nContent-Length: 500\r\n\r\n';
  expect(record).toMatchObject({ request: { size: head.length + 500 } });
});

test('an authenticated request tells the consumer, a refused one that the gateway answered', async () => {
  const { gateway, path } = await logged();
  await gateway.call('/secured/y', { headers: { apikey: 'K1' } });
  await gateway.call('/secured/z');
  await gateway.call('/none');
  const [known, refused, unmatched] = await readRecords(path, 3);
  expect(known).toMatchObject({
    consumer: { id: partner.id, username: 'partner', custom_id: 'p-1' },
    authenticated_entity: { id: credential.id },
  });
  expect(refused).toMatchObject({ source: 'kong', upstream_status: '', tries: [], upstream_uri: '/z' });
  expect(refused).not.toHaveProperty('correlation_id');
  expect(refused).toMatchObject({ latencies: { proxy: -1 } });
  expect(unmatched).toMatchObject({ source: 'kong', upstream_uri: '', response: { status: 404 } });
  expect(unmatched).not.toHaveProperty('route');
  expect(unmatched).not.toHaveProperty('tries');
});

test('fields are removed and set by what is understood of Lua, and the rest is reported', async () => {
  const { gateway, path } = await logged({
    custom_fields_by_lua: {
      'request.headers.apikey': 'return nil',
      environment: "return 'test'",
      computed: 'return kong.request.get_method()',
    },
  });
  await gateway.call('/secured', { headers: { apikey: 'K1' } });
  const [record] = await readRecords(path, 1);
  expect(record).not.toHaveProperty('request.headers.apikey');
  expect(record).toHaveProperty('request.headers.host');
  expect(record).toMatchObject({ environment: 'test' });
  expect(record).not.toHaveProperty('computed');
  expect(gateway.logged.filter(({ message }) => message.startsWith('file-log: only'))).toHaveLength(1);
});

test('a file that is renamed away is followed by a new one, without a lost record', async () => {
  const { gateway, path } = await logged();
  await gateway.call('/api/1');
  await readRecords(path, 1);
  await rename(path, `${path}.1`);
  await gateway.call('/api/2');
  const [record] = await readRecords(path, 1);
  expect(record).toMatchObject({ request: { uri: '/api/2' } });
});

test('a file that cannot be written is reported once and requests go on', async () => {
  const { gateway } = await logged({ path: '/nowhere/at/all/access.ndjson' });
  for (let index = 0; index < 3; index += 1) expect((await gateway.call('/api')).status).toBe(200);
  await vi.waitFor(
    () => expect(gateway.logged.filter(({ level }) => level === 'error')).toHaveLength(1),
    PATIENCE,
  );
  expect(gateway.logged.find(({ level }) => level === 'error')?.message).toContain(
    'cannot write /nowhere/at/all/access.ndjson',
  );
});

test('stopping writes what was not yet written', async () => {
  const { gateway, path } = await logged();
  for (let index = 0; index < 20; index += 1) await gateway.call(`/api/${index}`);
  await gateway.handle.stop(1_000);
  expect((await readFile(path, 'utf8')).trimEnd().split('\n')).toHaveLength(20);
});

test('a client that goes away before the answer is recorded as 499', async () => {
  const path = join(await temporaryDirectory(), 'access.ndjson');
  const { port, requests } = await backend(() => undefined);
  const api = service({ port });
  const gateway = await proxy({
    services: [api],
    routes: [route({ paths: ['/'], service: { id: api.id } })],
    plugins: [plugin('file-log', { path, reopen: true })],
  });
  const { request } = await import('node:http');
  const call = request({ host: '127.0.0.1', port: gateway.port, agent: false });
  call.on('error', () => undefined);
  call.end();
  await vi.waitFor(() => expect(requests).toHaveLength(1), PATIENCE);
  call.destroy();
  const [record] = await readRecords(path, 1);
  expect(record).toMatchObject({ response: { status: 499 }, source: 'kong' });
});
