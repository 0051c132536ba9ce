import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { OpenStore } from '../../src/store/port.ts';
import { EventStore } from '../../src/store/store.ts';
import { ask, everythingStored, post, runningService, scratchDirectory, until } from '../support/scratch.ts';
import { withResolvers } from '../support/with-resolvers.ts';

/** A store that takes nothing until it is let go. */
function heldStore(): { readonly open: OpenStore; readonly letGo: () => void } {
  const { promise: held, resolve: letGo } = withResolvers();
  const open: OpenStore = async (options) => {
    const opened = await EventStore.open(options);
    const take = opened.store.take.bind(opened.store);
    opened.store.take = async (stretch) => {
      await held;
      return take(stretch);
    };
    return opened;
  };
  return { open, letGo };
}

describe('a full buffer', () => {
  it('answers 429 with Retry-After, says so, gives up nothing that it took, and goes on once there is room', async () => {
    const store = heldStore();
    const small = { LOGGING_BUFFER_SIZE: '256KiB', LOGGING_SEGMENT_SIZE: '16KiB' };
    const service = await runningService(await scratchDirectory(), small, store.open);
    onTestFinished(store.letGo);
    const send = (n: number) =>
      post(
        `${service.ingestUrl}/v1/events`,
        JSON.stringify({ message: `m ${n}`, filler: 'x'.repeat(10_000) }),
      );
    let taken = 0;
    let answer = await send(taken);
    for (; answer.status === 202; answer = await send(taken)) taken += 1;

    expect(answer.status).toBe(429);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(answer.json.error.code).toBe('BUFFER_FULL');
    expect((await fetch(`${service.ingestUrl}/readyz`)).status).toBe(503);
    const metrics = await (await fetch(`${service.ingestUrl}/metrics`)).text();
    expect(metrics).toContain('logging_errors_total{kind="buffer_full"} 1');
    expect(metrics).toContain('logging_books_difference 0');

    store.letGo();
    await everythingStored(service);
    expect(service.pipeline.readings).toMatchObject({ stored: taken, duplicates: 0, bufferEvents: 0 });
    await until('ready again', async () => (await fetch(`${service.ingestUrl}/readyz`)).ok);
    expect((await send(taken)).status).toBe(202);
  });
});

describe('a store that is no database any more', () => {
  it('is put aside and begun anew with what the buffer still holds; what comes in is taken', async () => {
    const root = await scratchDirectory();
    const first = await runningService(root);
    await post(`${first.ingestUrl}/v1/events`, '{"message":"before"}');
    await everythingStored(first);
    await first.stop();
    await writeFile(join(root, 'data', 'store.duckdb'), 'this was a database once\n'.repeat(1000));

    const second = await runningService(root);
    expect((await post(`${second.ingestUrl}/v1/events`, '{"message":"after"}')).status).toBe(202);
    await everythingStored(second);
    expect((await ask(second, '/api/v1/events')).json.events).toMatchObject([
      { body: 'after' },
      { body: 'before' },
    ]);
    expect((await readdir(join(root, 'data'))).filter((name) => name.includes('unreadable'))).toHaveLength(1);
    expect((await ask(second, '/api/v1/pipeline')).json).toMatchObject({ accepted: 2, stored: 2 });
  });
});
