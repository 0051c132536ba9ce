import { ApictlError, EXIT } from '../../core/errors.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Engine } from '../../core/ports/engine.ts';
import type { Random } from '../../core/ports/random.ts';
import { Secret } from '../../core/secret.ts';
import type { LoginDoor } from '../door.ts';
import { scramVerifier } from './scram.ts';

export interface PostgresAccess {
  readonly engine: Pick<Engine, 'exec'>;
  readonly clock: Clock;
  readonly random: Random;
  /** Container of the server. */
  readonly postgresId: string;
  /** Container of the gateway that is connected to it; null where none runs. */
  readonly gatewayId: string | null;
  readonly role: string;
}

const DATABASE = 'kong';
const EXEC_MS = 30_000;
const RELOAD_MS = 60_000;
const SALT_BYTES = 16;
const LOOK_AGAIN_MS = 500;
/** Kong asks its database for news every few seconds, so its new workers have connected by then. */
const TAKEN_OVER_MS = 30_000;
const GIVEN_BACK_MS = 20_000;

/** In a container that may be asked for its process list: the value comes by standard input, a line of its own. */
const LOG_IN = `IFS= read -r PGPASSWORD; export PGPASSWORD
exec psql --no-psqlrc --no-password --quiet --tuples-only --host=postgres --username="$1" --dbname="$2" --command='select 1'`;

/** Kong's own command where the container has it; the development gateway's, which does the same, where not. */
const RELOAD = `IFS= read -r KONG_PG_PASSWORD; export KONG_PG_PASSWORD KONG_PG_USER="$1"
unset KONG_PG_PASSWORD_FILE
if command -v kong >/dev/null; then exec kong reload; fi
exec node /app/main.mjs reload`;

/**
 * A role has one password, so between a new one and the gateway's reload every new connection of the gateway would be refused.
 * Therefore it connects through a second role meanwhile, which acts as the first: docs/adr/0005.
 */
export function postgresDoor(access: PostgresAccess): LoginDoor {
  const { role, gatewayId } = access;
  const meanwhile = `${role}_rotation`;
  const passwordOf = (value: Secret): string => `'${scramVerifier(value, access.random.bytes(SALT_BYTES))}'`;
  const setPassword = (value: Secret) => sql(access, `ALTER ROLE ${role} PASSWORD ${passwordOf(value)};`);

  const giveBack = async (value: Secret): Promise<void> => {
    const isThere = await sql(access, `SELECT 1 FROM pg_roles WHERE rolname = '${meanwhile}';`);
    if (isThere === '') return;
    if (gatewayId !== null) {
      await reload(access, gatewayId, role, value);
      // A connection that outlives it goes on as the first role; it only could not be made anew.
      await sessions(access, meanwhile, 'none', GIVEN_BACK_MS);
    }
    await sql(access, `DROP ROLE IF EXISTS ${meanwhile};`);
  };

  return {
    opens: (value) => logIn(access, value),
    holding: {
      admit: async (_current, next) => {
        if (gatewayId !== null) {
          await sql(access, meanwhileRole(meanwhile, role, passwordOf(next)));
          await reload(access, gatewayId, meanwhile, next);
          if (!(await sessions(access, meanwhile, 'some', TAKEN_OVER_MS))) {
            throw unusable(`the gateway did not connect to PostgreSQL as ${meanwhile}`);
          }
        }
        await setPassword(next);
      },
      retire: giveBack,
      undo: async (current) => {
        await setPassword(current);
        await giveBack(current);
      },
    },
  };
}

/** What it makes and may do is the first role's. */
const meanwhileRole = (name: string, role: string, password: string): string => `
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '${name}') THEN CREATE ROLE ${name}; END IF;
END $$;
ALTER ROLE ${name} LOGIN PASSWORD ${password};
GRANT ${role} TO ${name};
ALTER ROLE ${name} SET role = '${role}';
`;

/** Over the server's own socket, which needs no password. */
async function sql({ engine, postgresId, role }: PostgresAccess, statements: string): Promise<string> {
  const argv = [
    ...['psql', '--no-psqlrc', '--quiet', '--tuples-only', '--no-align', '--single-transaction'],
    // Terse: the statement is not repeated in an error.
    ...['--set=ON_ERROR_STOP=1', '--set=VERBOSITY=terse'],
    ...[`--username=${role}`, `--dbname=${DATABASE}`, '--file=-'],
  ];
  const input = new Secret(`${statements}\n`);
  const { exitCode, output } = await engine.exec(postgresId, argv, EXEC_MS, undefined, input);
  if (exitCode !== 0) throw unusable(`PostgreSQL refused a statement: ${output}`);
  return output.trim();
}

async function logIn({ engine, postgresId, role }: PostgresAccess, value: Secret): Promise<boolean> {
  const argv = ['sh', '-c', LOG_IN, 'sh', role, DATABASE];
  const input = new Secret(`${value.reveal()}\n`);
  const { exitCode, output } = await engine.exec(postgresId, argv, EXEC_MS, undefined, input);
  if (exitCode === 0) return true;
  if (output.includes('authentication failed')) return false;
  throw unusable(`a login at PostgreSQL could not be tried: ${output}`);
}

async function reload(access: PostgresAccess, id: string, user: string, value: Secret): Promise<void> {
  const input = new Secret(`${value.reveal()}\n`);
  const argv = ['bash', '-ec', RELOAD, 'bash', user];
  const { exitCode, output } = await access.engine.exec(id, argv, RELOAD_MS, undefined, input);
  if (exitCode !== 0) throw unusable(`the gateway did not take its new login: ${output}`);
}

/** Twice the same, because the command that reloads connects for a moment itself. Says whether it came to that. */
async function sessions(
  access: PostgresAccess,
  role: string,
  wanted: 'some' | 'none',
  withinMs: number,
): Promise<boolean> {
  const deadlineMs = access.clock.now() + withinMs;
  for (let inARow = 0; ; ) {
    const found = await sql(access, `SELECT 1 FROM pg_stat_activity WHERE usename = '${role}' LIMIT 1;`);
    inARow = (found === '') === (wanted === 'none') ? inARow + 1 : 0;
    if (inARow === 2) return true;
    if (access.clock.now() >= deadlineMs) return false;
    await access.clock.sleep(LOOK_AGAIN_MS);
  }
}

const unusable = (message: string): ApictlError =>
  new ApictlError({
    code: 'SECRET_DOOR_FAILED',
    exitCode: EXIT.unhealthy,
    message,
    object: 'service postgres',
    hint: 'See "apictl logs postgres kong".',
  });
