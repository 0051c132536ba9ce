import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { rsaPair } from '../../services/dev-gateway/test/certificates.ts';
import { addressOf, startTestGateway } from '../../services/dev-gateway/test/gateway.ts';
import { systemClock } from '../../src/adapters/clock.ts';
import { createHttp, type HttpAdapter } from '../../src/adapters/http.ts';
import type { HttpRequest } from '../../src/core/ports/http.ts';
import { seedDump } from '../../src/kong/dump.ts';
import { applySeed, type SeedInput, seedPlan } from '../../src/kong/seed.ts';
import { declaring } from '../fakes/seed-run.ts';
import { selfSigned } from '../fakes/self-signed.ts';

/** Every kind of entity of the format goes through its whole life in the development gateway: a row for each. */

interface Life {
  /** What is there all the time, in a file of its own. */
  readonly around?: string;
  /** The declaration that makes it, the one that changes it, and what stays of them without it. */
  readonly first: string;
  readonly second: string;
  readonly without?: string;
  readonly created: readonly unknown[];
  readonly changed: readonly unknown[];
  /** The fields that the second one changes. */
  readonly fields: readonly string[];
  readonly deleted: readonly unknown[];
}

let http: HttpAdapter;
let gateway: Awaited<ReturnType<typeof startTestGateway>>;
let url: string;
let sent: string[];
let pems: Record<string, string>;

beforeAll(async () => {
  http = createHttp();
  const [one, other, { cert: ca }] = await Promise.all([
    rsaPair('one.test'),
    rsaPair('two.test'),
    selfSigned('127.0.0.1'),
  ]);
  pems = {
    CERT: one.cert,
    KEY: one.key,
    OTHER_CERT: other.cert,
    OTHER_KEY: other.key,
    CA: ca,
    WORD: HASHED_BY_KONG,
  };
});

afterAll(() => http.close());

async function start(): Promise<void> {
  gateway = await startTestGateway();
  url = addressOf(gateway.admin);
}

beforeEach(async () => {
  await start();
  sent = [];
  return () => gateway.stop();
});

const inputOf = (texts: readonly string[], environment = pems): SeedInput => ({
  http: {
    request: (request: HttpRequest) => {
      sent.push(`${request.method} ${new URL(request.url).pathname}`);
      return http.request(request);
    },
  },
  clock: systemClock,
  admin: { url },
  files: texts.map((text, index) => ({ path: `${index}.yaml`, text })),
  project: 'apictl',
  placeholders: { environment, secret: async () => undefined },
});

async function applied(input: SeedInput): Promise<readonly string[]> {
  const plan = await seedPlan(input);
  await applySeed({ ...input, plan, emit: () => {}, allowMassDelete: true });
  return plan.changes.map(({ action, kind, name }) => `${action} ${kind} ${name}`);
}

const isWrite = (request: string) => !request.startsWith('GET') && !request.includes('/schemas/');

/** The password and the secrets of which Kong keeps only a hash. */
const HASHED_BY_KONG = 'p4ss-w0rd';
const UNRELATED = 'services: [{ name: unrelated, host: h.test }]';
const CONSUMER = 'consumers: [{ username: c }]';
const credential = (list: string) => `consumers: [{ username: c, ${list} }]`;
const certificate = (cert: string, key: string, more: string) =>
  `certificates: [{ cert: '\${{ env "${cert}" }}', key: '\${{ env "${key}" }}', ${more} }]`;
const SERVICE = 'services: [{ name: s, host: h.test, routes: [{ name: r, paths: [/r] }] }]';

const LIVES: Readonly<Record<string, Life>> = {
  service: {
    first: 'services: [{ name: s, url: "http://h.test:8080/base", retries: 2 }]',
    second: 'services: [{ name: s, url: "https://h.test/base", tags: [t] }]',
    created: ['create service s'],
    changed: ['update service s'],
    fields: ['port', 'protocol', 'retries', 'tags'],
    deleted: ['delete service s'],
  },
  route: {
    first: `${SERVICE}`,
    second:
      'services: [{ name: s, host: h.test, routes: [{ name: r, paths: [/r, "~/v[0-9]+$"], methods: [GET], headers: { x-v: ["1"] } }] }]',
    without: 'services: [{ name: s, host: h.test }]',
    created: ['create route r'],
    changed: ['update route r'],
    fields: ['headers', 'methods', 'paths'],
    deleted: ['delete route r'],
  },
  'route without a service': {
    first: 'routes: [{ name: lone, hosts: [a.test, "*.b.test"], protocols: [https], snis: [a.test] }]',
    second: 'routes: [{ name: lone, hosts: [a.test], protocols: [https], preserve_host: true }]',
    created: ['create route lone'],
    changed: ['update route lone'],
    fields: ['hosts', 'preserve_host', 'snis'],
    deleted: ['delete route lone'],
  },
  upstream: {
    first: 'upstreams: [{ name: u, algorithm: consistent-hashing, hash_on: header, hash_on_header: x-u }]',
    second:
      'upstreams: [{ name: u, algorithm: least-connections, healthchecks: { active: { healthy: { interval: 5 } } } }]',
    created: ['create upstream u'],
    changed: ['update upstream u'],
    fields: ['algorithm', 'hash_on', 'hash_on_header', 'healthchecks.active.healthy.interval'],
    deleted: ['delete upstream u'],
  },
  target: {
    first:
      'upstreams: [{ name: u, targets: [{ target: "10.0.0.1:80", weight: 0 }, { target: "[::1]:80" }] }]',
    second:
      'upstreams: [{ name: u, targets: [{ target: "10.0.0.1:80", weight: 7, tags: [t] }, { target: "[::1]:80" }] }]',
    without: 'upstreams: [{ name: u }]',
    created: [
      'create target 10.0.0.1:80 of u',
      'create target [0000:0000:0000:0000:0000:0000:0000:0001]:80 of u',
    ],
    changed: ['update target 10.0.0.1:80 of u'],
    fields: ['tags', 'weight'],
    deleted: [
      'delete target 10.0.0.1:80 of u',
      'delete target [0000:0000:0000:0000:0000:0000:0000:0001]:80 of u',
    ],
  },
  'plugin for everything': {
    first: 'plugins: [{ name: cors, config: { origins: ["https://b.test", "https://a.test"] } }]',
    second:
      'plugins: [{ name: cors, instance_name: shared, config: { origins: ["https://a.test"] }, enabled: false }]',
    created: ['create plugin cors'],
    changed: ['update plugin cors'],
    fields: ['config.origins', 'enabled', 'instance_name'],
    deleted: ['delete plugin cors'],
  },
  'plugin of a service': {
    around: SERVICE,
    first: 'plugins: [{ name: request-size-limiting, service: s, config: { allowed_payload_size: 8 } }]',
    second:
      'plugins: [{ name: request-size-limiting, service: { name: s }, config: { allowed_payload_size: 9 } }]',
    created: ['create plugin request-size-limiting on service s'],
    changed: ['update plugin request-size-limiting on service s'],
    fields: ['config.allowed_payload_size'],
    deleted: ['delete plugin request-size-limiting on service s'],
  },
  'plugin of a route': {
    around: SERVICE,
    first: 'plugins: [{ name: rate-limiting, route: r, config: { minute: 5, redis_host: redis.test } }]',
    second:
      'plugins: [{ name: rate-limiting, route: r, config: { minute: 5, redis: { host: other.test } } }]',
    created: ['create plugin rate-limiting on route r'],
    changed: ['update plugin rate-limiting on route r'],
    fields: ['config.redis.host'],
    deleted: ['delete plugin rate-limiting on route r'],
  },
  'plugin of a consumer': {
    around: CONSUMER,
    first: 'plugins: [{ name: request-termination, consumer: c, config: { status_code: 403 } }]',
    second:
      'plugins: [{ name: request-termination, consumer: { username: c }, config: { status_code: 404 } }]',
    created: ['create plugin request-termination on consumer c'],
    changed: ['update plugin request-termination on consumer c'],
    fields: ['config.status_code'],
    deleted: ['delete plugin request-termination on consumer c'],
  },
  'plugin of a consumer on a route': {
    around: `${SERVICE}\n${CONSUMER}`,
    first: 'plugins: [{ name: rate-limiting, route: r, consumer: c, config: { minute: 5 } }]',
    second: 'plugins: [{ name: rate-limiting, route: r, consumer: c, config: { minute: 6 } }]',
    created: ['create plugin rate-limiting on route r and consumer c'],
    changed: ['update plugin rate-limiting on route r and consumer c'],
    fields: ['config.minute'],
    deleted: ['delete plugin rate-limiting on route r and consumer c'],
  },
  'plugin with a shared configuration': {
    first:
      '_plugin_configs: { slow: { minute: 5 } }\nplugins: [{ name: rate-limiting, _config: slow, config: { hour: 50 } }]',
    second:
      '_plugin_configs: { slow: { minute: 6 } }\nplugins: [{ name: rate-limiting, _config: slow, config: { hour: 50 } }]',
    created: ['create plugin rate-limiting'],
    changed: ['update plugin rate-limiting'],
    fields: ['config.minute'],
    deleted: ['delete plugin rate-limiting'],
  },
  consumer: {
    first: 'consumers: [{ username: c, custom_id: c-1 }, { custom_id: only-custom }]',
    second: 'consumers: [{ username: c, custom_id: c-2 }, { custom_id: only-custom, tags: [t] }]',
    created: ['create consumer c', 'create consumer only-custom'],
    changed: ['update consumer c', 'update consumer only-custom'],
    fields: ['custom_id', 'tags'],
    deleted: ['delete consumer c', expect.stringMatching(/^delete consumer /)],
  },
  'key-auth': {
    first: credential('keyauth_credentials: [{ key: some-key }]'),
    second: credential('keyauth_credentials: [{ key: some-key, tags: [t] }]'),
    without: CONSUMER,
    created: ['create key-auth c #1'],
    changed: ['update key-auth c #1'],
    fields: ['tags'],
    deleted: [expect.stringMatching(/^delete key-auth /)],
  },
  'basic-auth': {
    first: credential('basicauth_credentials: [{ username: u, password: p4ss-w0rd }]'),
    second: credential('basicauth_credentials: [{ username: u, password: another-one }]'),
    without: CONSUMER,
    created: ['create basic-auth c #1'],
    changed: ['update basic-auth c #1'],
    fields: ['password'],
    deleted: [expect.stringMatching(/^delete basic-auth /)],
  },
  jwt: {
    first: credential('jwt_secrets: [{ key: iss, secret: s3cret-of-jwt }]'),
    second: credential('jwt_secrets: [{ key: iss, secret: s3cret-of-jwt, algorithm: HS512 }]'),
    without: CONSUMER,
    created: ['create jwt c #1'],
    changed: ['update jwt c #1'],
    fields: ['algorithm'],
    deleted: [expect.stringMatching(/^delete jwt /)],
  },
  'hmac-auth': {
    first: credential(
      'hmacauth_credentials: [{ username: u, secret: s3cret-of-hmac }, { username: made-by-kong }]',
    ),
    second: credential(
      'hmacauth_credentials: [{ username: u, secret: other-of-hmac }, { username: made-by-kong }]',
    ),
    without: CONSUMER,
    created: ['create hmac-auth c #1', 'create hmac-auth c #2'],
    changed: ['update hmac-auth c #1'],
    fields: ['secret'],
    deleted: [expect.stringMatching(/^delete hmac-auth /), expect.stringMatching(/^delete hmac-auth /)],
  },
  oauth2: {
    first: credential(
      'oauth2_credentials: [{ name: app, client_id: id-1, client_secret: s3cret-of-oauth, redirect_uris: ["https://b.test/", "https://a.test/"] }]',
    ),
    second: credential(
      'oauth2_credentials: [{ name: app, client_id: id-1, client_secret: s3cret-of-oauth, redirect_uris: ["https://a.test/"], client_type: public }]',
    ),
    without: CONSUMER,
    created: ['create oauth2 c #1'],
    changed: ['update oauth2 c #1'],
    fields: ['client_type', 'redirect_uris'],
    deleted: [expect.stringMatching(/^delete oauth2 /)],
  },
  'oauth2 with a hashed secret': {
    first: credential(
      'oauth2_credentials: [{ name: app, client_id: id-1, client_secret: p4ss-w0rd, hash_secret: true }]',
    ),
    second: credential(
      'oauth2_credentials: [{ name: renamed, client_id: id-1, client_secret: p4ss-w0rd, hash_secret: true }]',
    ),
    without: CONSUMER,
    created: ['create oauth2 c #1'],
    changed: ['update oauth2 c #1'],
    fields: ['name'],
    deleted: [expect.stringMatching(/^delete oauth2 /)],
  },
  acl: {
    first: credential('acls: [{ group: gold }]'),
    second: credential('acls: [{ group: gold, tags: [t] }, { group: silver }]'),
    without: CONSUMER,
    created: ['create acl gold of c'],
    changed: ['update acl gold of c', 'create acl silver of c'],
    fields: ['group', 'tags'],
    deleted: ['delete acl gold of c', 'delete acl silver of c'],
  },
  certificate: {
    first: certificate('CERT', 'KEY', 'snis: [{ name: one.test }]'),
    second: certificate('OTHER_CERT', 'OTHER_KEY', 'snis: [one.test]'),
    created: ['create certificate one.test', 'create sni one.test'],
    changed: ['update certificate one.test'],
    fields: ['cert', 'key'],
    deleted: ['delete sni one.test', expect.stringMatching(/^delete certificate /)],
  },
  sni: {
    first: certificate('CERT', 'KEY', 'snis: [one.test, "*.wild.test"]'),
    second: certificate('CERT', 'KEY', 'snis: [{ name: one.test, tags: [t] }, "*.wild.test"]'),
    without: certificate('CERT', 'KEY', ''),
    created: ['create sni one.test', 'create sni *.wild.test'],
    changed: ['update sni one.test'],
    fields: ['tags'],
    deleted: ['delete sni *.wild.test', 'delete sni one.test'],
  },
  'ca-certificate': {
    first: `ca_certificates: [{ cert: '\${{ env "CA" }}' }]`,
    second: `ca_certificates: [{ cert: '\${{ env "CA" }}', tags: [t] }]`,
    created: ['create ca-certificate number 1'],
    changed: ['update ca-certificate number 1'],
    fields: ['tags'],
    deleted: [expect.stringMatching(/^delete ca-certificate /)],
  },
  vault: {
    first: 'vaults: [{ name: env, prefix: my-env, config: { prefix: SECURE_ } }]',
    second: 'vaults: [{ name: env, prefix: my-env, description: ours, config: { prefix: OTHER_ } }]',
    created: ['create vault my-env'],
    changed: ['update vault my-env'],
    fields: ['config.prefix', 'description'],
    deleted: ['delete vault my-env'],
  },
  'vault with the defaults of its configuration': {
    first: 'vaults: [{ name: env, prefix: bare }]',
    second: 'vaults: [{ name: env, prefix: bare, tags: [t] }]',
    created: ['create vault bare'],
    changed: ['update vault bare'],
    fields: ['tags'],
    deleted: ['delete vault bare'],
  },
  'defaults of the file': {
    first:
      '_info: { defaults: { service: { retries: 1 }, route: { strip_path: false }, upstream: { slots: 100 }, target: { weight: 5 } } }\n' +
      'upstreams: [{ name: u, targets: [{ target: "a.test:1" }] }]\nservices: [{ name: s, host: h.test, routes: [{ name: r, paths: [/r] }] }]',
    second:
      '_info: { defaults: { service: { retries: 2 }, route: { strip_path: true }, upstream: { slots: 101 }, target: { weight: 6 } } }\n' +
      'upstreams: [{ name: u, targets: [{ target: "a.test:1" }] }]\nservices: [{ name: s, host: h.test, routes: [{ name: r, paths: [/r] }] }]',
    created: [
      'create upstream u',
      'update service unrelated',
      'create service s',
      'create target a.test:1 of u',
      'create route r',
    ],
    changed: [
      'update upstream u',
      'update service unrelated',
      'update service s',
      'update target a.test:1 of u',
      'update route r',
    ],
    fields: ['retries', 'slots', 'strip_path', 'weight'],
    deleted: [
      'update service unrelated',
      'delete target a.test:1 of u',
      'delete route r',
      'delete upstream u',
      'delete service s',
    ],
  },
};

describe.each(Object.entries(LIVES))('%s', (_kind, life) => {
  const together = (text: string | undefined) =>
    inputOf([declaring(life.around ?? UNRELATED), ...(text === undefined ? [] : [declaring(text)])]);

  it('is created, changed and deleted, and is no change in between', async () => {
    await applied(together(life.without));
    const unchanged = async (text: string | undefined) => {
      sent = [];
      expect(await applied(together(text))).toEqual([]);
      expect(sent.filter(isWrite)).toEqual([]);
    };
    expect((await applied(together(life.first))).toSorted()).toEqual(life.created.toSorted());
    await unchanged(life.first);
    const { changes } = await seedPlan(together(life.second));
    expect([...new Set(changes.flatMap(({ fields }) => Object.keys(fields)))].toSorted()).toEqual(
      life.fields,
    );
    expect(await applied(together(life.second))).toEqual(life.changed);
    await unchanged(life.second);
    expect((await applied(together(life.without))).toSorted()).toEqual(life.deleted.toSorted());
    await unchanged(life.without);
  });

  it('is dumped, and the dump makes the same on an empty gateway', async () => {
    await applied(together(life.first));
    const dumped = async () => seedDump({ ...inputOf([]), reveal: true });
    const { text, variables } = await dumped();
    const environment = Object.fromEntries(variables.map((name) => [name, HASHED_BY_KONG]));
    expect((await seedPlan(inputOf([text], environment))).changes).toEqual([]);
    await gateway.stop();
    await start();
    await applied(inputOf([text], environment));
    expect((await dumped()).text).toBe(text);
    expect((await seedPlan(together(life.first))).changes).toEqual([]);
  });
});

describe('a certificate', () => {
  const BESIDE = 'vaults: [{ name: env, prefix: beside }]';
  const HELD = certificate('CERT', 'KEY', 'snis: [one.test, "*.wild.test"]');

  it.each([
    [
      'renewed',
      certificate('OTHER_CERT', 'OTHER_KEY', 'snis: [one.test, "*.wild.test", new.test]'),
      'PUT /snis/',
    ],
    ['deleted', undefined, 'DELETE /vaults/'],
  ])('%s and undone is there again with its SNIs, and their ids', async (_what, text, refused) => {
    const around = declaring(UNRELATED);
    await applied(inputOf([around, declaring(HELD), declaring(BESIDE)]));
    const read = async (path: string) => {
      const { body } = await http.request({ method: 'GET', url: `${url}${path}` });
      const { data } = JSON.parse(body) as { data: Record<string, unknown>[] };
      return data.map(({ id, cert, name, snis }) => JSON.stringify([id, cert, name, snis])).toSorted();
    };
    const state = async () => [await read('/certificates'), await read('/snis'), await read('/vaults')];
    const before = await state();
    const input = inputOf([around, ...(text === undefined ? [] : [declaring(text), declaring(BESIDE)])]);
    const plan = await seedPlan(input);
    let isUndoing = false;
    const refusing = async (request: HttpRequest) =>
      `${request.method} ${new URL(request.url).pathname}`.startsWith(refused) && !isUndoing
        ? { status: 400, headers: {}, body: '{"message":"refused by the test"}', durationMs: 1 }
        : input.http.request(request);
    const run = applySeed({
      ...input,
      plan,
      http: { request: refusing },
      emit: ({ type }) => {
        if (type === 'warning') isUndoing = true;
      },
      allowMassDelete: true,
    });
    await expect(run).rejects.toMatchObject({ code: 'SEED_UNDONE' });
    expect(await state()).toEqual(before);
  });
});
