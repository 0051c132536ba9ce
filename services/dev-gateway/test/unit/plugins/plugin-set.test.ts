import { expect, test } from 'vitest';
import { consumer, key, plugin, route, service } from '../../proxy/entities.ts';
import { startedThings } from '../../proxy/started.ts';

const { backend, proxy } = startedThings();

const say = (message: string, scope: Parameters<typeof plugin>[2] = {}) =>
  plugin('request-termination', { status_code: 200, message }, scope);

test('of one plugin the most specific configuration runs', async () => {
  const api = service();
  const scoped = route({ name: 'scoped', paths: ['/scoped'], service: { id: api.id } });
  const plain = route({ name: 'plain', paths: ['/plain'], service: { id: api.id } });
  const other = service({ name: 'other' });
  const elsewhere = route({ paths: ['/elsewhere'], service: { id: other.id } });
  const known = consumer('known');
  const auth = plugin('key-auth', {
    key_names: ['apikey'],
    key_in_header: true,
    run_on_preflight: true,
    anonymous: 'guest',
  });
  const gateway = await proxy({
    services: [api, other],
    routes: [scoped, plain, elsewhere],
    consumers: [known, consumer('guest')],
    keyAuthCredentials: [key(known, 'K')],
    plugins: [
      auth,
      say('global'),
      say('service', { service: { id: api.id } }),
      say('route', { route: { id: scoped.id } }),
      say('consumer', { consumer: { id: known.id } }),
      say('consumer on route', { consumer: { id: known.id }, route: { id: scoped.id } }),
    ],
  });
  const heard = async (path: string, headers: Record<string, string> = {}) =>
    (await gateway.call(path, { headers })).json().message;
  expect(await heard('/elsewhere')).toBe('global');
  expect(await heard('/plain')).toBe('service');
  expect(await heard('/scoped')).toBe('route');
  expect(await heard('/plain', { apikey: 'K' })).toBe('consumer');
  expect(await heard('/scoped', { apikey: 'K' })).toBe('consumer on route');
});

test('a disabled plugin does nothing', async () => {
  const { port } = await backend();
  const api = service({ port });
  const gateway = await proxy({
    services: [api],
    routes: [route({ paths: ['/'], service: { id: api.id } })],
    plugins: [say('off', { enabled: false })],
  });
  expect((await gateway.call('/')).echo().instance).toBe('echo-1');
});

test('a plugin without code is reported once and counted, and requests pass without it', async () => {
  const { port } = await backend();
  const api = service({ port });
  const unknown = plugin('zipkin', {});
  const gateway = await proxy({
    services: [api],
    routes: [route({ paths: ['/'], service: { id: api.id } })],
    plugins: [unknown],
  });
  gateway.snapshots.set({ plugins: [{ ...unknown }] });
  expect((await gateway.call('/')).status).toBe(200);
  expect(gateway.logged.filter(({ message }) => message.includes('plugin zipkin'))).toHaveLength(1);
  expect(await gateway.handle.metrics.render()).toContain(
    'apictl_gateway_unsupported_plugin{plugin="zipkin"} 1',
  );
  gateway.snapshots.set({ plugins: [] });
  expect(await gateway.handle.metrics.render()).not.toContain('plugin="zipkin"');
});

test('a guard without code keeps everyone out rather than letting everyone in', async () => {
  const { port } = await backend();
  const api = service({ port });
  const gateway = await proxy({
    services: [api],
    routes: [route({ paths: ['/'], service: { id: api.id } })],
    plugins: [plugin('oauth2', {})],
  });
  expect((await gateway.call('/')).status).toBe(500);
  expect(
    gateway.logged.some(({ message }) => message.includes('the requests that it guards are refused')),
  ).toBe(true);
});

test('a plugin for other protocols does not run', async () => {
  const { port } = await backend();
  const api = service({ port });
  const gateway = await proxy({
    services: [api],
    routes: [route({ paths: ['/'], service: { id: api.id } })],
    plugins: [say('tls only', { protocols: ['https'] })],
  });
  expect((await gateway.call('/')).echo().instance).toBe('echo-1');
  expect((await gateway.call('/', { tls: {} })).json().message).toBe('tls only');
});
