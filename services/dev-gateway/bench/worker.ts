/** One process of the bench: the backend, a bare proxy of Node's own `http`, or the gateway. */
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, createServer, request as httpRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startProxy } from '../src/proxy/server.ts';
import { plugin, route, service, target, upstream } from '../test/proxy/entities.ts';
import { memorySnapshots } from '../test/proxy/memory-snapshots.ts';
import { serveBench } from './processes.ts';

const BODY = JSON.stringify({
  instance: 'backend-1',
  version: '1.0.0',
  items: Array.from({ length: 20 }, (_, id) => ({ id })),
});

const serve = (server: Server): void => {
  server.keepAliveTimeout = 60_000;
  server.listen(0, '127.0.0.1', () => {
    serveBench((server.address() as AddressInfo).port, async () => void server.close());
  });
};

const backend = (): void =>
  serve(
    createServer((_request, response) => {
      response.writeHead(200, {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(BODY),
      });
      response.end(BODY);
    }),
  );

/** The least that a streaming proxy does: pass head and body on over kept connections. */
const bareProxy = (upstreamPort: number): void => {
  const agent = new Agent({ keepAlive: true });
  serve(
    createServer((request, response) => {
      const { method, url, headers } = request;
      const onward = httpRequest(
        { agent, host: '127.0.0.1', port: upstreamPort, method, path: url, headers },
        (answer) => {
          response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
          answer.pipe(response);
        },
      );
      onward.on('error', () => response.destroy());
      request.pipe(onward);
    }),
  );
};

/** The gateway as the stack configures it: one upstream, and on each request limits, ids, metrics and a log record. */
const gateway = async (upstreamPort: number, withPlugins: boolean): Promise<void> => {
  const directory = mkdtempSync(join(tmpdir(), 'gateway-bench-'));
  const up = upstream();
  const api = service({ name: 'backend', host: 'backend' });
  const metrics = {
    status_code_metrics: true,
    latency_metrics: true,
    bandwidth_metrics: true,
    upstream_health_metrics: true,
    per_consumer: true,
  };
  const proxy = await startProxy({
    settings: {
      listen: [{ host: '127.0.0.1', port: 0, isTls: false, speaksHttp2: false }],
      certificate: { certs: [], keys: [] },
      dnsValidTtlMs: 5_000,
      trustedRanges: [],
      realIpHeader: 'X-Real-IP',
      upstreamIdleTimeoutMs: 60_000,
    },
    snapshots: memorySnapshots({
      upstreams: [up],
      targets: [target(up, `127.0.0.1:${upstreamPort}`)],
      services: [api],
      routes: [
        route({ name: 'api', paths: ['/api'], strip_path: false, service: { id: api.id } }),
        route({ name: 'partner', paths: ['/partner'], service: { id: api.id } }),
      ],
      plugins: withPlugins
        ? [
            plugin('prometheus', metrics),
            plugin('correlation-id', {
              header_name: 'X-Request-ID',
              generator: 'uuid',
              echo_downstream: true,
            }),
            plugin('rate-limiting', { minute: 100_000_000, limit_by: 'ip', policy: 'local' }),
            plugin('file-log', { path: join(directory, 'access.ndjson'), reopen: true }),
          ]
        : [],
    }),
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    nodeId: '00000000-0000-4000-8000-000000000001',
    version: 'bench',
    name: 'apictl-dev-gateway',
    workspace: { id: '00000000-0000-4000-8000-000000000000', name: 'default' },
    databaseReachable: () => Promise.resolve(true),
  });
  serveBench(proxy.listeners[0]?.port ?? 0, async () => {
    await proxy.stop(0);
    rmSync(directory, { recursive: true });
  });
};

const [role, upstreamPort] = process.argv.slice(2);
if (role === 'backend') backend();
else if (role === 'bare') bareProxy(Number(upstreamPort));
else await gateway(Number(upstreamPort), role === 'gateway with plugins');
