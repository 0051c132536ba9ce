import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect, it } from 'vitest';
import { isInvalidated } from '../../src/store/errors.ts';
import { EventStore } from '../../src/store/store.ts';
import { scratchDirectory } from '../support/scratch.ts';

const LONG = 'SELECT sum(hash(range)) FROM range(100000000000)';

async function failureOf(work: () => Promise<unknown>): Promise<unknown> {
  try {
    await work();
  } catch (error) {
    return error;
  }
  throw new Error('it did not fail');
}

describe('a store', () => {
  it('that could not be opened again is known by its errors, so that it is tried once more', async () => {
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    connection.closeSync();
    expect(isInvalidated(await failureOf(() => connection.run('BEGIN')))).toBe(true);
    instance.closeSync();
    expect(isInvalidated(await failureOf(() => instance.connect()))).toBe(true);
  });

  it.each(['close', 'reopen'] as const)('breaks off what is being read before %s', async (method) => {
    const dataDir = await scratchDirectory();
    const { store } = await EventStore.open({ dataDir, memoryBytes: 64 * 2 ** 20, threads: 2 });
    const asked = Promise.allSettled([1, 2, 3].map(() => store.query(LONG, [], 600_000)));
    await store[method]();
    expect((await asked).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    if (method === 'reopen') {
      expect(await store.query('SELECT 1 AS one', [], 60_000)).toEqual([{ one: 1 }]);
      await store.close();
    }
    expect(String(await failureOf(() => store.query('SELECT 1', [], 60_000)))).toContain('closed');
  });
});
