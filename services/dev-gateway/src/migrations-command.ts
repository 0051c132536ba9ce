import type { Database } from './store/database.ts';
import { bootstrap, migrateUp, migrationState, NotBootstrappedError } from './store/migrate.ts';

/** Exit codes of `migrations list`, which scripts tell the states of a database apart by. */
const NEEDS_BOOTSTRAP = 3;
const NEW_MIGRATIONS = 5;

type Print = (line: string) => void;

async function list(database: Database, print: Print): Promise<number> {
  const { isBootstrapped, executed, outstanding } = await migrationState(database);
  if (!isBootstrapped) {
    print('Database needs bootstrapping; run "migrations bootstrap"');
    return NEEDS_BOOTSTRAP;
  }
  print(`Executed migrations: ${executed.join(', ')}`);
  if (outstanding.length === 0) return 0;
  print(`New migrations available: ${outstanding.join(', ')}; run "migrations up"`);
  return NEW_MIGRATIONS;
}

async function up(database: Database, print: Print): Promise<number> {
  const executed = await migrateUp(database);
  print(
    executed.length === 0 ? 'Database is already up-to-date' : `Executed migrations: ${executed.join(', ')}`,
  );
  return 0;
}

/** No migration of this gateway has a second half; what `up` did is complete. */
async function finish(database: Database, print: Print): Promise<number> {
  const { isBootstrapped, outstanding } = await migrationState(database);
  if (!isBootstrapped) throw new NotBootstrappedError();
  print(
    outstanding.length === 0
      ? 'No pending migrations to finish'
      : 'New migrations available; run "migrations up"',
  );
  return outstanding.length === 0 ? 0 : NEW_MIGRATIONS;
}

/**
 * Runs `migrations bootstrap|up|finish|list`; each may be run any number of times.
 *
 * @returns the exit code
 * @throws NotBootstrappedError when `up` or `finish` meets an empty database
 */
export async function runMigrations(action: string, database: Database, print: Print): Promise<number> {
  switch (action) {
    case 'bootstrap':
      print((await bootstrap(database)) ? 'Database is bootstrapped' : 'Database already bootstrapped');
      return 0;
    case 'up':
      return up(database, print);
    case 'finish':
      return finish(database, print);
    case 'list':
      return list(database, print);
    default:
      throw new Error(`unknown action "${action}"; use bootstrap, up, finish or list`);
  }
}
