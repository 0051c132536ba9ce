import { expect, test } from 'vitest';
import { plugin, route, service } from '../../proxy/entities.ts';
import { startedThings } from '../../proxy/started.ts';

const { backend, proxy } = startedThings();

const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';

const withGenerator = async (generator: string, echo = true) => {
  const { port } = await backend();
  const api = service({ port });
  return proxy({
    services: [api],
    routes: [route({ paths: ['/api'], service: { id: api.id } })],
    plugins: [plugin('correlation-id', { header_name: 'X-Request-ID', generator, echo_downstream: echo })],
  });
};

test('service and client get the same generated id', async () => {
  const answer = await (await withGenerator('uuid')).call('/api');
  expect(answer.headers['x-request-id']).toMatch(new RegExp(`^${UUID}$`));
  expect(answer.echo().headers['x-request-id']).toBe(answer.headers['x-request-id']);
});

test('counted ids share a prefix and differ in the count', async () => {
  const gateway = await withGenerator('uuid#counter');
  const ids = [await gateway.call('/api'), await gateway.call('/api')].map(({ headers }) =>
    String(headers['x-request-id']),
  );
  expect(ids[0]).toMatch(new RegExp(`^${UUID}#1$`));
  expect(ids[1]).toBe(ids[0]?.replace('#1', '#2'));
});

test('trackers tell the connection and the time', async () => {
  const answer = await (await withGenerator('tracker')).call('/api');
  expect(answer.headers['x-request-id']).toMatch(/^127\.0\.0\.1-\d+-\d+-\d+-\d+-\d+-\d+\.\d{3}$/);
});

test('an id that the client brings is kept', async () => {
  const answer = await (await withGenerator('uuid')).call('/api', { headers: { 'x-request-id': 'mine' } });
  expect([answer.headers['x-request-id'], answer.echo().headers['x-request-id']]).toEqual(['mine', 'mine']);
});

test('the id is not echoed unless asked for', async () => {
  const answer = await (await withGenerator('uuid', false)).call('/api');
  expect(answer.headers).not.toHaveProperty('x-request-id');
  expect(answer.echo().headers).toHaveProperty('x-request-id');
});

test('a request that matches no route gets an id all the same', async () => {
  const answer = await (await withGenerator('uuid')).call('/none');
  expect(answer.status).toBe(404);
  expect(answer.headers['x-request-id']).toMatch(new RegExp(`^${UUID}$`));
});
