import type { Database } from '../src/store/database.ts';
import { PostgresDatabase } from '../src/store/postgres.ts';
import { PgliteDatabase } from './pglite.ts';
import { postgresPrograms, startPostgres } from './postgres.ts';

export interface TestDatabase {
  readonly database: Database;
  readonly engine: 'PostgreSQL' | 'PostgreSQL as WebAssembly';
  stop(): Promise<void>;
}

/** An empty database: PostgreSQL where it is installed, else the same SQL on its build for WebAssembly. */
export async function startDatabase(): Promise<TestDatabase> {
  if (postgresPrograms() === undefined) {
    const database = await PgliteDatabase.start();
    return { database, engine: 'PostgreSQL as WebAssembly', stop: () => database.close() };
  }
  const postgres = await startPostgres();
  const database = new PostgresDatabase(postgres.options, () => undefined);
  return {
    database,
    engine: 'PostgreSQL',
    stop: async () => {
      await database.close();
      await postgres.remove();
    },
  };
}
