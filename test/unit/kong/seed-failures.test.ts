import { describe, expect, it } from 'vitest';
import type { Http } from '../../../src/core/ports/http.ts';
import { Secret } from '../../../src/core/secret.ts';
import { applySeed, seedPlan, seedValidate } from '../../../src/kong/seed.ts';
import { type Fault, fakeKong } from '../../fakes/fake-kong.ts';
import { declaring, failure, PACKAGED, seed, seedInput, THREE_BACKENDS } from '../../fakes/seed-run.ts';

const packaged = { stack: THREE_BACKENDS };

const before = declaring(`
services:
  - name: s
    host: h
    routes: [{ name: r, paths: [/r], plugins: [{ name: rate-limiting, config: { minute: 5 } }] }, { name: gone, paths: [/gone] }]
upstreams: [{ name: u, targets: [{ target: "t:1", weight: 10 }, { target: "t:2" }] }]
consumers: [{ username: c, keyauth_credentials: [{ key: old-key-0 }] }]`);

const after = declaring(`
services:
  - name: s
    host: other
    routes: [{ name: r, paths: [/r2], plugins: [{ name: rate-limiting, config: { minute: 6 } }] }, { name: fresh, paths: [/f] }]
upstreams: [{ name: u, targets: [{ target: "t:1", weight: 20 }, { target: "t:3" }] }]
consumers: [{ username: c, keyauth_credentials: [{ key: new-key-0 }] }]`);

/** Names are exchanged and handed on, and a key goes to another consumer. */
const moving = {
  before: declaring(`
services:
  - name: s
    host: h
    routes: [{ name: x, paths: [/x] }, { name: y, paths: [/y] }, { name: first, paths: [/1] }, { name: second, paths: [/2] }]
upstreams: [{ name: u, targets: [{ target: "t:1", weight: 10 }, { target: "t:2" }] }]
consumers: [{ username: a, keyauth_credentials: [{ key: key-that-moves }] }, { username: b }]`),
  after: declaring(`
services:
  - name: s
    host: h
    routes: [{ name: y, paths: [/x] }, { name: x, paths: [/y] }, { name: second, paths: [/1] }, { name: third, paths: [/2] }]
upstreams: [{ name: u, targets: [{ target: "t:1", weight: 20 }, { target: "t:3" }] }]
consumers: [{ username: a }, { username: b, keyauth_credentials: [{ key: key-that-moves }] }]`),
};

const stateOf = (kong: ReturnType<typeof fakeKong>): string =>
  JSON.stringify(
    ['services', 'routes', 'upstreams', 'targets', 'consumers', 'key-auths', 'plugins'].map((name) =>
      [...kong.entities(name)]
        .map(({ created_at, updated_at, ...rest }) => rest)
        .sort((a, b) => (a.id < b.id ? -1 : 1)),
    ),
    (_key, value) =>
      value !== null && typeof value === 'object' && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
        : value,
  );

describe('a fault that passes', () => {
  it.each([429, 500, 502, 503, 504, 'reset', 'reset-after', 'late'] as Fault[])(
    '%s at any one write is survived without a duplicate',
    async (fault) => {
      const clean = fakeKong();
      await seed(clean, before);
      const { plan } = await seed(clean, after);
      for (let k = 1; k <= plan.changes.length; k += 1) {
        const kong = fakeKong();
        await seed(kong, before);
        kong.forgetRequests();
        kong.onRequest = (write) => (write === k ? fault : undefined);
        await seed(kong, after);
        expect(stateOf(kong), `write ${k}`).toBe(stateOf(clean));
      }
    },
  );

  it('at any one read is survived', async () => {
    const clean = fakeKong();
    await seed(clean, before);
    const reads = clean.requests.length;
    for (let k = 1; k <= reads; k += 1) {
      const kong = fakeKong();
      let count = 0;
      kong.onRequest = (write) => {
        count += 1;
        return write === 0 && count === k ? 503 : undefined;
      };
      await seed(kong, before);
      expect(stateOf(kong)).toBe(stateOf(clean));
    }
  });

  it('of too many requests is waited for as long as Kong says', async () => {
    const kong = fakeKong();
    kong.onRequest = (write) => (write === 1 ? 429 : undefined);
    const input = seedInput(kong, before);
    const plan = await seedPlan(input);
    const startedMs = input.clock.now();
    await applySeed({ ...input, plan, emit: () => {} });
    expect(input.clock.now() - startedMs).toBe(2_000);
  });
});

describe('another hand between the plan and the writes', () => {
  const planned = async (kong: ReturnType<typeof fakeKong>) => {
    await seed(kong, before);
    const input = seedInput(kong, after);
    return { ...input, plan: await seedPlan(input), emit: () => {} };
  };

  it('that takes a name is found out by the write: theirs stays, ours is undone', async () => {
    const kong = fakeKong();
    const input = await planned(kong);
    const old = stateOf(kong);
    const theirs = kong.put('routes', { name: 'fresh', paths: ['/theirs'] });
    expect(await failure(applySeed(input))).toMatchObject({
      code: 'SEED_UNDONE',
      message: expect.stringContaining('UNIQUE violation'),
    });
    expect(kong.entities('routes')).toContainEqual(theirs);
    kong.remove('routes', theirs.id);
    expect(stateOf(kong)).toBe(old);
  });

  it('that changes or deletes what is ours is written over, as the next run would', async () => {
    const clean = fakeKong();
    await seed(clean, before);
    await seed(clean, after);
    const kong = fakeKong();
    const input = await planned(kong);
    const service = kong.entities('services')[0];
    kong.put('services', { ...service, retries: 1 });
    const plugin = kong.entities('plugins')[0];
    kong.remove('plugins', plugin?.id ?? '');
    const gone = kong.entities('routes').find(({ name }) => name === 'gone');
    kong.remove('routes', gone?.id ?? '');
    await applySeed(input);
    expect(stateOf(kong)).toBe(stateOf(clean));
  });

  it.each([
    ['planned as ours was', 1, true],
    ['planned as ours was', 20, true],
    ['planned amid our writes', 1, false],
    ['planned amid our writes', 20, false],
  ])(
    'that seeds the same file, %s, before any one write of ours (%i at a time): both succeed',
    async (_, parallelism, early) => {
      const clean = fakeKong();
      await seed(clean, moving.before);
      const { plan: whole } = await seed(clean, moving.after);
      expect(whole.releases.length).toBeGreaterThan(2);
      for (let k = 1; k <= whole.releases.length + whole.changes.length; k += 1) {
        const kong = fakeKong();
        await seed(kong, moving.before);
        const input = seedInput(kong, moving.after, { parallelism });
        const plan = await seedPlan(input);
        const theirs = async () =>
          applySeed({ ...input, plan: early ? plan : await seedPlan(input), emit: () => {} });
        let writes = 0;
        const http: Http = {
          ...kong.http,
          request: async (asked) => {
            if (asked.method !== 'GET') writes += 1;
            if (asked.method !== 'GET' && writes === k) await theirs();
            return kong.http.request(asked);
          },
        };
        await applySeed({ ...input, http, plan, emit: () => {} });
        expect(stateOf(kong), `write ${k}`).toBe(stateOf(clean));
      }
    },
  );
});

describe('a fault that stays', () => {
  it('of one entity is undone: Kong is as it was, after each k', async () => {
    const clean = fakeKong();
    await seed(clean, before);
    const old = stateOf(clean);
    const { plan } = await seed(clean, after);
    for (let k = 1; k <= plan.changes.length; k += 1) {
      const kong = fakeKong();
      await seed(kong, before);
      kong.forgetRequests();
      kong.onRequest = (write) => (write === k ? 'refuse' : undefined);
      const error = await failure(seed(kong, after));
      expect(error).toMatchObject({ code: 'SEED_UNDONE', exitCode: 6 });
      expect(stateOf(kong), `write ${k}`).toBe(old);
      kong.onRequest = () => undefined;
      await seed(kong, after);
      expect(stateOf(kong)).toBe(stateOf(clean));
    }
  });

  it('of Kong itself leaves a part: exit 3 says what, and the next run finishes the rest', async () => {
    const clean = fakeKong();
    await seed(clean, PACKAGED, packaged);
    const total = clean.writes().length;
    for (const k of [2, 7, total]) {
      const kong = fakeKong();
      kong.onRequest = (write) => (write >= k ? 503 : undefined);
      const error = await failure(seed(kong, PACKAGED, { ...packaged, parallelism: 1 }));
      expect(error).toMatchObject({ code: 'SEED_PARTIAL', exitCode: 3 });
      expect(error.details.filter((line) => line.startsWith('applied: '))).toHaveLength(k - 1);
      expect(error.details).toHaveLength(total);
      kong.onRequest = () => undefined;
      kong.forgetRequests();
      await seed(kong, PACKAGED, packaged);
      expect(kong.writes()).toHaveLength(total - (k - 1));
      expect(stateOf(kong)).toBe(stateOf(clean));
    }
  });

  it('brings exchanged names back', async () => {
    const id = (n: number) => `00000000-0000-4000-8000-00000000000${n}`;
    const file = (one: string, two: string, more = '') =>
      declaring(
        `upstreams: [{ id: "${id(1)}", name: ${one} }, { id: "${id(2)}", name: ${two} }]\nplugins: [${more}]`,
      );
    const kong = fakeKong();
    await seed(kong, file('a.test', 'b.test'));
    const old = stateOf(kong);
    kong.onRequest = (write, request) => (write > 0 && request.includes('/plugins/') ? 'refuse' : undefined);
    const error = await failure(seed(kong, file('b.test', 'a.test', '{ name: cors }')));
    expect(error).toMatchObject({ code: 'SEED_UNDONE', exitCode: 6 });
    expect(stateOf(kong)).toBe(old);
  });

  it('brings a key back for as long as it had to live, and a password that stayed the same', async () => {
    const file = (tag: string, plugins = '') =>
      declaring(`
consumers:
  - username: c
    keyauth_credentials: [{ key: key-for-a-while, tags: [${tag}] }]
    basicauth_credentials: [{ username: u, password: p4ssword, tags: [${tag}] }]
plugins: [${plugins}]`);
    const kong = fakeKong();
    await seed(kong, file('a'));
    const [key] = kong.entities('key-auths');
    kong.put('key-auths', { ...key, ttl: 60 });
    const old = stateOf(kong);
    kong.onRequest = (write, request) => (write > 0 && request.includes('/plugins/') ? 'refuse' : undefined);
    expect(await failure(seed(kong, file('b', '{ name: cors }')))).toMatchObject({ code: 'SEED_UNDONE' });
    expect(stateOf(kong)).toBe(old);
  });

  it('cannot bring back a password of which Kong has only a hash: exit 3 says which', async () => {
    const file = (password: string, plugins = '') =>
      declaring(`
consumers: [{ username: c, basicauth_credentials: [{ username: u, password: ${password} }] }]
plugins: [${plugins}]`);
    const kong = fakeKong();
    await seed(kong, file('old-password'));
    kong.onRequest = (write, request) => (write > 0 && request.includes('/plugins/') ? 'refuse' : undefined);
    const error = await failure(seed(kong, file('new-password', '{ name: cors }')));
    expect(error).toMatchObject({ code: 'SEED_PARTIAL', exitCode: 3 });
    expect(error.details).toEqual(['applied: update basic-auth c #1', 'not applied: create plugin cors']);
    kong.onRequest = () => undefined;
    const { plan } = await seed(kong, file('new-password', '{ name: cors }'));
    expect(plan.changes.map(({ kind }) => kind)).toEqual(['plugin']);
  });

  it('before the first write changes nothing', async () => {
    const kong = fakeKong();
    kong.onRequest = (write) => (write > 0 ? 'refuse' : undefined);
    const error = await failure(seed(kong, before));
    expect(error.exitCode).toBe(6);
    expect(error.message).toMatch(/^nothing is changed: create \S+ .+ \(kong\/kong\.yaml:\d+\): /);
  });

  it('keeps to its deadline', async () => {
    const kong = fakeKong();
    // One at a time: the clock of the test counts what passes at the same time twice.
    const input = seedInput(kong, before, { timeoutMs: 3_000, parallelism: 1 });
    const plan = await seedPlan(input);
    kong.onRequest = () => 503;
    const startedMs = input.clock.now();
    await failure(applySeed({ ...input, plan, emit: () => {}, timeoutMs: 3_000 }));
    // Three seconds to apply and at most thirty to undo.
    expect(input.clock.now() - startedMs).toBeLessThanOrEqual(33_000);
  });
});

describe('an interruption', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ])('by %s stops before the next write, undoes, and exits with %i', async (reason, exitCode) => {
    const kong = fakeKong();
    await seed(kong, before);
    const old = stateOf(kong);
    const controller = new AbortController();
    kong.forgetRequests();
    kong.onRequest = (write) => {
      if (write === 3) controller.abort(reason);
      return undefined;
    };
    const error = await failure(seed(kong, after, { signal: controller.signal, parallelism: 1 }));
    expect(error).toMatchObject({ code: 'INTERRUPTED', exitCode });
    expect(stateOf(kong)).toBe(old);
  });
});

describe('validation', () => {
  it('of one bad entity in the middle means no write, and every problem has its line', async () => {
    const kong = fakeKong();
    kong.verdict = (entity, body) =>
      entity === 'routes' && body.name !== 'api'
        ? `paths.1: should start with: / in ${String(body.name)}`
        : undefined;
    const error = await failure(seed(kong, PACKAGED, packaged));
    expect(error).toMatchObject({ code: 'SEED_INVALID', exitCode: 64 });
    expect(error.details).toEqual([
      expect.stringMatching(/^kong\/kong\.yaml:\d+: route gateway-health: paths\.1: should start with/),
      expect.stringMatching(/^kong\/kong\.yaml:\d+: route partner: paths\.1/),
    ]);
    expect(kong.writes()).toEqual([]);
  });

  it('asks about what is the same once', async () => {
    const kong = fakeKong();
    const routes = Array.from(
      { length: 30 },
      (_, i) => `{ name: r${i}, paths: [/${i}], plugins: [{ name: key-auth }] }`,
    );
    await seed(kong, declaring(`services: [{ name: s, host: h, routes: [${routes.join(', ')}] }]`));
    expect(kong.requests.filter((request) => request === 'POST /schemas/plugins/validate')).toHaveLength(1);
  });

  it('finds what refers by its id to something that Kong does not have, before the first write', async () => {
    const kong = fakeKong();
    const theirs = kong.put('services', { name: 'theirs', host: 'h', tags: ['t'] });
    const nowhere = '11111111-1111-4111-8111-111111111111';
    const text = (id: string) =>
      declaring(`
services: [{ name: ours, host: h }]
routes:
  - name: r
    paths: [/r]
    service: { id: ${id} }`);
    for (const work of [seedPlan, seedValidate]) {
      const error = await failure(work(seedInput(kong, text(nowhere))));
      expect(error).toMatchObject({ code: 'SEED_INVALID', exitCode: 64 });
      expect(error.details).toEqual([
        `kong/kong.yaml:5: route r: refers to service ${nowhere}, which Kong does not have`,
      ]);
    }
    expect(kong.writes()).toEqual([]);
    await seed(kong, text(theirs.id));
    expect(kong.entities('routes')).toMatchObject([{ name: 'r', service: { id: theirs.id } }]);
  });

  it('of everything is there as a command of its own, and writes nothing', async () => {
    const kong = fakeKong();
    await seed(kong, PACKAGED, packaged);
    kong.forgetRequests();
    const { entities } = await seedValidate(seedInput(kong, PACKAGED, packaged));
    expect(entities).toBeGreaterThan(10);
    expect(kong.requests.filter((request) => request.endsWith('/validate')).length).toBeGreaterThan(10);
    expect(kong.writes()).toEqual([]);
  });

  it('does not repeat a secret that Kong’s message contains', async () => {
    const kong = fakeKong();
    kong.verdict = (entity, body) =>
      entity === 'keyauth_credentials' ? `key: '${String(body.key)}' is no good` : undefined;
    const error = await failure(
      seed(kong, PACKAGED, {
        ...packaged,
        placeholders: { environment: {}, secret: async () => new Secret('p4ssw0rd!') },
      }),
    );
    expect(error.details.join()).toMatch(/'\[secret\] #[0-9a-f]{8}' is no good/);
    expect(JSON.stringify(error.toJSON())).not.toContain('p4ssw0rd!');
  });
});

describe('what is not ours', () => {
  it('is neither changed nor deleted', async () => {
    const kong = fakeKong();
    const foreign = kong.put('services', { name: 'theirs', host: 'h' });
    const otherProject = kong.put('services', {
      name: 'other',
      host: 'h',
      tags: ['managed-by:apictl', 'project:another'],
    });
    await seed(kong, before);
    await seed(kong, declaring('services: [{ name: s, host: h }]'), { allowMassDelete: true });
    const names = kong.entities('services').map(({ name }) => name);
    expect(names.sort()).toEqual(['other', 's', 'theirs']);
    expect(kong.entities('services')).toEqual(expect.arrayContaining([foreign, otherProject]));
  });

  it('is not taken over because it has the same name', async () => {
    const kong = fakeKong();
    kong.put('services', { name: 's', host: 'theirs' });
    const error = await failure(seed(kong, before));
    expect(error).toMatchObject({ code: 'SEED_COLLISION', exitCode: 64 });
    expect(error.details[0]).toMatch(/kong\.yaml:\d+: service s is in Kong already and not ours/);
    expect(kong.writes()).toEqual([]);
  });

  it('holds a plugin’s place, a target’s address, a key', async () => {
    const kong = fakeKong();
    const upstream = kong.put('upstreams', { name: 'elsewhere' });
    kong.put('targets', { target: 't:1', upstream: { id: upstream.id } });
    kong.put('plugins', { name: 'correlation-id' });
    const owner = kong.put('consumers', { username: 'theirs' });
    kong.put('key-auths', { key: 'old-key-0', consumer: { id: owner.id } });
    const text = `${before}\nplugins: [{ name: correlation-id }]`;
    const error = await failure(seed(kong, text));
    expect(error.details.map((line) => line.replace(/.*: (\S+ \S+ ?\S*) is in Kong.*/, '$1'))).toEqual([
      'key-auth c #1',
      'plugin correlation-id',
    ]);
    expect(error.details.join()).not.toContain('old-key-0');
  });
});

describe('deleting', () => {
  it('of more than 30 % needs permission', async () => {
    const kong = fakeKong();
    await seed(kong, before);
    kong.forgetRequests();
    const little = declaring('services: [{ name: s, host: h }]');
    const error = await failure(seed(kong, little));
    expect(error).toMatchObject({ code: 'SEED_MASS_DELETE', exitCode: 64 });
    expect(error.details).toContain('delete route r');
    expect(kong.writes()).toEqual([]);
    expect((await seed(kong, little, { allowMassDelete: true })).outcome.deleted).toBe(8);
  });

  it('is refused where Kong would delete with it what is not ours', async () => {
    const kong = fakeKong();
    await seed(kong, before);
    const route = kong.entities('routes').find(({ name }) => name === 'gone');
    kong.put('plugins', { name: 'cors', route: { id: route?.id } });
    kong.forgetRequests();
    const error = await failure(seed(kong, after, { allowMassDelete: true }));
    expect(error).toMatchObject({ code: 'SEED_FOREIGN_CHILDREN', exitCode: 64 });
    expect(error.details[0]).toMatch(/^delete route gone would take plugin cors/);
    expect(kong.writes()).toEqual([]);
    await seed(kong, after, { prune: false });
    expect(kong.entities('routes').map(({ name }) => name)).toContain('gone');
  });

  it('of more than the given number needs permission', async () => {
    const kong = fakeKong();
    await seed(kong, PACKAGED, packaged);
    const two = { upstreams: { backend: { targets: ['backend-1:8000'], healthPath: '/healthz/ready' } } };
    expect(await failure(seed(kong, PACKAGED, { stack: two, maxDeletes: 1 }))).toMatchObject({
      code: 'SEED_MASS_DELETE',
    });
    expect((await seed(kong, PACKAGED, { stack: two, maxDeletes: 2 })).outcome.deleted).toBe(2);
  });

  it('does not happen without prune; what is kept is told', async () => {
    const kong = fakeKong();
    await seed(kong, before);
    const { plan } = await seed(kong, declaring('services: [{ name: s, host: h }]'), { prune: false });
    expect(plan.changes).toEqual([]);
    expect(plan.kept).toContainEqual({ kind: 'target', name: 't:1 of u' });
  });

  it('is never what an empty file means', async () => {
    const kong = fakeKong();
    await seed(kong, before);
    for (const text of [
      '',
      '   \n',
      '# nothing\n',
      '_format_version: "3.0"\n',
      '_format_version: "3.0"\nservices: []\n',
    ]) {
      const error = await failure(seed(kong, text, { allowMassDelete: true }));
      expect(error).toMatchObject({ code: 'SEED_FILE_INVALID', exitCode: 64 });
    }
    expect(kong.entities('services')).toHaveLength(1);
  });
});

describe('what answers is not what we need', () => {
  it('an HTML page with status 200', async () => {
    const html = async () => ({ status: 200, headers: {}, body: '<html>hello</html>', durationMs: 1 });
    const error = await failure(seedPlan({ ...seedInput(fakeKong(), before), http: { request: html } }));
    expect(error).toMatchObject({ code: 'KONG_NOT_KONG', exitCode: 6 });
  });

  it('Kong’s proxy instead of its Admin API', async () => {
    const body = '{"message":"no Route matched with those values"}';
    const proxy = async () => ({ status: 404, headers: {}, body, durationMs: 1 });
    const error = await failure(seedPlan({ ...seedInput(fakeKong(), before), http: { request: proxy } }));
    expect(error).toMatchObject({ code: 'KONG_NOT_KONG', message: expect.stringContaining('proxy') });
  });

  it('nobody', async () => {
    const kong = fakeKong();
    kong.onRequest = () => 'reset';
    expect(await failure(seedPlan(seedInput(kong, before)))).toMatchObject({
      code: 'KONG_UNREACHABLE',
      exitCode: 6,
      message: expect.stringContaining('ECONNRESET'),
    });
  });

  it('another version, no database, no permission', async () => {
    const kong = fakeKong();
    const root = kong.root as object;
    kong.root = { ...root, version: '2.8.5' };
    expect(await failure(seedPlan(seedInput(kong, before)))).toMatchObject({
      code: 'KONG_WRONG_VERSION',
      exitCode: 6,
    });
    kong.root = { ...root, configuration: { database: 'off' } };
    expect(await failure(seedPlan(seedInput(kong, before)))).toMatchObject({
      code: 'KONG_DBLESS',
      exitCode: 6,
    });
    const guarded = async () => ({ status: 401, headers: {}, body: '{}', durationMs: 1 });
    expect(await failure(seedPlan({ ...seedInput(kong, before), http: { request: guarded } }))).toMatchObject(
      {
        code: 'KONG_FORBIDDEN',
        exitCode: 6,
      },
    );
  });

  it('a Kong that refuses to be written with 405', async () => {
    const kong = fakeKong();
    const input = seedInput(kong, before);
    const plan = await seedPlan(input);
    const readOnly = {
      request: async (request: Parameters<typeof kong.http.request>[0]) =>
        request.method === 'GET'
          ? kong.http.request(request)
          : { status: 405, headers: {}, body: '{"message":"Method not allowed"}', durationMs: 1 },
    };
    const error = await failure(applySeed({ ...input, http: readOnly, plan, emit: () => {} }));
    expect(error.exitCode).toBe(6);
    expect(error.message).toContain('without a database');
  });

  it('a plugin that is not enabled, with its line', async () => {
    const kong = fakeKong();
    const text = declaring('plugins:\n  - name: my-own-plugin\n');
    const error = await failure(seedPlan(seedInput(kong, text)));
    expect(error).toMatchObject({ code: 'KONG_PLUGIN_NOT_ENABLED', exitCode: 6 });
    expect(error.details).toEqual(['kong/kong.yaml:3: plugin my-own-plugin is not enabled']);
    const root = structuredClone(kong.root) as { plugins: { available_on_server?: unknown } };
    delete root.plugins.available_on_server;
    kong.root = root;
    kong.verdict = () =>
      "name: plugin 'my-own-plugin' not enabled; add it to the 'plugins' configuration property";
    expect(await failure(seedPlan(seedInput(kong, text)))).toMatchObject({ code: 'KONG_PLUGIN_NOT_ENABLED' });
  });
});
