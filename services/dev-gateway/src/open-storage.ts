import type { GatewayConfig } from './config.ts';
import { awaitDatabase } from './store/await-database.ts';
import { MemoryStorage } from './store/memory-storage.ts';
import { bootstrap, migrateUp, migrationState, NotBootstrappedError } from './store/migrate.ts';
import { PostgresDatabase, type PostgresLogin } from './store/postgres.ts';
import { SqlStorage } from './store/sql-storage.ts';
import type { Storage } from './store/tables.ts';

const DATABASE_START_MS = 60_000;

export interface OpenStorage {
  readonly storage: Storage;
  /** Absent where there is no database to log in to. */
  readonly logInAs?: (login: PostgresLogin) => Promise<void>;
  close(): Promise<void>;
}

export interface OpenOptions {
  /** Makes and renews the tables, which otherwise is the work of the migrations' job. */
  readonly isSelfMigrating: boolean;
  readonly notice: (text: string) => void;
  readonly signal: AbortSignal;
}

async function requireMigrated(database: PostgresDatabase): Promise<void> {
  const { isBootstrapped, outstanding } = await migrationState(database);
  if (!isBootstrapped) throw new NotBootstrappedError();
  if (outstanding.length > 0)
    throw new Error(`the database lacks ${outstanding.join(', ')}; run "migrations up" first`);
}

/**
 * Opens what the configuration names: PostgreSQL, as soon as it answers, or this process' memory.
 *
 * @throws Error when the database does not answer in time or lacks its tables
 */
export async function openStorage({ postgres }: GatewayConfig, options: OpenOptions): Promise<OpenStorage> {
  if (postgres === undefined) return { storage: new MemoryStorage(), close: () => Promise.resolve() };
  const database = new PostgresDatabase(postgres, options.notice);
  try {
    await awaitDatabase(database, DATABASE_START_MS, options.signal);
    if (options.isSelfMigrating && !(await bootstrap(database))) await migrateUp(database);
    await requireMigrated(database);
  } catch (error) {
    await database.close();
    throw error;
  }
  const { host, port, user, database: name } = postgres;
  const description = { pg_host: host, pg_port: port, pg_user: user, pg_database: name };
  return {
    storage: new SqlStorage(database, description),
    logInAs: (login) => database.logInAs(login),
    close: () => database.close(),
  };
}
