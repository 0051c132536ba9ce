import * as z from 'zod';
import { ApictlError, EXIT } from '../core/errors.ts';
import type { TableFacts } from './model.ts';

/** What is typed into the database's container. Pure: texts in, argv out, and the answers read. */

/** The superuser, and the database that Kong uses. */
export const OWNER = 'kong';

/** So that a row's text is the same in every session. */
const SETTINGS = [
  "SET DateStyle = 'ISO, YMD'",
  "SET IntervalStyle = 'postgres'",
  "SET TimeZone = 'UTC'",
  'SET extra_float_digits = 1',
  "SET bytea_output = 'hex'",
];

/** A query that makes one query for each table: its name, its rows, the sum of their hashes, as a line of JSON. */
const COUNT_TABLES = String.raw`
SELECT format(
  'SELECT json_build_object(''table'', %L::text, ''rows'', count(*), ''checksum'', coalesce(sum(hashtextextended(t::text, 0)::numeric), 0)::text) FROM ONLY %I.%I t',
  n.nspname || '.' || c.relname, n.nspname, c.relname)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND c.relpersistence <> 't'
  AND n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema'
ORDER BY 1 \gexec`;

const PSQL = ['psql', '-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-U', OWNER];

/** Every database that can hold data, as lines of JSON. */
export const listDatabases = (): string[] => [
  ...PSQL,
  '-d',
  OWNER,
  '-c',
  "SELECT json_build_object('name', datname) FROM pg_database WHERE datallowconn AND NOT datistemplate ORDER BY datname",
];

export const serverVersion = (): string[] => [
  ...PSQL,
  '-d',
  OWNER,
  '-c',
  "SELECT json_build_object('version', current_setting('server_version'), 'number', current_setting('server_version_num')::int)",
];

/** Roles without their databases. Their passwords are in it as hashes, so it is a secret. */
export const dumpRoles = (): string[] => ['pg_dumpall', '-U', OWNER, '-l', OWNER, '--roles-only'];

/**
 * Dumps a database to standard output and counts its tables on standard error, both in one snapshot, side by side: what others
 * write meanwhile is in neither. The name comes as an argument, so nothing in it is taken for a command.
 */
export const dumpDatabase = (name: string): string[] => ['sh', '-ec', DUMP, 'dump', name];

const DUMP = `
export DATABASE="$1"
psql -X -q -A -t -v ON_ERROR_STOP=1 -U ${OWNER} -d "$1" <<'END'
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
${SETTINGS.map((setting) => `${setting};`).join('\n')}
SELECT pg_export_snapshot() AS snapshot \\gset
\\setenv SNAPSHOT :snapshot
\\o |(pg_dump -U ${OWNER} -Fc --lock-wait-timeout=60s --snapshot="$SNAPSHOT" "$DATABASE" </dev/null || echo 'dump failed' >&2) & cat >&2; wait
${COUNT_TABLES}
\\o
COMMIT;
END
`;

/** Counts the tables of a database. */
export const countTables = (name: string): string[] => ['sh', '-ec', COUNT, 'count', name];

const COUNT = `
psql -X -q -A -t -v ON_ERROR_STOP=1 -U ${OWNER} -d "$1" <<'END'
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
${SETTINGS.map((setting) => `${setting};`).join('\n')}
${COUNT_TABLES}
COMMIT;
END
`;

/** Runs SQL from standard input. */
export const runSql = (): string[] => [...PSQL, '-d', OWNER];

/** Makes a database where there is none of that name. */
export const makeDatabase = (name: string): string[] => ['sh', '-ec', MAKE, 'make', name];

const MAKE = `
psql -X -q -v ON_ERROR_STOP=1 -U ${OWNER} -d ${OWNER} -v name="$1" <<'END'
SELECT format('CREATE DATABASE %I', :'name') WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'name') \\gexec
END
`;

/** Restores a dump from standard input, all of it or nothing. */
export const restoreDatabase = (name: string): string[] => [
  'pg_restore',
  '-U',
  OWNER,
  '-d',
  name,
  '--exit-on-error',
  '--single-transaction',
];

const lineSchema = z.object({ table: z.string(), rows: z.int(), checksum: z.string() });

/** The lines of a count, among which stands what else was said. @throws ApictlError DUMP_FAILED (5) */
export function readTables(database: string, lines: string): TableFacts[] {
  const said: string[] = [];
  const tables = lines.split('\n').flatMap((line) => {
    const facts = parsed(line);
    if (facts !== null) return [facts];
    if (line.trim() !== '') said.push(line.trim());
    return [];
  });
  if (said.includes('dump failed')) {
    throw new ApictlError({
      code: 'DUMP_FAILED',
      exitCode: EXIT.engine,
      message: `pg_dump could not dump the database "${database}"`,
      object: `database ${database}`,
      details: said.filter((line) => line !== 'dump failed').slice(-20),
      hint: 'No backup was made; older ones are as they were.',
    });
  }
  return tables;
}

function parsed(line: string): TableFacts | null {
  if (!line.startsWith('{')) return null;
  try {
    return lineSchema.parse(JSON.parse(line));
  } catch {
    return null;
  }
}

/**
 * What makes the other roles. The owner is there already, and its password is that of the secret: that of a dump could be an
 * older one.
 */
export const withoutOwner = (roles: string): string =>
  roles
    .split('\n')
    .filter((line) => !new RegExp(`^(CREATE|ALTER) ROLE ${OWNER}\\b`).test(line))
    .join('\n');
