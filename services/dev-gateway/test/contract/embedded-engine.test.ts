/** The SQL also runs on PostgreSQL for WebAssembly, so that these tests mean something where no PostgreSQL is installed. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { addressOf, startTestGateway } from '../gateway.ts';
import { PgliteDatabase } from '../pglite.ts';
import { readTape } from './tape.ts';
import { playTape } from './tape-player.ts';

let database: PgliteDatabase;

beforeAll(async () => {
  database = await PgliteDatabase.start();
});

afterAll(async () => {
  await database?.close();
});

it.each(['services', 'lists', 'consumers'])('plays the scenario %s as PostgreSQL does', async (name) => {
  const gateway = await startTestGateway(database);
  try {
    const addresses = { admin: addressOf(gateway.admin), proxy: addressOf(gateway.proxy.listeners) };
    const results = await playTape(readTape(name), addresses, async () => undefined, {});
    expect(results.filter(({ differences }) => differences.length > 0)).toEqual([]);
  } finally {
    await gateway.stop();
  }
});
