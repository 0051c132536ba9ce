import { expect, test } from 'vitest';
import type { PluginConfig } from '../../../src/model/entities.ts';
import { consumer, key, plugin, route, service } from '../../proxy/entities.ts';
import { startedThings } from '../../proxy/started.ts';

const { backend, proxy } = startedThings();

const DEFAULTS: PluginConfig = {
  key_names: ['apikey'],
  key_in_header: true,
  key_in_query: true,
  key_in_body: false,
  run_on_preflight: true,
  realm: null,
  hide_credentials: false,
  anonymous: null,
};

const partner = consumer('partner', { custom_id: 'p-1' });
const credential = key(partner, 'K1');

const guarded = async (config: PluginConfig = {}) => {
  const { port } = await backend();
  const api = service({ port });
  return proxy({
    services: [api],
    routes: [route({ paths: ['/'], service: { id: api.id } })],
    consumers: [partner],
    keyAuthCredentials: [credential],
    plugins: [plugin('key-auth', { ...DEFAULTS, ...config })],
  });
};

test('without a key there is 401 and a challenge', async () => {
  const answer = await (await guarded()).call('/');
  expect([answer.status, answer.headers['www-authenticate']]).toEqual([401, 'Key']);
  expect(answer.json().message).toBe('No API key found in request');
});

test('a wrong key is 401 in other words', async () => {
  const gateway = await guarded({ realm: 'shop' });
  const answer = await gateway.call('/', { headers: { apikey: 'bad' } });
  expect([answer.status, answer.headers['www-authenticate']]).toEqual([401, 'Key realm="shop"']);
  expect(answer.json().message).toBe('Unauthorized');
});

test('the service learns who the consumer is, and not from the client', async () => {
  const gateway = await guarded();
  const forged = { apikey: 'K1', 'x-consumer-username': 'admin', 'x-anonymous-consumer': 'true' };
  const { headers } = (await gateway.call('/', { headers: forged })).echo();
  expect(headers).toMatchObject({
    apikey: 'K1',
    'x-consumer-id': partner.id,
    'x-consumer-username': 'partner',
    'x-consumer-custom-id': 'p-1',
    'x-credential-identifier': credential.id,
  });
  expect(headers).not.toHaveProperty('x-anonymous-consumer');
});

test('identity headers survive a client that names them in Connection', async () => {
  const gateway = await guarded();
  const connection = 'close, X-Consumer-Username';
  const { headers } = (await gateway.call('/', { headers: { apikey: 'K1', connection } })).echo();
  expect(headers['x-consumer-username']).toBe('partner');
});

test('hidden credentials do not reach the service, in header or query', async () => {
  const gateway = await guarded({ hide_credentials: true });
  expect((await gateway.call('/', { headers: { apikey: 'K1' } })).echo().headers).not.toHaveProperty(
    'apikey',
  );
  expect((await gateway.call('/?a=1&apikey=K1&b=%20')).echo().path).toBe('/?a=1&b=%20');
});

test('a key in the query is not looked at where the configuration says so', async () => {
  const gateway = await guarded({ key_in_query: false });
  expect((await gateway.call('/?apikey=K1')).status).toBe(401);
});

test('with an anonymous consumer a stranger passes and is marked as one', async () => {
  const guest = consumer('guest');
  const gateway = await guarded({ anonymous: 'guest' });
  gateway.snapshots.set({ consumers: [partner, guest] });
  const { headers } = (await gateway.call('/')).echo();
  expect(headers).toMatchObject({ 'x-consumer-username': 'guest', 'x-anonymous-consumer': 'true' });
  expect(headers).not.toHaveProperty('x-credential-identifier');
});

test('a credential that was taken away is refused from then on', async () => {
  const gateway = await guarded();
  expect((await gateway.call('/', { headers: { apikey: 'K1' } })).status).toBe(200);
  gateway.snapshots.set({ keyAuthCredentials: [] });
  expect((await gateway.call('/', { headers: { apikey: 'K1' } })).status).toBe(401);
});

test('a key in a field of the body is found, and hidden from the service', async () => {
  const gateway = await guarded({ key_in_body: true, hide_credentials: true });
  const send = async (type: string, body: string) =>
    (await gateway.call('/', { method: 'POST', body, headers: { 'content-type': type } })).echo();
  expect(await send('application/json', '{"apikey":"K1","a":[1]}')).toMatchObject({
    body: '{"a":[1]}',
    headers: { 'x-consumer-username': 'partner', 'content-length': '9' },
  });
  expect((await send('application/x-www-form-urlencoded', 'a=b&apikey=K1')).body).toBe('a=b');
  const missing = await gateway.call('/', { method: 'POST', body: 'apikey=K1' });
  expect(missing.status).toBe(401);
});
