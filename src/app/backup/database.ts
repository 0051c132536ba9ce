import * as z from 'zod';
import {
  countTables,
  dumpDatabase,
  dumpRoles,
  listDatabases,
  makeDatabase,
  readTables,
  restoreDatabase,
  runSql,
  serverVersion,
  withoutOwner,
} from '../../backup/database.ts';
import type { Contents, Manifest, TableFacts } from '../../backup/model.ts';
import type { OpenArchive } from '../../backup/read-archive.ts';
import type { ArchiveWriter } from '../../backup/write-archive.ts';
import { step } from '../../core/events.ts';
import type { World } from '../world.ts';

type Ports = Pick<World, 'engineData' | 'emit' | 'clock' | 'signal'>;

export const ROLES_MEMBER = 'roles.sql.age';

/** A command run to its end: what it answered. */
async function answerOf(
  world: Ports,
  id: string,
  argv: readonly string[],
  input?: AsyncIterable<Uint8Array>,
): Promise<string> {
  const options = { signal: world.signal, ...(input === undefined ? {} : { input }) };
  const pieces: Buffer[] = [];
  for await (const piece of world.engineData.run(id, argv, options).output) pieces.push(piece);
  return Buffer.concat(pieces).toString('utf8');
}

const jsonLines = (text: string): unknown[] =>
  text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line));

export async function postgresFacts(world: Ports, id: string): Promise<Manifest['postgres']> {
  const answer = z.object({ version: z.string(), number: z.int() });
  const { version, number } = answer.parse(jsonLines(await answerOf(world, id, serverVersion()))[0]);
  // Debian adds the version of its package.
  return { version: version.split(' ')[0] ?? version, major: Math.floor(number / 10_000) };
}

/** Saves every database of the server, each in a snapshot of its own, and the roles. */
export async function saveDatabases(
  world: Ports,
  id: string,
  writer: ArchiveWriter,
): Promise<Pick<Contents, 'databases' | 'roles'>> {
  const listed = jsonLines(await answerOf(world, id, listDatabases()));
  const names = listed.map((row) => z.object({ name: z.string() }).parse(row).name);
  await writer.add(ROLES_MEMBER, streamOf(await answerOf(world, id, dumpRoles())));
  const databases: Contents['databases'][number][] = [];
  for (const [index, name] of names.entries()) {
    const member = `database-${index + 1}.dump.age`;
    await step(world.emit, `save database ${name}`, world.clock.now, async () => {
      const dump = world.engineData.run(id, dumpDatabase(name), { signal: world.signal });
      await writer.add(member, dump.output);
      databases.push({ name, member, tables: readTables(name, dump.stderr()) });
    });
  }
  return { databases, roles: ROLES_MEMBER };
}

/** Restores the roles and every database into a server that was just made. */
export async function restoreDatabases(
  world: Ports,
  id: string,
  { contents, read }: OpenArchive,
): Promise<void> {
  const roles: Uint8Array[] = [];
  for await (const piece of read(contents.roles)) roles.push(piece);
  const sql = withoutOwner(Buffer.concat(roles).toString('utf8'));
  await answerOf(world, id, runSql(), streamOf(sql));
  for (const { name, member } of contents.databases) {
    await step(world.emit, `restore database ${name}`, world.clock.now, async () => {
      await answerOf(world, id, makeDatabase(name));
      await answerOf(world, id, restoreDatabase(name), read(member));
    });
  }
}

/** The tables of a database as they are now. */
export async function tablesNow(world: Ports, id: string, name: string): Promise<TableFacts[]> {
  return readTables(name, await answerOf(world, id, countTables(name)));
}

async function* streamOf(text: string): AsyncIterable<Uint8Array> {
  yield Buffer.from(text);
}
