import { expect, test, vi } from 'vitest';
import { PATIENCE } from '../../../../../test/support/patience.ts';
import {
  consumer,
  healthchecks,
  key,
  plugin,
  route,
  service,
  target,
  upstream,
} from '../../proxy/entities.ts';
import { startedThings } from '../../proxy/started.ts';

const { backend, proxy } = startedThings();

const ALL = {
  per_consumer: true,
  status_code_metrics: true,
  latency_metrics: true,
  bandwidth_metrics: true,
  upstream_health_metrics: true,
};

const measured = async (config: Record<string, boolean>) => {
  const { port } = await backend();
  const up = upstream({
    healthchecks: healthchecks({
      passive: { unhealthy: { http_statuses: [599], http_failures: 1, tcp_failures: 0, timeouts: 0 } },
    }),
  });
  const targets = [target(up, `127.0.0.1:${port}`)];
  const api = service({ name: 'backend', host: 'backend' });
  const open = route({ name: 'api', paths: ['/api'], service: { id: api.id } });
  const secured = route({ name: 'secured', paths: ['/secured'], service: { id: api.id } });
  const partner = consumer('partner');
  const auth = { key_names: ['apikey'], key_in_header: true, run_on_preflight: true };
  const gateway = await proxy({
    upstreams: [up],
    targets,
    services: [api],
    routes: [open, secured],
    consumers: [partner],
    keyAuthCredentials: [key(partner, 'K1')],
    plugins: [plugin('prometheus', config), plugin('key-auth', auth, { route: { id: secured.id } })],
  });
  return { gateway, port };
};

const samples = (text: string, name: string): string[] =>
  text.split('\n').filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));

test('requests are counted with the names and labels of the recording, unmatched ones not at all', async () => {
  const { gateway } = await measured(ALL);
  await gateway.call('/api/a');
  await gateway.call('/api/status/500');
  await gateway.call('/secured', { headers: { apikey: 'K1' } });
  await gateway.call('/secured');
  await gateway.call('/none');
  const text = await vi.waitFor(async () => {
    const rendered = await gateway.handle.metrics.render();
    expect(samples(rendered, 'kong_http_requests_total')).toHaveLength(4);
    return rendered;
  }, PATIENCE);
  expect(samples(text, 'kong_http_requests_total').sort()).toEqual(
    [
      'kong_http_requests_total{service="backend",route="api",workspace="default",code="200",source="service",consumer=""} 1',
      'kong_http_requests_total{service="backend",route="api",workspace="default",code="500",source="service",consumer=""} 1',
      'kong_http_requests_total{service="backend",route="secured",workspace="default",code="200",source="service",consumer="partner"} 1',
      'kong_http_requests_total{service="backend",route="secured",workspace="default",code="401",source="kong",consumer=""} 1',
    ].sort(),
  );
  const routeLabels = (name: string) => `{service="backend",route="${name}",workspace="default"}`;
  expect(text).toContain(`kong_kong_latency_ms_count${routeLabels('secured')} 2`);
  expect(text).toContain(`kong_upstream_latency_ms_count${routeLabels('secured')} 1`);
  expect(text).toContain(`kong_request_latency_ms_count${routeLabels('api')} 2`);
  expect(text).toMatch(
    /kong_kong_latency_ms_bucket\{le="6000",service="backend",route="api",workspace="default"\} 2/,
  );
  expect(samples(text, 'kong_bandwidth_bytes')).toHaveLength(6);
});

test('the node and its targets are described when they are read', async () => {
  const { gateway, port } = await measured(ALL);
  const text = await gateway.handle.metrics.render();
  expect(text).toContain('kong_datastore_reachable 1');
  expect(text).toContain('kong_node_info{node_id="00000000-0000-4000-8000-000000000001",version="3.8.1"} 1');
  expect(samples(text, 'kong_nginx_connections_total')).toHaveLength(7);
  const address = `upstream="backend",target="127.0.0.1:${port}",address="127.0.0.1:${port}"`;
  expect(samples(text, 'kong_upstream_target_health').sort()).toEqual([
    `kong_upstream_target_health{${address},state="dns_error",subsystem="http"} 0`,
    `kong_upstream_target_health{${address},state="healthchecks_off",subsystem="http"} 0`,
    `kong_upstream_target_health{${address},state="healthy",subsystem="http"} 1`,
    `kong_upstream_target_health{${address},state="unhealthy",subsystem="http"} 0`,
  ]);
});

test('families that the plugin does not turn on stay empty', async () => {
  const { gateway } = await measured({});
  await gateway.call('/api');
  const text = await gateway.handle.metrics.render();
  expect(samples(text, 'kong_http_requests_total')).toEqual([]);
  expect(samples(text, 'kong_upstream_target_health')).toEqual([]);
});

test('a database that does not answer shows as unreachable', async () => {
  const gateway = await proxy({}, { databaseReachable: () => Promise.reject(new Error('gone')) });
  expect(await gateway.handle.metrics.render()).toContain('kong_datastore_reachable 0');
});
