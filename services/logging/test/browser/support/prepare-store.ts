/** What a service finds in its store when it opens it. */
import type { DuckDBConnection } from '@duckdb/node-api';
import { openEngine } from '../../../src/store/engine.ts';
import { EventStore } from '../../../src/store/store.ts';

export async function prepareStore(
  dataDir: string,
  fill: (connection: DuckDBConnection) => Promise<void>,
): Promise<void> {
  const options = { dataDir, memoryBytes: 512 * 2 ** 20, threads: 2 };
  // This makes the tables.
  await (await EventStore.open(options)).store.close();
  const engine = await openEngine(options);
  const connection = await engine.connect();
  try {
    await fill(connection);
  } finally {
    connection.closeSync();
    engine.close();
  }
}
