import { describe, expect, it } from 'vitest';
import { seedPlan } from '../../../src/kong/seed.ts';
import { fakeKong } from '../../fakes/fake-kong.ts';
import { declaring, PACKAGED, PARTNER_KEY, seed, seedInput, THREE_BACKENDS } from '../../fakes/seed-run.ts';

const packaged = { stack: THREE_BACKENDS };

const asLines = (plan: Awaited<ReturnType<typeof seedPlan>>): string[] =>
  plan.changes.map(({ action, kind, name }) => `${action} ${kind} ${name}`);

describe('seeding an empty Kong with the packaged state', () => {
  it('creates everything, parents first', async () => {
    const kong = fakeKong();
    const { plan, outcome } = await seed(kong, PACKAGED, packaged);
    expect(asLines(plan)).toMatchInlineSnapshot(`
      [
        "create consumer partner",
        "create upstream backend",
        "create service backend",
        "create service partner",
        "create target backend-1:8000 of backend",
        "create target backend-2:8000 of backend",
        "create target backend-3:8000 of backend",
        "create key-auth partner #1",
        "create route api",
        "create route gateway-health",
        "create route partner",
        "create plugin rate-limiting on route api",
        "create plugin key-auth on route partner",
        "create plugin rate-limiting on route partner",
        "create plugin prometheus",
        "create plugin correlation-id",
        "create plugin file-log",
      ]
    `);
    expect(outcome).toEqual({
      created: plan.changes.length,
      updated: 0,
      deleted: 0,
      writes: plan.changes.length,
    });
    expect(
      kong
        .entities('targets')
        .map(({ target }) => target)
        .sort(),
    ).toEqual(['backend-1:8000', 'backend-2:8000', 'backend-3:8000']);
    expect(kong.entities('key-auths')).toMatchObject([{ key: PARTNER_KEY }]);
  });

  it('marks everything with the tags of the project', async () => {
    const kong = fakeKong();
    await seed(kong, PACKAGED, packaged);
    for (const collection of [
      'services',
      'routes',
      'upstreams',
      'targets',
      'consumers',
      'key-auths',
      'plugins',
    ]) {
      for (const { tags } of kong.entities(collection)) {
        expect(tags).toEqual(expect.arrayContaining(['managed-by:apictl', 'project:apictl']));
      }
    }
  });

  it('sends no write the second time, and reads once', async () => {
    const kong = fakeKong();
    await seed(kong, PACKAGED, packaged);
    kong.forgetRequests();
    const { plan, outcome } = await seed(kong, PACKAGED, packaged);
    expect(plan.changes).toEqual([]);
    expect(outcome.writes).toBe(0);
    expect(kong.writes()).toEqual([]);
    expect(new Set(kong.requests).size).toBe(kong.requests.length);
  });

  it('gives the same ids on another Kong', async () => {
    const [one, other] = [fakeKong(), fakeKong()];
    await seed(one, PACKAGED, packaged);
    await seed(other, PACKAGED, packaged);
    const ids = (kong: typeof one) =>
      kong
        .entities('plugins')
        .map(({ id }) => id)
        .sort();
    expect(ids(one)).toEqual(ids(other));
  });

  it('follows the number of backends', async () => {
    const kong = fakeKong();
    await seed(kong, PACKAGED, packaged);
    const fewer = { upstreams: { backend: { targets: ['backend-1:8000', 'backend-4:8000'] } } };
    const { plan } = await seed(kong, PACKAGED, { stack: fewer });
    expect(asLines(plan)).toEqual([
      'update upstream backend',
      'create target backend-4:8000 of backend',
      'delete target backend-2:8000 of backend',
      'delete target backend-3:8000 of backend',
    ]);
  });

  it('leaves targets alone where the file lists its own', async () => {
    const kong = fakeKong();
    const text = declaring('upstreams: [{ name: backend, targets: [{ target: "own:81" }] }]');
    await seed(kong, text, packaged);
    expect(kong.entities('targets').map(({ target }) => target)).toEqual(['own:81']);
  });
});

describe('what is no difference', () => {
  it.each([
    [
      'another order of lists',
      'paths: [/b, /a], methods: [POST, GET], tags: [z, y]',
      'paths: [/a, /b], methods: [GET, POST], tags: [y, z]',
    ],
    [
      'a default that is written out',
      'paths: [/a]',
      'paths: [/a], strip_path: true, protocols: [https, http], regex_priority: 0',
    ],
    ['null for what is absent', 'paths: [/a]', 'paths: [/a], hosts: null, headers: null'],
    ['an empty list for what is absent', 'paths: [/a], hosts: []', 'paths: [/a]'],
  ])('%s', async (_name, before, after) => {
    const kong = fakeKong();
    const file = (route: string) =>
      declaring(`services: [{ name: s, host: h, routes: [{ name: r, ${route} }] }]`);
    await seed(kong, file(before));
    expect((await seed(kong, file(after))).plan.changes).toEqual([]);
  });

  it('names, tags and keys in any script', async () => {
    const kong = fakeKong();
    const text = declaring(`
_info: { select_tags: [größe] }
services: [{ name: Bücher-日本, host: h, tags: [مرحبا, "🚀"], routes: [{ name: Ñandú, paths: [/ñ] }] }]
consumers: [{ username: Zoë, custom_id: Жанна, keyauth_credentials: [{ key: ключ-1 }], acls: [{ group: groß }] }]`);
    await seed(kong, text);
    expect(kong.entities('services')).toMatchObject([{ name: 'Bücher-日本' }]);
    kong.forgetRequests();
    expect((await seed(kong, text)).plan.changes).toEqual([]);
    expect(kong.writes()).toEqual([]);
  });

  it('the shorthand url', async () => {
    const kong = fakeKong();
    await seed(kong, declaring('services: [{ name: s, url: "https://h.test:9443/v1" }]'));
    const long = declaring('services: [{ name: s, protocol: https, host: h.test, port: 9443, path: /v1 }]');
    expect((await seed(kong, long)).plan.changes).toEqual([]);
  });

  it('an old name of a plugin’s field', async () => {
    const kong = fakeKong();
    const plugin = (config: string) =>
      declaring(`plugins: [{ name: rate-limiting, config: { minute: 5, ${config} } }]`);
    await seed(kong, plugin('redis: { host: r.test, port: 6380 }'));
    expect((await seed(kong, plugin('redis_host: r.test, redis_port: 6380'))).plan.changes).toEqual([]);
  });

  it('hashing that Kong turns into round robin, a target’s default port, the hash of a password', async () => {
    const kong = fakeKong();
    const text = declaring(`
upstreams: [{ name: u, algorithm: consistent-hashing, targets: [{ target: host.test }] }]
consumers: [{ username: c, basicauth_credentials: [{ username: u, password: p }] }]`);
    await seed(kong, text);
    for (const upstream of kong.entities('upstreams'))
      kong.put('upstreams', { ...upstream, algorithm: 'round-robin' });
    expect((await seed(kong, text)).plan.changes).toEqual([]);
  });

  it('a key that Kong made because the file gives none', async () => {
    const kong = fakeKong();
    const text = (tag: string) =>
      declaring(`consumers: [{ username: c, keyauth_credentials: [{ tags: [${tag}] }] }]`);
    await seed(kong, text('a'));
    const [made] = kong.entities('key-auths');
    expect((await seed(kong, text('a'))).plan.changes).toEqual([]);
    await seed(kong, text('b'));
    expect(kong.entities('key-auths')).toMatchObject([
      { key: made?.key, tags: expect.arrayContaining(['b']) },
    ]);
  });
});

describe('differences', () => {
  const base = declaring(`
services:
  - name: s
    host: h
    routes: [{ name: r, paths: [/r], plugins: [{ name: rate-limiting, config: { minute: 5 } }] }]`);

  it('say their direction and their fields', async () => {
    const kong = fakeKong();
    await seed(kong, base);
    const changed = declaring(`
services:
  - name: s
    host: other
    routes:
      - { name: r, paths: [/r], plugins: [{ name: rate-limiting, config: { minute: 7 } }] }
      - { name: more, paths: [/more] }`);
    const plan = await seedPlan(seedInput(kong, changed));
    expect(
      plan.changes.map(({ kind, name, direction, fields }) => ({ kind, name, direction, fields })),
    ).toEqual([
      { kind: 'service', name: 's', direction: 'changed', fields: { host: { from: 'h', to: 'other' } } },
      {
        kind: 'route',
        name: 'more',
        direction: 'only-in-file',
        fields: { name: { from: null, to: 'more' }, paths: { from: null, to: ['/more'] } },
      },
      {
        kind: 'plugin',
        name: 'rate-limiting on route r',
        direction: 'changed',
        fields: { 'config.minute': { from: 5, to: 7 } },
      },
    ]);
  });

  it('made by hand are found and repaired: changed, deleted, tags taken away', async () => {
    const kong = fakeKong();
    await seed(kong, base);
    const [service] = kong.entities('services');
    const [route] = kong.entities('routes');
    const [plugin] = kong.entities('plugins');
    kong.put('services', { ...service, retries: 9, id: service?.id });
    kong.put('routes', { ...route, tags: null });
    kong.remove('plugins', String(plugin?.id));
    const { plan } = await seed(kong, base);
    expect(asLines(plan)).toEqual([
      'update service s',
      'update route r',
      'create plugin rate-limiting on route r',
    ]);
    expect((await seed(kong, base)).plan.changes).toEqual([]);
  });

  it('of pages beyond the first are seen', async () => {
    const kong = fakeKong();
    const many = declaring(
      `services: [${Array.from({ length: 1050 }, (_, i) => `{ name: s${i}, host: h${i} }`).join(', ')}]`,
    );
    await seed(kong, many);
    expect(kong.entities('services')).toHaveLength(1050);
    kong.forgetRequests();
    expect((await seed(kong, many)).plan.changes).toEqual([]);
  });
});

describe('names that move', () => {
  const routes = (a: string, b: string) =>
    declaring(
      `services: [{ name: s, host: h, routes: [{ name: ${a}, paths: [/x] }, { name: ${b}, paths: [/y] }] }]`,
    );

  it('two routes exchange their names and no path is ever missing', async () => {
    const kong = fakeKong();
    await seed(kong, routes('a', 'b'));
    const missing: string[] = [];
    kong.onRequest = () => {
      const paths = kong.entities('routes').flatMap((route) => route.paths as string[]);
      for (const path of ['/x', '/y']) if (!paths.includes(path)) missing.push(path);
      return undefined;
    };
    await seed(kong, routes('b', 'a'));
    expect(missing).toEqual([]);
    const named = kong.entities('routes').map(({ name, paths }) => `${String(name)} ${String(paths)}`);
    expect(named.sort()).toEqual(['a /y', 'b /x']);
    expect((await seed(kong, routes('b', 'a'))).plan.changes).toEqual([]);
  });

  it('a renamed route keeps its id and its plugins', async () => {
    const kong = fakeKong();
    const file = (name: string) =>
      declaring(
        `services: [{ name: s, host: h, routes: [{ name: ${name}, paths: [/x], plugins: [{ name: key-auth }] }] }]`,
      );
    await seed(kong, file('old'));
    const { plan } = await seed(kong, file('new'));
    expect(asLines(plan)).toEqual(['update route new']);
  });

  it('a name freed by a renamed route can be used at once', async () => {
    const kong = fakeKong();
    await seed(kong, declaring('services: [{ name: s, host: h, routes: [{ name: a, paths: [/x] }] }]'));
    const text = routes('b', 'a');
    const { plan } = await seed(kong, text);
    expect(asLines(plan).sort()).toEqual(['create route a', 'update route b']);
    expect((await seed(kong, text)).plan.changes).toEqual([]);
  });

  it('ids given in the file are kept while their names are exchanged', async () => {
    const kong = fakeKong();
    const id = (n: number) => `00000000-0000-4000-8000-00000000000${n}`;
    const file = (one: string, two: string) =>
      declaring(`upstreams: [{ id: "${id(1)}", name: ${one} }, { id: "${id(2)}", name: ${two} }]`);
    await seed(kong, file('a.test', 'b.test'));
    const { plan, outcome } = await seed(kong, file('b.test', 'a.test'));
    expect(plan.changes).toHaveLength(2);
    expect(outcome.writes).toBe(4);
    expect(kong.entities('upstreams').map((u) => `${u.id.at(-1)} ${String(u.name)}`)).toEqual([
      '1 b.test',
      '2 a.test',
    ]);
  });

  it('a target moves from one upstream to another', async () => {
    const kong = fakeKong();
    const file = (a: string, b: string) =>
      declaring(`upstreams: [{ name: a, targets: [${a}] }, { name: b, targets: [${b}] }]`);
    await seed(kong, file('{ target: "t:1" }', ''));
    const { plan } = await seed(kong, file('', '{ target: "t:1" }'), { allowMassDelete: true });
    expect(asLines(plan)).toEqual(['create target t:1 of b', 'delete target t:1 of a']);
  });

  it('a rotated key replaces the old one in one write', async () => {
    const kong = fakeKong();
    const file = (key: string) =>
      declaring(`consumers: [{ username: c, keyauth_credentials: [{ key: ${key} }] }]`);
    await seed(kong, file('old-key'));
    const { plan, outcome } = await seed(kong, file('new-key'));
    expect(asLines(plan)).toEqual(['update key-auth c #1']);
    expect(outcome.writes).toBe(1);
    expect(kong.entities('key-auths')).toMatchObject([{ key: 'new-key' }]);
  });

  it('keys in another order are no change', async () => {
    const kong = fakeKong();
    const file = (keys: string) => declaring(`consumers: [{ username: c, keyauth_credentials: [${keys}] }]`);
    await seed(kong, file('{ key: k1 }, { key: k2 }'));
    expect((await seed(kong, file('{ key: k2 }, { key: k1 }'))).plan.changes).toEqual([]);
  });
});
