/** The measure of the gateway: recordings of Kong 3.8.1, played step by step from an empty gateway. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rsaPair } from '../certificates.ts';
import { startDatabase, type TestDatabase } from '../database.ts';
import { type EchoServer, startEchoServer } from '../echo-server.ts';
import { addressOf, startTestGateway, untilSettled } from '../gateway.ts';
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

let database: TestDatabase;
let echoes: readonly EchoServer[] = [];
let ports: ReadonlyMap<number, number>;
let variables: Readonly<Record<string, string>>;

beforeAll(async () => {
  database = await startDatabase();
  echoes = await Promise.all(['echo-1', 'echo-2', 'echo-3'].map(startEchoServer));
  // Nothing listens where the recording's dead service was; a port that was just given back is such a place.
  const dead = await startEchoServer('dead');
  await dead.close();
  ports = new Map([...echoes.map(({ port }, index) => [19_201 + index, port] as const), [19_299, dead.port]]);
  const [first, second] = await Promise.all([rsaPair('first.test'), rsaPair('second.test')]);
  variables = { cert1: first.cert, key1: first.key, cert2: second.cert, key2: second.key };
});

afterAll(async () => {
  await Promise.all(echoes.map((echo) => echo.close()));
  await database?.stop();
  process.stdout.write(
    `${[`steps that agree with Kong 3.8.1, on ${database?.engine}:`, ...summary].join('\n')}\n`,
  );
});

describe.each(['database', 'memory'] as const)(
  'the gateway answers as Kong 3.8.1 was recorded, with its entities in a %s',
  (kind) => {
    it.each(tapeNames())('in the scenario %s', async (name) => {
      const tape = readTape(name, ports);
      const known = agreements[name] ?? { agree: 0, differing: {} };
      const gateway = await startTestGateway(kind === 'memory' ? undefined : database.database);
      try {
        const addresses = { admin: addressOf(gateway.admin), proxy: addressOf(gateway.proxy.listeners) };
        const results = await playTape(tape, addresses, () => untilSettled(gateway), variables);
        const differing = results.filter(({ differences }) => differences.length > 0);
        const agree = results.length - differing.length;
        summary.push(
          `  ${kind.padEnd(9)} ${name.padEnd(18)} ${String(agree).padStart(3)} of ${results.length}`,
        );
        const unexpected = differing.filter(({ step }) => known.differing[step] === undefined);
        expect(explain(unexpected)).toEqual([]);
        expect(agree, 'lower than it was before').toBeGreaterThanOrEqual(known.agree);
        const mended = Object.keys(known.differing).filter(
          (step) => !differing.some((found) => String(found.step) === step),
        );
        expect(mended, 'these steps agree now: take them out of tape-agreement.json').toEqual([]);
      } finally {
        await gateway.stop();
      }
    });
  },
);
