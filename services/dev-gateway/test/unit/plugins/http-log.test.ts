import { expect, test, vi } from 'vitest';
import { PATIENCE } from '../../../../../test/support/patience.ts';
import type { PluginConfig } from '../../../src/model/entities.ts';
import { plugin, route, service } from '../../proxy/entities.ts';
import { startedThings } from '../../proxy/started.ts';

const { backend, proxy } = startedThings();

interface Delivery {
  readonly authorization: string | undefined;
  readonly body: unknown;
}

const collector = async (statuses: number[] = []) => {
  const deliveries: Delivery[] = [];
  const { port } = await backend((request, response) => {
    let text = '';
    request.on('data', (chunk) => {
      text += String(chunk);
    });
    request.on('end', () => {
      const status = statuses.shift() ?? 200;
      if (status === 200)
        deliveries.push({ authorization: request.headers.authorization, body: JSON.parse(text) });
      response.writeHead(status).end();
    });
  });
  return { port, deliveries };
};

const logged = async (endpoint: string, queue: PluginConfig) => {
  const { port } = await backend();
  const api = service({ port });
  return proxy({
    services: [api],
    routes: [route({ paths: ['/'], service: { id: api.id } })],
    plugins: [
      plugin('http-log', {
        http_endpoint: endpoint,
        method: 'POST',
        content_type: 'application/json',
        timeout: 1_000,
        keepalive: 1_000,
        queue: {
          max_batch_size: 1,
          max_coalescing_delay: 0.01,
          max_entries: 100,
          max_retry_time: 5,
          initial_retry_delay: 0.01,
          max_retry_delay: 0.05,
          ...queue,
        },
      }),
    ],
  });
};

test('a batch of one is an object, and credentials in the URL become a header', async () => {
  const { port, deliveries } = await collector();
  const gateway = await logged(`http://user:p%40ss@127.0.0.1:${port}/logs`, {});
  await gateway.call('/one');
  await vi.waitFor(() => expect(deliveries).toHaveLength(1), PATIENCE);
  expect(deliveries[0]).toMatchObject({
    authorization: `Basic ${Buffer.from('user:p@ss').toString('base64')}`,
    body: { request: { uri: '/one' } },
  });
});

test('larger batches are arrays', async () => {
  const { port, deliveries } = await collector();
  const gateway = await logged(`http://127.0.0.1:${port}/`, { max_batch_size: 3, max_coalescing_delay: 5 });
  for (const path of ['/1', '/2', '/3']) await gateway.call(path);
  await vi.waitFor(() => expect(deliveries).toHaveLength(1), PATIENCE);
  expect(deliveries[0]?.body).toMatchObject([
    { request: { uri: '/1' } },
    { request: { uri: '/2' } },
    { request: { uri: '/3' } },
  ]);
});

test('what the endpoint refuses is sent again until it is taken', async () => {
  const { port, deliveries } = await collector([500, 503]);
  const gateway = await logged(`http://127.0.0.1:${port}/`, {});
  await gateway.call('/again');
  await vi.waitFor(() => expect(deliveries).toHaveLength(1), PATIENCE);
});

test('records that cannot be delivered in time are given up and reported', async () => {
  const gateway = await logged('http://127.0.0.1:1/', { max_retry_time: 0.05 });
  expect((await gateway.call('/')).status).toBe(200);
  await vi.waitFor(() =>
    expect(
      gateway.logged.some(
        ({ level, message }) => level === 'error' && message.includes('could not be delivered'),
      ),
    ).toBe(true),
  );
});
