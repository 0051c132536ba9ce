import { describe, expect, it } from 'vitest';
import { fakeKong } from '../../fakes/fake-kong.ts';
import { PACKAGED, seed, THREE_BACKENDS } from '../../fakes/seed-run.ts';

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
