/** The measure of the gateway: recordings of Kong 3.8.1, played step by step from an empty gateway. All of them agree. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rsaPair } from '../certificates.ts';
import { startDatabase, type TestDatabase } from '../database.ts';
import { type EchoServer, startEchoServer } from '../echo-server.ts';
import { addressOf, startTestGateway, untilSettled } from '../gateway.ts';
import { readTape, tapeNames } from './tape.ts';
import { playTape, type StepResult } from './tape-player.ts';

/** What the recorded Kong was set to, where it shows. */
const RECORDED = { KONG_NGINX_WORKER_PROCESSES: '2' };

let steps = 0;

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
});

describe.each(['database', 'memory'] as const)(
  'the gateway answers as Kong 3.8.1 was recorded, with its entities in a %s',
  (kind) => {
    it.each(tapeNames())('in the scenario %s', async (name) => {
      const tape = readTape(name, ports);
      const gateway = await startTestGateway(kind === 'memory' ? undefined : database.database, RECORDED);
      try {
        const addresses = { admin: addressOf(gateway.admin), proxy: addressOf(gateway.proxy.listeners) };
        const results = await playTape(tape, addresses, () => untilSettled(gateway), variables);
        steps += results.length;
        expect(explain(results)).toEqual([]);
      } finally {
        await gateway.stop();
      }
    });
  },
);

it('no step of any recording is left out', () => {
  const recorded = tapeNames().flatMap((name) => readTape(name).steps);
  expect(recorded).toHaveLength(330);
  expect(steps).toBe(2 * recorded.length);
});
