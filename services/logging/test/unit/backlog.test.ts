import { describe, expect, it, onTestFinished } from 'vitest';
import type { Intake } from '../../src/event/model.ts';
import { encodeIntakes } from '../../src/event/wire.ts';
import { booksDifference } from '../../src/http/metrics.ts';
import { BacklogMeter } from '../../src/sink/backlog.ts';
import { EventStore } from '../../src/store/store.ts';
import { intake } from '../support/intakes.ts';
import { scratchDirectory } from '../support/scratch.ts';

const MIB = 1024 * 1024;

async function openStore(): Promise<EventStore> {
  const { store } = await EventStore.open({
    dataDir: await scratchDirectory(),
    memoryBytes: 64 * MIB,
    threads: 1,
  });
  onTestFinished(() => store.close());
  return store;
}

/** Stores events received one second after the other, from `1` on. */
async function fill(store: EventStore, from: number, through: number): Promise<readonly Intake[]> {
  const intakes = Array.from({ length: through - from + 1 }, (_, index) =>
    intake({ n: from + index }, 1_700_000_000_000_000 + (from + index) * 1_000_000),
  );
  const records = encodeIntakes(intakes).map((pieces, index) => ({
    sequence: from + index,
    payload: Buffer.concat(pieces),
  }));
  await store.take({ records, throughSequence: through, missing: 0 });
  return intakes;
}

const bytesOf = (intakes: readonly Intake[]): number =>
  intakes.reduce((sum, { content }) => sum + content.length, 0);
const receivedAt = (n: number): number => 1_700_000_000_000_000 + n * 1_000_000;
const settle = (store: EventStore, throughSequence: number) =>
  store.settleSink({ throughSequence, delivered: 0, duplicates: 0 }, []);

describe('the backlog of Elasticsearch', () => {
  it('is what was stored and not settled: it grows at its end and shrinks at its beginning', async () => {
    const store = await openStore();
    const meter = new BacklogMeter(store, 10);
    expect(await meter.measure()).toEqual({ events: 0, bytes: 0, oldestUs: undefined });
    const first = await fill(store, 1, 25);
    expect(await meter.measure()).toEqual({ events: 25, bytes: bytesOf(first), oldestUs: receivedAt(1) });
    const second = await fill(store, 26, 42);
    const all = [...first, ...second];
    expect(await meter.measure()).toEqual({ events: 42, bytes: bytesOf(all), oldestUs: receivedAt(1) });
    await settle(store, 13);
    expect(await meter.measure()).toEqual({
      events: 29,
      bytes: bytesOf(all.slice(13)),
      oldestUs: receivedAt(14),
    });
    await settle(store, 42);
    expect(await meter.measure()).toEqual({ events: 0, bytes: 0, oldestUs: undefined });
    await fill(store, 43, 44);
    expect(await meter.measure()).toMatchObject({ events: 2, oldestUs: receivedAt(43) });
  });

  it('loses what retention removes', async () => {
    const store = await openStore();
    const meter = new BacklogMeter(store, 10);
    await fill(store, 1, 45);
    await meter.measure();
    await store.expire('seq <= 27', true);
    expect(await meter.measure()).toMatchObject({ events: 18, oldestUs: receivedAt(28) });
  });

  it('is found anew after a restart', async () => {
    const store = await openStore();
    await fill(store, 1, 45);
    await settle(store, 7);
    expect(await new BacklogMeter(store, 10).measure()).toMatchObject({
      events: 38,
      oldestUs: receivedAt(8),
    });
  });
});

describe('the difference of the books', () => {
  const books = { stored: 5, duplicates: 2, quarantined: 1, deadLettered: 1, bufferEvents: 3 };

  it('is none while every accepted event is somewhere', () => {
    const accepted = new Map([
      ['kong', 7],
      ['http', 5],
    ]);
    expect(booksDifference({ ...books, accepted })).toBe(0);
  });

  it('counts what is missing, and what is there too often', () => {
    expect(booksDifference({ ...books, accepted: new Map([['kong', 14]]) })).toBe(2);
    expect(booksDifference({ ...books, accepted: new Map([['kong', 11]]) })).toBe(-1);
  });
});
