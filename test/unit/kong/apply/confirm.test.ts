import { describe, expect, it } from 'vitest';
import { EXIT } from '../../../../src/core/errors.ts';
import type { Event } from '../../../../src/core/events.ts';
import { applySeed, seedPlan } from '../../../../src/kong/seed.ts';
import { type FakeKong, type Fault, fakeKong } from '../../../fakes/fake-kong.ts';
import { declaring, failure, seed, seedInput } from '../../../fakes/seed-run.ts';

/** Somebody else writes to the same Kong between our reading and the end of our writing. */

const before = declaring(`
services:
  - name: s
    host: h
    routes: [{ name: r, paths: [/r] }, { name: gone, paths: [/gone] }]
consumers: [{ username: c, keyauth_credentials: [{ key: key-of-the-consumer }] }]`);

const after = declaring(`
services:
  - name: s
    host: other
    routes: [{ name: r, paths: [/r] }, { name: fresh, paths: [/f] }]
consumers: [{ username: c, keyauth_credentials: [{ key: key-of-the-consumer }] }]`);

/** The change from `before` to `after`; `meanwhile` is done as soon as the last write of it is answered. */
async function seedAndMeanwhile(meanwhile: (kong: FakeKong) => void) {
  const kong = fakeKong();
  await seed(kong, before);
  const input = seedInput(kong, after);
  const plan = await seedPlan(input);
  kong.forgetRequests();
  const events: Event[] = [];
  const looks: string[] = [];
  let fault: Fault | undefined;
  kong.onRequest = (write, request) => {
    if (write > 0 || kong.writes().length < plan.changes.length) return undefined;
    if (looks.length === 0) meanwhile(kong);
    looks.push(request);
    return fault;
  };
  return {
    kong,
    looks,
    events,
    breakKong: () => {
      fault = 500;
    },
    run: () => applySeed({ ...input, plan, emit: (event) => void events.push(event) }),
  };
}

const entityOf = (kong: FakeKong, collection: string, name: string) => {
  const found = kong.entities(collection).find((entity) => entity.name === name);
  if (found === undefined) throw new Error(`no ${name}`);
  return found;
};

describe('after the writes', () => {
  it('only the kinds that were written are looked at, once, and nothing where nothing was written', async () => {
    const { looks, run, kong } = await seedAndMeanwhile(() => {});
    expect(await run()).toMatchObject({ created: 1, updated: 1, deleted: 1, writes: 3 });
    expect(looks.map((request) => request.replace(/\?.*/, '')).sort()).toEqual([
      'GET /routes',
      'GET /services',
    ]);
    kong.forgetRequests();
    const input = seedInput(kong, after);
    const plan = await seedPlan(input);
    kong.forgetRequests();
    await applySeed({ ...input, plan, emit: () => {} });
    expect(kong.requests).toEqual([]);
  });

  it('what somebody else changed, took away or made again is told, and no success is claimed', async () => {
    const { run } = await seedAndMeanwhile((kong) => {
      kong.put('services', { ...entityOf(kong, 'services', 's'), host: 'theirs', retries: 1 });
      kong.remove('routes', entityOf(kong, 'routes', 'fresh').id);
    });
    expect(await failure(run())).toMatchObject({
      code: 'SEED_OVERTAKEN',
      exitCode: EXIT.partial,
      details: [
        'service s: was changed again by somebody else: retries, host',
        'route fresh: was written, and is gone or no longer tagged as ours',
      ],
    });
  });

  it('what was deleted and is there again is told', async () => {
    const kong = fakeKong();
    await seed(kong, before);
    const gone = entityOf(kong, 'routes', 'gone');
    const input = seedInput(kong, after);
    const plan = await seedPlan(input);
    kong.onRequest = (_write, request) => {
      const isThere = kong.entities('routes').some(({ id }) => id === gone.id);
      if (!isThere && request.startsWith('GET /routes')) kong.put('routes', gone);
      return undefined;
    };
    expect(await failure(applySeed({ ...input, plan, emit: () => {} }))).toMatchObject({
      code: 'SEED_OVERTAKEN',
      details: ['route gone: was deleted, and is there again'],
    });
  });

  it('what is as it was written a moment later is no cause for alarm: a name given up for an exchange, a replica that lags', async () => {
    const { run, looks, kong } = await seedAndMeanwhile(({ put, entities }) => {
      const service = entities('services')[0];
      put('services', { ...service, name: 'apictl-moving-for-a-moment' });
    });
    const meanwhile = kong.onRequest;
    kong.onRequest = (write, request) => {
      if (looks.length === 2) kong.put('services', { ...kong.entities('services')[0], name: 's' });
      return meanwhile(write, request);
    };
    expect(await run()).toMatchObject({ writes: 3 });
    expect(looks).toHaveLength(4);
  });

  it('a Kong that cannot be asked any more is a warning: everything is written', async () => {
    const { run, events, breakKong } = await seedAndMeanwhile(() => breakKong());
    expect(await run()).toMatchObject({ created: 1, updated: 1, deleted: 1 });
    expect(events).toContainEqual({
      type: 'warning',
      text: expect.stringMatching(
        /^everything is written; whether somebody else changed it .*answered with 500/,
      ),
    });
  });
});
