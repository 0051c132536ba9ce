import { describe, expect, it } from 'vitest';
import type { Clock } from '../../../../src/core/ports/clock.ts';
import type { Http, HttpResponse } from '../../../../src/core/ports/http.ts';
import { type AdminClientOptions, adminClient } from '../../../../src/kong/admin/client.ts';
import { fakeClock } from '../../../fakes/fake-clock.ts';
import { failure } from '../../../fakes/seed-run.ts';

/** A clock that writes down how long it was asked to sleep. */
function sleptOn(): { clock: Clock; slept: number[] } {
  const clock = fakeClock();
  const slept: number[] = [];
  return {
    slept,
    clock: {
      now: clock.now,
      sleep: (ms, signal) => {
        slept.push(ms);
        return clock.sleep(ms, signal);
      },
    },
  };
}

const answering = (status: number, headers: Record<string, string> = {}): Http => ({
  request: async (): Promise<HttpResponse> => ({ status, headers, body: '{}', durationMs: 1 }),
});

const clientOn = (clock: Clock, http: Http, more: Partial<AdminClientOptions> = {}) =>
  adminClient({ http, clock, admin: { url: 'http://kong.test' }, ...more });

describe('an answer that may be better the next time', () => {
  it.each([
    [0, [100, 200, 400, 800, 1600]],
    [1, [200, 400, 800, 1600, 3200]],
  ])('is asked for six times, after pauses that grow and differ by chance (%d)', async (chance, pauses) => {
    const { clock, slept } = sleptOn();
    const client = clientOn(clock, answering(503), { random: () => chance });
    const error = await failure(client.send('PUT', '/services/s', {}));
    expect(error).toMatchObject({ code: 'KONG_FAILING', exitCode: 6, object: 'PUT /services/s' });
    expect(error.message).toMatch(/answered with 503, 6 times$/);
    expect(slept).toEqual(pauses);
  });

  it('is not waited for beyond the deadline', async () => {
    const { clock, slept } = sleptOn();
    const client = clientOn(clock, answering(502), { random: () => 0, deadlineMs: 500 });
    const error = await failure(client.send('GET', '/'));
    expect(error.message).toMatch(/answered with 502, 3 times; the time for it is over$/);
    expect(slept).toEqual([100, 200]);
  });

  it('is waited for as long as Kong says, and never longer than half a minute', async () => {
    const { clock, slept } = sleptOn();
    await failure(clientOn(clock, answering(429, { 'retry-after': '7' })).send('GET', '/'));
    expect(slept).toEqual([7_000, 7_000, 7_000, 7_000, 7_000]);
    slept.length = 0;
    await failure(clientOn(clock, answering(429, { 'retry-after': '86400' })).send('GET', '/'));
    expect(new Set(slept)).toEqual(new Set([30_000]));
  });

  it.each([400, 401, 404, 405, 409])('is not %d', async (status) => {
    const { clock, slept } = sleptOn();
    expect((await clientOn(clock, answering(status)).send('GET', '/')).status).toBe(status);
    expect(slept).toEqual([]);
  });
});

describe('a request', () => {
  it('has ten seconds, or what is left of the time for all', async () => {
    const { clock } = sleptOn();
    const given: (number | undefined)[] = [];
    const http: Http = {
      request: async ({ timeoutMs }) => {
        given.push(timeoutMs);
        return { status: 200, headers: {}, body: '{}', durationMs: 1 };
      },
    };
    await clientOn(clock, http).send('GET', '/');
    await clientOn(clock, http, { deadlineMs: 4_000 }).send('GET', '/');
    expect(given).toEqual([10_000, 4_000]);
  });

  it('waits for its turn: twenty at a time where nothing else is said', async () => {
    for (const [more, expected] of [
      [{}, 20],
      [{ parallelism: 3 }, 3],
    ] as const) {
      let [open, most] = [0, 0];
      const http: Http = {
        request: async () => {
          open += 1;
          most = Math.max(most, open);
          await new Promise((resolve) => setImmediate(resolve));
          open -= 1;
          return { status: 200, headers: {}, body: '{}', durationMs: 1 };
        },
      };
      const client = clientOn(fakeClock(), http, more);
      await client.all(Array.from({ length: 60 }), () => client.send('GET', '/'));
      expect(most).toBe(expected);
    }
  });
});

describe('a list', () => {
  const listing = (body: unknown) =>
    clientOn(fakeClock(), {
      request: async () => ({ status: 200, headers: {}, body: JSON.stringify(body), durationMs: 1 }),
    }).list('/services');

  it.each([[{ data: [] }], [{ data: {} }], [{ consumers: [] }]])('may be empty as %j', async (body) => {
    expect(await listing(body)).toEqual([]);
  });

  it.each([
    [null],
    [{}],
    [{ data: 'x' }],
    [{ data: { a: 1 } }],
    [{ data: [null] }],
    [{ data: [{ name: 'x' }] }],
  ])('that is none is never taken for an empty one: %j', async (body) => {
    expect(await failure(listing(body))).toMatchObject({
      code: 'KONG_NOT_KONG',
      exitCode: 6,
      message: 'GET /services was answered with something else than a list of entities, as Kong never does',
    });
  });

  it('whose pages do not end is given up', async () => {
    expect(await failure(listing({ data: [], offset: 'a', next: '/x' }))).toMatchObject({
      code: 'KONG_NOT_KONG',
      message: expect.stringContaining('the same page again and again'),
    });
  });
});
