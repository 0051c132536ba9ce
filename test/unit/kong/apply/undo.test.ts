import { describe, expect, it } from 'vitest';
import { ApictlError, EXIT } from '../../../../src/core/errors.ts';
import type { Http } from '../../../../src/core/ports/http.ts';
import { applySeed, seedPlan } from '../../../../src/kong/seed.ts';
import { fakeClock } from '../../../fakes/fake-clock.ts';
import { type FakeKong, fakeKong } from '../../../fakes/fake-kong.ts';
import { declaring, failure, seed, seedInput } from '../../../fakes/seed-run.ts';

const COLLECTIONS = [
  'services',
  'routes',
  'upstreams',
  'targets',
  'consumers',
  'key-auths',
  'basic-auths',
  'plugins',
];

/** Entity by entity, without the times of writing. */
const stateOf = (kong: FakeKong): readonly string[] =>
  COLLECTIONS.flatMap((name) =>
    kong.entities(name).map(({ created_at: _created, updated_at: _updated, ...rest }) => {
      const fields = Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1));
      return `${name} ${JSON.stringify(Object.fromEntries(fields))}`;
    }),
  ).sort();

const id = (n: number) => `00000000-0000-4000-8000-00000000000${n}`;

const upstreams = (...names: readonly string[]) =>
  `upstreams: [${names.map((name, n) => `{ id: "${id(n + 1)}", name: ${name} }`).join(', ')}]`;

/** A unique value goes from one entity to another, in every way that it can. */
const MOVES: readonly (readonly [string, string, string])[] = [
  ['a name goes round among three', upstreams('a', 'b', 'c'), upstreams('b', 'c', 'a')],
  ['names move up in a row', upstreams('a', 'b', 'c'), upstreams('b', 'c', 'd')],
  ['names move down in a row', upstreams('b', 'c', 'd'), upstreams('a', 'b', 'c')],
  [
    'a new entity takes the name of a renamed one',
    'services: [{ name: s, host: h, routes: [{ name: r, paths: [/1] }] }]',
    'services: [{ name: s, host: h, routes: [{ name: old, paths: [/1] }, { name: r, paths: [/2] }] }]',
  ],
  [
    'a key goes to another consumer',
    'consumers: [{ username: a, keyauth_credentials: [{ key: the-one-key }] }, { username: b }]',
    'consumers: [{ username: a }, { username: b, keyauth_credentials: [{ key: the-one-key }] }]',
  ],
  [
    'a new consumer takes the custom_id of one that goes',
    'consumers: [{ username: a, custom_id: "1", keyauth_credentials: [{ key: key-of-a }] }]',
    'consumers: [{ username: b, custom_id: "1", keyauth_credentials: [{ key: key-of-b }] }]',
  ],
  [
    'the name of a password goes to another consumer',
    'consumers: [{ username: a, basicauth_credentials: [{ id: "00000000-0000-4000-8000-000000000001", username: u, password: p4ssword }] }]',
    'consumers: [{ username: a, basicauth_credentials: [{ id: "00000000-0000-4000-8000-000000000001", username: v, password: p4ssword }] }, { username: b, basicauth_credentials: [{ username: u, password: p4ssword }] }]',
  ],
  [
    'a plugin takes the instance name of another one',
    'plugins: [{ name: cors, instance_name: first }, { name: correlation-id, instance_name: second }]',
    'plugins: [{ name: cors, instance_name: third }, { name: correlation-id, instance_name: first }]',
  ],
];

describe.each(MOVES)('where %s', (_name, before, after) => {
  it.each([1, 20])('each write that fails leaves what was there, %i at a time', async (parallelism) => {
    const clean = fakeKong();
    await seed(clean, declaring(before));
    const old = stateOf(clean);
    clean.forgetRequests();
    await seed(clean, declaring(after), { allowMassDelete: true });
    const wanted = stateOf(clean);
    const count = clean.writes().length;
    expect(count).toBeGreaterThan(1);
    for (let k = 1; k <= count; k += 1) {
      const kong = fakeKong();
      await seed(kong, declaring(before));
      kong.forgetRequests();
      kong.onRequest = (write) => (write === k ? 'refuse' : undefined);
      const error = await failure(seed(kong, declaring(after), { parallelism, allowMassDelete: true }));
      expect([error.code, ...error.details], `write ${k}`).toEqual(['SEED_UNDONE']);
      expect(stateOf(kong), `write ${k}`).toEqual(old);
      kong.onRequest = () => undefined;
      await seed(kong, declaring(after), { allowMassDelete: true });
      expect(stateOf(kong), `write ${k}, and again`).toEqual(wanted);
    }
  });
});

/** 60 services with a route each, and a plugin at the end that Kong refuses. */
const MANY = declaring(`
services: [${Array.from({ length: 60 }, (_, n) => `{ name: s${n}, host: h, routes: [{ name: r${n}, paths: [/${n}] }] }`).join(', ')}]
plugins: [{ name: cors }]`);

describe('undoing many changes', () => {
  it('does those of a level at once, children first', async () => {
    const kong = fakeKong();
    kong.onRequest = (_write, request) =>
      request.startsWith('PUT /plugins/') || request === 'refuse' ? 'refuse' : undefined;
    let [open, most] = [0, 0];
    const deleted: string[] = [];
    const http: Http = {
      request: async (request) => {
        if (request.method !== 'DELETE') return kong.http.request(request);
        open += 1;
        most = Math.max(most, open);
        const answer = await kong.http.request(request);
        open -= 1;
        deleted.push(request.url.split('/').at(-2) ?? '');
        return answer;
      },
    };
    const error = await failure(seed(kong, MANY, { http, parallelism: 20 }));
    expect(error).toMatchObject({ code: 'SEED_UNDONE', exitCode: 6 });
    expect(error.message).toContain('the 120 changes made until then are undone');
    expect(most).toBe(20);
    expect(deleted).toEqual([...Array(60).fill('routes'), ...Array(60).fill('services')]);
    expect(stateOf(kong)).toEqual([]);
  });

  it('says what is left when the time for it runs out, and the next run finishes', async () => {
    const kong = fakeKong();
    kong.onRequest = (_write, request) => (request.startsWith('PUT /plugins/') ? 'refuse' : undefined);
    const clock = fakeClock();
    const DELETION_MS = 4_000;
    const http: Http = {
      request: async (request) => {
        if (request.method !== 'DELETE') return kong.http.request(request);
        const { timeoutMs = 0 } = request;
        clock.advance(Math.min(timeoutMs, DELETION_MS));
        if (timeoutMs >= DELETION_MS) return kong.http.request(request);
        throw new ApictlError({
          code: 'HTTP_UNREACHABLE',
          exitCode: EXIT.unhealthy,
          message: `no answer within ${timeoutMs / 1000} s`,
        });
      },
    };
    const input = seedInput(kong, MANY, { http, clock, parallelism: 1 });
    const plan = await seedPlan(input);
    const error = await failure(applySeed({ ...input, plan, emit: () => {} }));
    expect(error).toMatchObject({ code: 'SEED_PARTIAL', exitCode: EXIT.partial });
    expect(error.message).toMatch(
      /^the seed is partly applied and could not be undone: .*refused by the test.*; undoing it stopped: .*the time for it is over$/,
    );
    // Seven deletions of four seconds are done in thirty.
    expect(kong.entities('routes')).toHaveLength(53);
    const applied = error.details.filter((line) => line.startsWith('applied: '));
    const names = ['services', 'routes'].flatMap((kind) =>
      kong.entities(kind).map(({ name }) => `applied: create ${kind.slice(0, -1)} ${String(name)}`),
    );
    expect([...applied].sort()).toEqual(names.sort());
    expect(error.details.filter((line) => line.startsWith('not applied: '))).toHaveLength(8);
    kong.onRequest = () => undefined;
    kong.forgetRequests();
    await seed(kong, MANY);
    expect(kong.writes()).toHaveLength(8);
  });
});
