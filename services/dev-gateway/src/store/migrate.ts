import type { Database, Queryable } from './database.ts';
import { MIGRATIONS, type Migration, SCHEMA } from './migrations.ts';

/** Any number that no other user of the database locks: two jobs that start together run one after the other. */
const LOCK_KEY = 6_173_105;

export interface MigrationState {
  readonly isBootstrapped: boolean;
  readonly executed: readonly string[];
  /** Known to this program and not yet run. */
  readonly outstanding: readonly string[];
}

async function readState(connection: Queryable): Promise<MigrationState> {
  const found = await connection.query<{ found: boolean }>('select to_regclass($1) is not null as found', [
    `${SCHEMA}.migrations`,
  ]);
  const isBootstrapped = found.rows[0]?.found === true;
  const { rows } = isBootstrapped
    ? await connection.query<{ name: string }>(`select name from ${SCHEMA}.migrations order by name`)
    : { rows: [] };
  const executed = rows.map(({ name }) => name);
  const outstanding = MIGRATIONS.map(({ name }) => name).filter((name) => !executed.includes(name));
  return { isBootstrapped, executed, outstanding };
}

/** What was run on this database and what remains. */
export const migrationState = (database: Database): Promise<MigrationState> => readState(database);

async function run(connection: Queryable, migration: Migration): Promise<void> {
  for (const statement of migration.sql.split(';')) {
    if (statement.trim() !== '') await connection.query(statement);
  }
  await connection.query(`insert into ${SCHEMA}.migrations (name) values ($1)`, [migration.name]);
}

async function runOutstanding(connection: Queryable): Promise<readonly string[]> {
  const { outstanding } = await readState(connection);
  for (const migration of MIGRATIONS) {
    if (outstanding.includes(migration.name)) await run(connection, migration);
  }
  return outstanding;
}

const lock = (connection: Queryable) => connection.query('select pg_advisory_xact_lock($1)', [LOCK_KEY]);

/** Makes the tables in an empty database. Answers false, and changes nothing, when they are there. */
export const bootstrap = (database: Database): Promise<boolean> =>
  database.transaction(async (connection) => {
    await lock(connection);
    if ((await readState(connection)).isBootstrapped) return false;
    await connection.query(`create schema if not exists ${SCHEMA}`);
    await connection.query(
      `create table ${SCHEMA}.migrations (name text primary key, executed_at timestamptz not null default now())`,
    );
    await runOutstanding(connection);
    return true;
  });

export class NotBootstrappedError extends Error {
  override readonly name = 'NotBootstrappedError';

  constructor() {
    super('the database has no tables of the gateway yet; run "migrations bootstrap" first');
  }
}

/**
 * Runs what is new in this program, all of it or nothing.
 *
 * @returns the names of the migrations that were run
 * @throws NotBootstrappedError when the database is empty
 */
export const migrateUp = (database: Database): Promise<readonly string[]> =>
  database.transaction(async (connection) => {
    await lock(connection);
    if (!(await readState(connection)).isBootstrapped) throw new NotBootstrappedError();
    return runOutstanding(connection);
  });
