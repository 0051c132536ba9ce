import { describe, expect, it } from 'vitest';
import { RecentIds } from '../../src/store/recent-ids.ts';
import { everythingStored, post, runningService, scratchDirectory } from '../support/scratch.ts';

const lines = (from: number, count: number): string =>
  Array.from({ length: count }, (_, index) =>
    JSON.stringify({ time: Date.UTC(2026, 10, 23) + from + index, message: `m ${from + index}` }),
  ).join('\n');

describe('an event that is sent again', () => {
  it('is stored once: within a run, after a restart, and when only part of its batch is known', async () => {
    const root = await scratchDirectory();
    const first = await runningService(root);
    const send = (service: typeof first, body: string) => post(`${service.ingestUrl}/v1/events`, body);
    await send(first, lines(0, 300));
    await everythingStored(first);
    await send(first, lines(0, 300));
    await everythingStored(first);
    expect(first.pipeline.readings).toMatchObject({ stored: 300, duplicates: 300 });
    await first.stop();

    const second = await runningService(root);
    await send(second, lines(200, 200));
    await everythingStored(second);
    expect(second.pipeline.readings).toMatchObject({ stored: 400, duplicates: 400 });
    // Newer than everything before, so the store is not asked; then older than what is known, so it is.
    await send(second, lines(1000, 50));
    await send(second, lines(1020, 50));
    await send(second, lines(100, 50));
    await everythingStored(second);
    expect(second.pipeline.readings).toMatchObject({ stored: 470, duplicates: 480 });
  });

  it('is two events where it stands twice in one batch, and the batch sent again is the same two', async () => {
    const service = await runningService(await scratchDirectory());
    const body = `${lines(0, 3)}\n${lines(0, 3)}\n${lines(1, 1)}`;
    await post(`${service.ingestUrl}/v1/events`, body);
    await post(`${service.ingestUrl}/v1/events`, body);
    await everythingStored(service);
    expect(service.pipeline.readings).toMatchObject({ stored: 7, duplicates: 7 });
  });

  it('is an event of its own where nothing tells it from the first', async () => {
    const service = await runningService(await scratchDirectory());
    const body = '{"message":"no time"}';
    await post(`${service.ingestUrl}/v1/events`, body);
    await post(`${service.ingestUrl}/v1/events`, body);
    await everythingStored(service);
    expect(service.pipeline.readings).toMatchObject({ stored: 2, duplicates: 0 });
  });
});

describe('the memory of recent ids', () => {
  const id = (n: number): string =>
    ((BigInt(n) * 0x9e3779b97f4a7c15n) & (2n ** 64n - 1n)).toString(16).padStart(16, '0');

  it('never calls new what was added, however much came after it', () => {
    const recent = new RecentIds(Number.NEGATIVE_INFINITY, 100);
    for (let n = 0; n < 1000; n += 1) {
      recent.add(id(n), n);
      for (let known = 0; known <= n; known += 37) expect(recent.isNew(id(known), known)).toBe(false);
    }
  });

  it('calls nearly everything new that is newer than what it has forgotten', () => {
    const recent = new RecentIds(0, 10_000);
    for (let n = 0; n < 15_000; n += 1) recent.add(id(n), n + 1);
    const asked = Array.from({ length: 10_000 }, (_, index) => id(1_000_000 + index));
    expect(asked.filter((one) => recent.isNew(one, 20_000)).length).toBeGreaterThan(9_900);
  });

  it('leaves to the store what is as old as something it never saw', () => {
    const recent = new RecentIds(500);
    expect(recent.isNew(id(1), 500)).toBe(false);
    expect(recent.isNew(id(1), 501)).toBe(true);
  });
});
