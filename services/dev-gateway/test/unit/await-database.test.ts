import { expect, it } from 'vitest';
import { awaitDatabase } from '../../src/store/await-database.ts';
import type { Database } from '../../src/store/database.ts';

/** A database that fails with these errors, one after the other, and then answers. */
function failingWith(...errors: readonly unknown[]) {
  const left = [...errors];
  let asked = 0;
  const reach = async () => {
    asked += 1;
    if (left.length > 0) throw left.shift();
  };
  return { database: { reach } as Pick<Database, 'reach'>, asked: () => asked };
}

const withCode = (code: string, message: string) => Object.assign(new Error(message), { code });
const never = new AbortController().signal;

it.each([
  ['28P01', 'password authentication failed for user "kong"'],
  ['28000', 'role "kong" does not exist'],
  ['3D000', 'database "kong" does not exist'],
])('a refusal (%s) ends the waiting at once, with what PostgreSQL said', async (code, message) => {
  const { database, asked } = failingWith(withCode(code, message));
  await expect(awaitDatabase(database, 60_000, never)).rejects.toThrow(
    `PostgreSQL refuses this gateway: ${message}`,
  );
  expect(asked()).toBe(1);
});

it('a database that starts, or is not there yet, is asked again', async () => {
  const { database, asked } = failingWith(
    withCode('ECONNREFUSED', 'connect ECONNREFUSED'),
    withCode('57P03', 'the database system is starting up'),
  );
  await awaitDatabase(database, 60_000, never);
  expect(asked()).toBe(3);
});

it('a database that never answers is told after the time is over', async () => {
  const { database } = failingWith(new Error('timeout'), new Error('timeout'));
  await expect(awaitDatabase(database, 0, never)).rejects.toThrow('PostgreSQL did not answer within 0 s');
});
