import { createHash } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { expect, test } from 'vitest';
import type { Plugin } from '../../../src/model/entities.ts';
import { consumer, plugin, route, service } from '../../proxy/entities.ts';
import type { Content } from '../../proxy/memory-snapshots.ts';
import { startedThings } from '../../proxy/started.ts';

const { backend, proxy } = startedThings();

const withPlugins = async (plugins: readonly Plugin[], content: Content = {}) => {
  const { port } = await backend();
  const api = service({ port });
  return proxy({
    services: [api],
    routes: [route({ paths: ['/'], service: { id: api.id } })],
    plugins,
    ...content,
  });
};

const sizeLimit = (config: Record<string, unknown> = {}) =>
  plugin('request-size-limiting', {
    allowed_payload_size: 10,
    size_unit: 'bytes',
    require_content_length: false,
    ...config,
  });

test('a body up to the limit passes, a larger one is 413', async () => {
  const gateway = await withPlugins([sizeLimit()]);
  expect((await gateway.call('/', { method: 'POST', body: 'x'.repeat(10) })).status).toBe(200);
  const refused = await gateway.call('/', { method: 'POST', body: 'x'.repeat(11) });
  expect(refused.status).toBe(413);
  expect(refused.json().message).toBe('Request size limit exceeded');
});

test('a body that states no length is cut off when it grows beyond the limit', async () => {
  const gateway = await withPlugins([sizeLimit()]);
  const status = await new Promise<number>((resolve, reject) => {
    const call = httpRequest(
      { host: '127.0.0.1', port: gateway.port, method: 'POST', agent: false },
      (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      },
    );
    call.on('error', reject);
    call.write('x'.repeat(8));
    call.end('x'.repeat(8));
  });
  expect(status).toBe(413);
});

test('a length can be required', async () => {
  const gateway = await withPlugins([sizeLimit({ require_content_length: true })]);
  expect(
    (await gateway.call('/', { method: 'POST', headers: { 'transfer-encoding': 'chunked' }, body: 'x' }))
      .status,
  ).toBe(411);
});

test('clients are let in by address', async () => {
  const denied = await withPlugins([plugin('ip-restriction', { deny: ['127.0.0.0/8'] })]);
  const answer = await denied.call('/');
  expect([answer.status, answer.json().message]).toEqual([403, 'IP address not allowed: 127.0.0.1']);
  const allowed = await withPlugins([plugin('ip-restriction', { allow: ['127.0.0.1'] })]);
  expect((await allowed.call('/')).status).toBe(200);
  const others = await withPlugins([
    plugin('ip-restriction', { allow: ['10.0.0.0/8'], status: 404, message: 'no' }),
  ]);
  expect((await others.call('/')).status).toBe(404);
});

const alice = consumer('alice');
const basic = {
  id: 'basic-1',
  created_at: 0,
  tags: null,
  username: 'alice',
  password: createHash('sha1').update(`wonder${alice.id}`).digest('hex'),
  consumer: { id: alice.id },
};
const authorization = (pair: string) => `Basic ${Buffer.from(pair).toString('base64')}`;

test('a consumer is known by user name and password', async () => {
  const gateway = await withPlugins([plugin('basic-auth', { hide_credentials: true, realm: 'service' })], {
    consumers: [alice],
    basicAuthCredentials: [basic],
  });
  const missing = await gateway.call('/');
  expect([missing.status, missing.headers['www-authenticate']]).toEqual([401, 'Basic realm="service"']);
  const wrong = await gateway.call('/', { headers: { authorization: authorization('alice:wrong') } });
  expect(wrong.status).toBe(401);
  const right = await gateway.call('/', { headers: { authorization: authorization('alice:wonder') } });
  expect(right.echo().headers).toMatchObject({
    'x-consumer-username': 'alice',
    'x-credential-identifier': 'alice',
  });
  expect(right.echo().headers).not.toHaveProperty('authorization');
});

test('consumers pass by their groups', async () => {
  const content: Content = {
    consumers: [alice],
    basicAuthCredentials: [basic],
    aclGroups: [{ id: 'g', created_at: 0, tags: null, group: 'gold', consumer: { id: alice.id } }],
  };
  const auth = plugin('basic-auth', { hide_credentials: false });
  const headers = { authorization: authorization('alice:wonder') };
  const gold = await withPlugins([auth, plugin('acl', { allow: ['gold'] })], content);
  expect((await gold.call('/', { headers })).echo().headers['x-consumer-groups']).toBe('gold');
  const silver = await withPlugins([auth, plugin('acl', { allow: ['silver'] })], content);
  const refused = await silver.call('/', { headers });
  expect([refused.status, refused.json().message]).toEqual([403, 'You cannot consume this service']);
  const denied = await withPlugins([auth, plugin('acl', { deny: ['gold'] })], content);
  expect((await denied.call('/', { headers })).status).toBe(403);
});

test('bots are refused by their user agent', async () => {
  const gateway = await withPlugins([plugin('bot-detection', { allow: ['friendly'], deny: ['evil'] })]);
  const status = async (agent: string | undefined) =>
    (await gateway.call('/', { headers: agent === undefined ? {} : { 'user-agent': agent } })).status;
  expect(await status('Mozilla/5.0')).toBe(200);
  expect(await status('evil/1.0')).toBe(403);
  expect(await status('Googlebot/2.1')).toBe(403);
  expect(await status('friendly Googlebot/2.1')).toBe(200);
  expect(await status(undefined)).toBe(400);
});

test('termination answers in place of the service, with message or body', async () => {
  const message = await withPlugins([
    plugin('request-termination', { status_code: 503, message: 'maintenance' }),
  ]);
  const answer = await message.call('/');
  expect([answer.status, answer.json()]).toEqual([503, { message: 'maintenance' }]);
  const body = await withPlugins([
    plugin('request-termination', { status_code: 200, body: '<p>off</p>', content_type: 'text/html' }),
  ]);
  const page = await body.call('/');
  expect([page.text, page.headers['content-type']]).toEqual(['<p>off</p>', 'text/html']);
  const triggered = await withPlugins([
    plugin('request-termination', { status_code: 418, message: 'x', trigger: 'off' }),
  ]);
  expect([(await triggered.call('/')).status, (await triggered.call('/?off')).status]).toEqual([200, 418]);
});
