/** The measure of the gateway: recordings of Kong 3.8.1, played step by step from an empty gateway. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/store/database.ts';
import { PostgresDatabase } from '../../src/store/postgres.ts';
import { rsaPair } from '../certificates.ts';
import { addressOf, startTestGateway } from '../gateway.ts';
import { PgliteDatabase } from '../pglite.ts';
import { postgresPrograms, startPostgres, type TestPostgres } from '../postgres.ts';
import { readTape, tapeNames } from './tape.ts';
import { playTape, type StepResult } from './tape-player.ts';

interface Agreement {
  /** How many steps agree; it may only grow. */
  readonly agree: number;
  /** The steps that are known to differ, and why. */
  readonly differing: Readonly<Record<string, string>>;
}

const agreements: Readonly<Record<string, Agreement>> = JSON.parse(
  readFileSync(new URL('tape-agreement.json', import.meta.url), 'utf8'),
);

const summary: string[] = [];

const explain = (results: readonly StepResult[]): string[] =>
  results.flatMap(({ step, title, differences }) =>
    differences.map((difference) => `step ${step} (${title}): ${difference}`),
  );

let postgres: TestPostgres | undefined;
let database: Database;
let variables: Readonly<Record<string, string>>;

beforeAll(async () => {
  // Where PostgreSQL is not installed the same SQL runs on its build for WebAssembly.
  postgres = postgresPrograms() === undefined ? undefined : await startPostgres();
  database =
    postgres === undefined
      ? await PgliteDatabase.start()
      : new PostgresDatabase(postgres.options, () => undefined);
  const [first, second] = await Promise.all([rsaPair('first.test'), rsaPair('second.test')]);
  variables = { cert1: first.cert, key1: first.key, cert2: second.cert, key2: second.key };
});

afterAll(async () => {
  await database?.close();
  await postgres?.remove();
  const engine = postgres === undefined ? 'PostgreSQL as WebAssembly' : 'PostgreSQL';
  console.log([`steps that agree with Kong 3.8.1, on ${engine}:`, ...summary].join('\n'));
});

describe('the gateway answers as Kong 3.8.1 was recorded', () => {
  it.each(tapeNames())('in the scenario %s', async (name) => {
    const tape = readTape(name);
    const known = agreements[name] ?? { agree: 0, differing: {} };
    const gateway = await startTestGateway(database);
    try {
      const addresses = { admin: addressOf(gateway.admin), proxy: undefined };
      const results = await playTape(tape, addresses, async () => undefined, variables);
      const differing = results.filter(({ differences }) => differences.length > 0);
      const agree = results.length - differing.length;
      summary.push(`  ${name.padEnd(18)} ${String(agree).padStart(3)} of ${results.length}`);
      const unexpected = differing.filter(({ step }) => known.differing[step] === undefined);
      expect(explain(unexpected)).toEqual([]);
      expect(agree, 'lower than it was before').toBeGreaterThanOrEqual(known.agree);
      const mended = Object.keys(known.differing).filter((step) => !differing.some((found) => String(found.step) === step));
      expect(mended, 'these steps agree now: take them out of tape-agreement.json').toEqual([]);
    } finally {
      await gateway.stop();
    }
  });
});
