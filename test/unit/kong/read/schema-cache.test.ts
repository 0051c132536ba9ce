import { describe, expect, it } from 'vitest';
import { adminClient } from '../../../../src/kong/admin/client.ts';
import { readSchemas } from '../../../../src/kong/read/schemas.ts';
import { fakeClock } from '../../../fakes/fake-clock.ts';
import { fakeKong } from '../../../fakes/fake-kong.ts';
import { failure, PACKAGED, seed, THREE_BACKENDS } from '../../../fakes/seed-run.ts';

function memoryCache() {
  const kept = new Map<string, string>();
  return {
    kept,
    read: async (name: string) => kept.get(name) ?? null,
    write: async (name: string, text: string) => {
      kept.set(name, text);
    },
  };
}

const schemaReads = (kong: ReturnType<typeof fakeKong>) =>
  kong.requests.filter((request) => request.startsWith('GET /schemas/')).length;

describe('the cache of Kong’s schemas', () => {
  it('saves asking for them again', async () => {
    const kong = fakeKong();
    const schemaCache = memoryCache();
    await seed(kong, PACKAGED, { stack: THREE_BACKENDS, schemaCache });
    expect(schemaReads(kong)).toBeGreaterThan(5);
    kong.forgetRequests();
    const { plan } = await seed(kong, PACKAGED, { stack: THREE_BACKENDS, schemaCache });
    expect(schemaReads(kong)).toBe(0);
    expect(plan.changes).toEqual([]);
  });

  it('is another one for another version', async () => {
    const kong = fakeKong();
    const schemaCache = memoryCache();
    await seed(kong, PACKAGED, { stack: THREE_BACKENDS, schemaCache });
    kong.root = { ...(kong.root as object), version: '3.9.0' };
    kong.forgetRequests();
    await seed(kong, PACKAGED, { stack: THREE_BACKENDS, schemaCache });
    expect(schemaReads(kong)).toBeGreaterThan(5);
    expect(schemaCache.kept.size).toBe(2);
  });

  it('that is damaged or fails is as good as none', async () => {
    const kong = fakeKong();
    const broken = {
      read: async () => '{"kind route": 5',
      write: async () => Promise.reject(new Error('full')),
    };
    const { plan } = await seed(kong, PACKAGED, { stack: THREE_BACKENDS, schemaCache: broken });
    expect(plan.changes.length).toBeGreaterThan(10);
    const failing = { read: async () => Promise.reject(new Error('gone')), write: async () => {} };
    expect(
      (await seed(kong, PACKAGED, { stack: THREE_BACKENDS, schemaCache: failing })).plan.changes,
    ).toEqual([]);
  });
});

describe('a schema', () => {
  const reading = (text: string) =>
    readSchemas(
      adminClient({
        http: { request: async () => ({ status: 200, headers: {}, body: text, durationMs: 1 }) },
        clock: fakeClock(),
        admin: { url: 'http://kong.test' },
      }),
      { fingerprint: 'f' },
      { kinds: ['service'], plugins: [], vaults: [] },
    );

  it('may have empty lists as empty maps, as Kong writes them', async () => {
    const text = '{"fields":[{"config":{"type":"record","fields":{},"shorthand_fields":{}}}]}';
    expect((await reading(text)).kinds.service).toEqual(JSON.parse(text));
  });

  it.each([
    '{"fields":[null]}',
    '{"fields":[{"name":null}]}',
    '{"fields":"x"}',
    '[]',
    `{"fields":${'[{"a":{"type":"record","fields":'.repeat(1000)}[]${'}}]'.repeat(1000)}}`,
  ])('that is none is told, whatever it is', async (text) => {
    expect(await failure(reading(text))).toMatchObject({ code: 'KONG_NOT_KONG', exitCode: 6 });
  });
});
