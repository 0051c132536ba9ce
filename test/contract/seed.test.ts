import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { rsaPair } from '../../services/dev-gateway/test/certificates.ts';
import { startDatabase, type TestDatabase } from '../../services/dev-gateway/test/database.ts';
import { type EchoServer, startEchoServer } from '../../services/dev-gateway/test/echo-server.ts';
import { addressOf, startTestGateway } from '../../services/dev-gateway/test/gateway.ts';
import { systemClock } from '../../src/adapters/clock.ts';
import { createHttp, type HttpAdapter } from '../../src/adapters/http.ts';
import type { HttpRequest } from '../../src/core/ports/http.ts';
import { Secret } from '../../src/core/secret.ts';
import { seedDump } from '../../src/kong/dump.ts';
import { applySeed, type SeedInput, seedPlan, seedValidate } from '../../src/kong/seed.ts';
import { verifySeed } from '../../src/kong/verify/verify.ts';
import { declaring, failure, PACKAGED, PARTNER_KEY } from '../fakes/seed-run.ts';
import { selfSigned } from '../fakes/self-signed.ts';
import { PATIENCE } from '../support/patience.ts';

/** The reconciler against the development gateway over HTTP, on an empty database for each test. */

type Gateway = Awaited<ReturnType<typeof startTestGateway>>;

let database: TestDatabase;
let gateway: Gateway;
let http: HttpAdapter;
let folder: string;
let backends: EchoServer[];
let sent: string[];
let tls: { cert: string; key: string };

beforeAll(async () => {
  database = await startDatabase();
  tls = await selfSigned('127.0.0.1');
  http = createHttp();
  folder = await mkdtemp(join(tmpdir(), 'apictl-seed-'));
  await writeFile(join(folder, 'tls.crt'), tls.cert);
  await writeFile(join(folder, 'tls.key'), tls.key);
  backends = await Promise.all(['one', 'two', 'three'].map((name) => startEchoServer(name)));
});

afterAll(async () => {
  await Promise.all(backends.map((backend) => backend.close()));
  await http.close();
  await database.stop();
  await rm(folder, { recursive: true });
});

beforeEach(async () => {
  gateway = await startTestGateway(database.database, {
    KONG_PROXY_LISTEN: '127.0.0.1:0, 127.0.0.1:0 ssl',
    KONG_SSL_CERT: join(folder, 'tls.crt'),
    KONG_SSL_CERT_KEY: join(folder, 'tls.key'),
  });
  sent = [];
});

afterEach(() => gateway.stop());

const logFile = () => join(folder, 'access.ndjson');

/** The packaged declaration, with its log file where a test may write. */
const packaged = () => {
  expect(PACKAGED).toContain('path: /var/log/kong/access.ndjson');
  return PACKAGED.replace('/var/log/kong/access.ndjson', logFile());
};

const isWrite = (request: string) => !request.startsWith('GET') && !request.includes('/schemas/');

function input(text: string, more: Partial<SeedInput> = {}): SeedInput {
  const recording = {
    request: (request: HttpRequest) => {
      sent.push(`${request.method} ${new URL(request.url).pathname}`);
      return http.request(request);
    },
  };
  return {
    http: recording,
    clock: systemClock,
    admin: { url: addressOf(gateway.admin) },
    files: [{ path: 'kong/kong.yaml', text }],
    project: 'apictl',
    stack: {
      upstreams: {
        backend: { targets: backends.map(({ port }) => `127.0.0.1:${port}`), healthPath: '/healthz/ready' },
      },
    },
    placeholders: {
      environment: { PASSWORD: 'p4ss-w0rd-of-basic' },
      secret: async (name) => (name === 'partner-api-key' ? new Secret(PARTNER_KEY) : undefined),
    },
    ...more,
  };
}

async function seed(text: string, more: Partial<SeedInput> = {}, allowMassDelete = false) {
  const given = input(text, more);
  const plan = await seedPlan(given);
  const outcome = await applySeed({ ...given, plan, emit: () => {}, allowMassDelete });
  return { plan, outcome };
}

const proxied = (path: string, headers: Record<string, string> = {}) =>
  http.request({ method: 'GET', url: `${addressOf(gateway.proxy.listeners)}${path}`, headers });

describe('the packaged state', () => {
  it('is applied to an empty gateway and serves', async () => {
    const { plan, outcome } = await seed(packaged());
    expect(outcome).toEqual({
      created: plan.changes.length,
      updated: 0,
      deleted: 0,
      writes: plan.changes.length,
    });
    await vi.waitFor(async () => expect((await proxied('/api/v1/whoami')).status).toBe(200), PATIENCE);

    const counts = new Map<string, number>();
    for (let i = 0; i < 30; i += 1) {
      const { instance } = JSON.parse((await proxied('/api/v1/whoami')).body);
      counts.set(instance, (counts.get(instance) ?? 0) + 1);
    }
    expect([...counts.values()]).toEqual([10, 10, 10]);

    expect((await proxied('/partner/v1/whoami')).status).toBe(401);
    const partner = await proxied('/partner/v1/whoami?x=1', {
      apikey: PARTNER_KEY,
      'x-request-id': 'my-own-id',
    });
    expect(partner.status).toBe(200);
    expect(partner.headers).toMatchObject({ 'x-request-id': 'my-own-id', 'x-ratelimit-limit-minute': '60' });
    const seen = JSON.parse(partner.body);
    expect(seen.path).toBe('/api/v1/whoami?x=1');
    expect(seen.headers).toMatchObject({ 'x-request-id': 'my-own-id' });
    expect(seen.headers).not.toHaveProperty('apikey');
    expect(JSON.parse((await proxied('/healthz')).body).path).toBe('/healthz');

    await vi.waitFor(async () => {
      const log = await readFile(logFile(), 'utf8');
      expect(log).toContain('my-own-id');
      expect(log).not.toContain(PARTNER_KEY);
    }, PATIENCE);
  });

  it('sends no write the second time', async () => {
    await seed(packaged());
    sent = [];
    const { plan, outcome } = await seed(packaged());
    expect(plan.changes).toEqual([]);
    expect(plan.unchanged).toBeGreaterThan(15);
    expect(outcome.writes).toBe(0);
    expect(sent.filter(isWrite)).toEqual([]);
  });

  it('is restored after it was changed, deleted and stripped of its tags by hand', async () => {
    const { plan: first } = await seed(packaged());
    const admin = addressOf(gateway.admin);
    const hand = (method: string, path: string, body?: unknown) =>
      http.request({
        method,
        url: `${admin}${path}`,
        headers: { 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    const idOf = (name: string) => first.changes.find((change) => change.name === name)?.id;
    await hand('PATCH', '/routes/api', { strip_path: true });
    await hand('PATCH', '/services/backend', { tags: [] });
    await hand('DELETE', `/plugins/${idOf('rate-limiting on route partner')}`);
    await hand('DELETE', `/upstreams/backend/targets/127.0.0.1:${backends[0]?.port}`);
    const { plan } = await seed(packaged());
    expect(plan.changes.map(({ action, kind, name }) => `${action} ${kind} ${name}`).sort()).toEqual([
      'create plugin rate-limiting on route partner',
      `create target 127.0.0.1:${backends[0]?.port} of backend`,
      'update route api',
      'update service backend',
    ]);
    expect((await seed(packaged())).plan.changes).toEqual([]);
  });

  it('is validated entity by entity', async () => {
    expect((await seedValidate(input(packaged()))).entities).toBeGreaterThan(15);
    expect(sent.filter(isWrite)).toEqual([]);
  });
});

describe('every kind of entity', () => {
  it('is applied, is no change the second time, and goes away again', async () => {
    const one = await rsaPair('a.example.test');
    const pem = (text: string) => text.trim().replaceAll('\n', '\n      ');
    const everything = declaring(`
certificates:
  - cert: |
      ${pem(one.cert)}
    key: |
      ${pem(one.key)}
    snis: [{ name: a.example.test }, { name: "*.wild.example.test" }]
upstreams:
  - name: up.test
    algorithm: consistent-hashing
    hash_on: header
    hash_on_header: x-user
    healthchecks: { active: { healthy: { interval: 5, http_statuses: [302, 200] } }, threshold: 20 }
    targets: [{ target: "10.0.0.1:80", weight: 7 }, { target: host.test }]
services:
  - name: s
    url: http://up.test:8000/base
    tags: [z, a]
    plugins: [{ name: request-size-limiting, config: { allowed_payload_size: 8 } }]
    routes:
      - name: r
        hosts: [b.test, a.test]
        methods: [POST, GET]
        headers: { x-version: [v2, v1] }
        paths: [/two, /one]
        plugins:
          - { name: rate-limiting, config: { minute: 5, redis_host: redis.test } }
          - { name: acl, config: { allow: [gold] } }
          - { name: basic-auth }
consumers:
  - username: c
    custom_id: c-1
    acls: [{ group: gold }]
    keyauth_credentials: [{ key: some-key }, {}]
    basicauth_credentials: [{ username: u, password: '\${{ env "PASSWORD" }}' }]
    jwt_secrets: [{ key: iss, secret: s3cret-of-jwt }]
    plugins: [{ name: request-termination, config: { status_code: 403 } }]
plugins:
  - { name: cors, config: { origins: ["https://a.test", "https://b.test"], max_age: 60 } }
  - { name: http-log, config: { http_endpoint: "http://log.test:8081/in", headers: { x-token: t } } }
  - { name: request-transformer, config: { add: { headers: ["x-a:1"] } } }
  - { name: correlation-id, instance_name: cid }
`);
    const { plan } = await seed(everything);
    expect(plan.changes.length).toBeGreaterThan(20);
    sent = [];
    const second = await seed(everything);
    expect(second.plan.changes).toEqual([]);
    expect(sent.filter(isWrite)).toEqual([]);
    const dump = await seedDump({ ...input(''), reveal: true });
    const placeholders = {
      environment: { DECK_BASIC_AUTH_C_PASSWORD: 'p4ss-w0rd-of-basic' },
      secret: async () => undefined,
    };
    expect((await seedPlan(input(dump.text, { placeholders }))).changes).toEqual([]);
    const { outcome } = await seed(declaring('services: [{ name: s, host: h }]'), {}, true);
    expect(outcome).toMatchObject({ updated: 1, deleted: plan.changes.length - 1 });
    expect((await seed(declaring('services: [{ name: s, host: h }]'))).plan.changes).toEqual([]);
  });

  it('of an upstream’s algorithm and what it hashes on is never a change the second time, however they go together', async () => {
    const words = [
      '',
      'algorithm: round-robin',
      'algorithm: consistent-hashing',
      'algorithm: least-connections',
      'algorithm: latency',
    ];
    const hashes = [
      '',
      'hash_on: none',
      'hash_on: header, hash_on_header: x-a',
      'hash_on: consumer, hash_fallback: ip',
    ];
    const upstreams = words.flatMap((algorithm, a) =>
      hashes.map(
        (hash, h) =>
          `  - { ${[`name: u${a}-${h}`, algorithm, hash].filter((part) => part !== '').join(', ')} }`,
      ),
    );
    // Kong itself refuses a fallback for what does not hash.
    const possible = upstreams.filter((line) => !/(least|latency).*fallback/.test(line));
    const text = declaring(`upstreams:\n${possible.join('\n')}`);
    expect((await seed(text)).outcome.created).toBe(18);
    expect((await seed(text)).plan.changes).toEqual([]);
  });

  it('that Kong refuses means no write at all, with the line of each problem', async () => {
    const bad = declaring(`
services:
  - name: ok
    host: h
  - name: "bad name!"
    host: h
  - name: port
    host: h
    port: 70000
plugins:
  - name: rate-limiting
`);
    const error = await failure(seed(bad));
    expect(error).toMatchObject({ code: 'SEED_INVALID', exitCode: 64 });
    expect(error.details.map((line) => line.replace(/: invalid value.*/, ''))).toEqual([
      'kong/kong.yaml:6: service bad name!: name',
      'kong/kong.yaml:8: service port: port: value should be between 0 and 65535',
      expect.stringMatching(
        /^kong\/kong\.yaml:12: plugin rate-limiting: at least one of these fields must be non-empty/,
      ),
    ]);
    expect(sent.filter(isWrite)).toEqual([]);
  });
});

describe('consumer groups', () => {
  it('are not in this Kong: each is told with its line, and nothing is written', async () => {
    const error = await failure(
      seed(
        declaring(`
consumers:
  - { username: c, groups: [{ name: gold }] }
consumer_groups:
  - name: gold
    plugins:
      - { name: rate-limiting, config: { minute: 5 } }
`),
      ),
    );
    expect(error).toMatchObject({ code: 'SEED_INVALID', exitCode: 64 });
    expect(error.details).toEqual([
      'kong/kong.yaml:6: consumer-group gold: this Kong has no consumer groups',
      'kong/kong.yaml:8: plugin rate-limiting on consumer group gold: consumer_group: unknown field',
    ]);
    expect(sent.filter(isWrite)).toEqual([]);
  });
});

describe('names', () => {
  it('are exchanged between two routes while both paths go on being served', async () => {
    const file = (x: string, y: string) =>
      declaring(`
upstreams: [{ name: backend }]
services: [{ name: s, host: backend, routes: [{ name: ${x}, paths: [/x] }, { name: ${y}, paths: [/y] }] }]`);
    await seed(file('a', 'b'));
    await vi.waitFor(async () => expect((await proxied('/y')).status).toBe(200), PATIENCE);
    const statuses = new Set<number>();
    let isDone = false;
    const client = async () => {
      while (!isDone) for (const path of ['/x', '/y']) statuses.add((await proxied(path)).status);
    };
    const running = client();
    await seed(file('b', 'a'));
    isDone = true;
    await running;
    expect([...statuses]).toEqual([200]);
    expect((await seed(file('b', 'a'))).plan.changes).toEqual([]);
  });
});

describe('verifying with traffic', () => {
  const verify = (text: string, patienceMs = 10_000) => {
    const [plain, secure] = gateway.proxy.listeners;
    const { http: port, clock, files, placeholders, stack } = input(text);
    return verifySeed({
      http: port,
      clock,
      files,
      placeholders,
      ...(stack === undefined ? {} : { stack }),
      proxy: {
        url: `http://127.0.0.1:${plain?.port}`,
        tlsUrl: `https://127.0.0.1:${secure?.port}`,
        ca: tls.cert,
      },
      who: {
        upstream: 'backend',
        path: '/api/v1/whoami',
        field: 'instance',
        names: Object.fromEntries(
          backends.map(({ port: target }, index) => [
            `127.0.0.1:${target}`,
            ['one', 'two', 'three'][index] ?? '',
          ]),
        ),
      },
      patienceMs,
    });
  };

  it('reaches every route over both ports, and every target in its share', async () => {
    await seed(packaged());
    const { requests, failures, routes } = await verify(packaged());
    expect(failures).toBe(0);
    expect(requests).toBeGreaterThanOrEqual(2 * 90 + 6);
    expect(routes.map(({ route, door, ok }) => `${route} ${door} ${ok}`)).toEqual([
      'api http true',
      'api https true',
      'gateway-health http true',
      'gateway-health https true',
      'partner http true',
      'partner https true',
      'targets of backend http true',
      'targets of backend https true',
    ]);
  });

  it('cannot tell of a route whose limit others have used up', async () => {
    const limited = packaged().replace('minute: 60\n', 'hour: 1\n');
    expect(limited).not.toBe(packaged());
    await seed(limited);
    await vi.waitFor(
      async () => expect((await proxied('/partner/v1/whoami', { apikey: PARTNER_KEY })).status).toBe(429),
      PATIENCE,
    );
    const { failures, routes } = await verify(limited, 1_000);
    expect(failures).toBe(0);
    expect(routes.filter(({ route }) => route === 'partner')).toEqual(
      ['http', 'https'].map((door) => ({
        route: 'partner',
        door,
        ok: null,
        found: 'Kong answered 429 by itself: API rate limit exceeded',
      })),
    );
  });

  it('says which routes are not served, and which target does not answer', async () => {
    await seed(packaged());
    const admin = addressOf(gateway.admin);
    await http.request({
      method: 'DELETE',
      url: `${admin}/upstreams/backend/targets/127.0.0.1:${backends[2]?.port}`,
    });
    await http.request({
      method: 'PATCH',
      url: `${admin}/routes/partner`,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ paths: ['/elsewhere'] }),
    });
    const { failures, routes } = await verify(packaged(), 4_000);
    expect(failures).toBe(4);
    expect(routes.filter(({ ok }) => ok === false).map(({ route, found }) => `${route}: ${found}`)).toEqual([
      'partner: Kong answered 404 by itself: no Route matched with those values',
      'partner: Kong answered 404 by itself: no Route matched with those values',
      expect.stringMatching(/^targets of backend: one \d+ instead of 30, three 0 instead of 30, two \d+/),
      expect.stringMatching(/^targets of backend: one \d+ instead of 30, three 0 instead of 30, two \d+/),
    ]);
  });
});
