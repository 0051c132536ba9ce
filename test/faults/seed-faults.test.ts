import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHttp, type HttpAdapter } from '../../src/adapters/http.ts';
import { ApictlError } from '../../src/core/errors.ts';
import type { Http } from '../../src/core/ports/http.ts';
import { type Fault, type FaultServer, type Passing, startFaultServer } from './support/fault-server.ts';
import { OLD, seed, startSeededGateway, WANTED } from './support/seeded-gateway.ts';
import { stepsOf } from './support/share.ts';

/**
 * A server between seed and gateway spoils every request of a run in turn. Whatever it does, the gateway has the old state or,
 * after a second run, the wanted one, entity by entity and with the same ids, so that nothing is there twice.
 */

const FAULTS: readonly Fault[] = [429, 500, 502, 503, 504, 'reset-before', 'reset-after', 'hang'];
/** Seeds that are tried at the same time, each on a gateway of its own. */
const AT_ONCE = 4;
const HANG_TIMEOUT_MS = 2_000;

let http: HttpAdapter;
/** Waits a shorter time for an answer: what hangs here hangs for ever. Only for what hangs: a busy machine may need a second. */
let impatient: Http;
let oldState: readonly string[];
let wantedState: readonly string[];
let requests: readonly Passing[];

beforeAll(async () => {
  http = createHttp();
  impatient = {
    request: (request) =>
      http.request({
        ...request,
        timeoutMs: Math.min(request.timeoutMs ?? HANG_TIMEOUT_MS, HANG_TIMEOUT_MS),
      }),
  };
  const server = await startFaultServer();
  const gateway = await startSeededGateway(http, OLD);
  server.standBefore(gateway.url);
  oldState = await gateway.state();
  await seed(http, server.url, WANTED);
  wantedState = await gateway.state();
  requests = [...server.passed];
  await gateway.stop();
  await server.close();
});

afterAll(() => http.close());

/** Runs the work for every number, on fault servers of their own. */
async function forEach(
  all: readonly number[],
  work: (k: number, server: FaultServer) => Promise<void>,
): Promise<void> {
  const numbers = all.values();
  const workers = Array.from({ length: AT_ONCE }, async () => {
    const server = await startFaultServer();
    try {
      for (const k of numbers) await work(k, server);
    } finally {
      await server.close();
    }
  });
  await Promise.all(workers);
}

interface Trial {
  readonly error: ApictlError | undefined;
  readonly first: readonly string[];
  readonly second: readonly string[];
  /** What the second run did, as `update route r`. */
  readonly finished: readonly string[];
}

/** One run with the fault, the state after it, and the state after a second run without. */
async function trial(
  server: FaultServer,
  decide: FaultServer['decide'],
  client: Http = http,
): Promise<Trial> {
  const gateway = await startSeededGateway(http, OLD);
  try {
    server.standBefore(gateway.url);
    server.decide = decide;
    const error = await seed(client, server.url, WANTED).then(
      () => undefined,
      (thrown: unknown) => {
        if (thrown instanceof ApictlError) return thrown;
        throw thrown;
      },
    );
    server.decide = () => undefined;
    const first = await gateway.state();
    const { plan } = await seed(http, server.url, WANTED);
    const finished = plan.changes.map(({ action, kind, name }) => `${action} ${kind} ${name}`);
    return { error, first, second: await gateway.state(), finished };
  } finally {
    await gateway.stop();
  }
}

const writeCount = () => requests.filter(({ write }) => write > 0).length;

it('the run that is spoiled reads, validates, and makes every sort of change', () => {
  expect(writeCount()).toBeGreaterThan(15);
  expect(new Set(requests.filter(({ write }) => write > 0).map(({ method }) => method))).toEqual(
    new Set(['PUT', 'POST', 'PATCH', 'DELETE']),
  );
  expect(requests.length).toBeGreaterThan(2 * writeCount());
});

/** Eight faults go over the same requests: two of them at each where only a share is run. */
const FAULTS_AT_EACH = 4;

describe.each(FAULTS)('%s', (fault) => {
  it('once, at any one request, is survived by the run that meets it', async () => {
    const numbers = stepsOf(requests.length, FAULTS_AT_EACH, FAULTS.indexOf(fault));
    await forEach(numbers, async (k, server) => {
      const client = fault === 'hang' ? impatient : http;
      const { error, first } = await trial(
        server,
        ({ number }) => (number === k ? fault : undefined),
        client,
      );
      expect(error, `request ${k}`).toBeUndefined();
      expect(first, `request ${k}`).toEqual(wantedState);
    });
  });
});

describe.each([500, 'reset-before', 'reset-after'] as const)('%s', (fault) => {
  it('whenever one and the same write is tried leaves the old state, and the next run makes the wanted one', async () => {
    await forEach(stepsOf(writeCount(), 1), async (k, server) => {
      let spoiled: Passing | undefined;
      const { error, first, second } = await trial(server, (passing) => {
        if (passing.write === k) spoiled ??= passing;
        const { method, path, body } = spoiled ?? {};
        // The body too: undoing writes something else to the same place.
        const isSame = passing.method === method && passing.path === path && passing.body === body;
        return isSame ? fault : undefined;
      });
      expect([error?.code, error?.exitCode], `write ${k}`).toEqual(['SEED_UNDONE', 6]);
      expect(first, `write ${k}`).toEqual(oldState);
      expect(second, `write ${k}`).toEqual(wantedState);
    });
  });

  it('from any one write on is exit 3 with exactly what is applied, and the next run finishes the rest', async () => {
    await forEach(stepsOf(writeCount(), 1), async (k, server) => {
      const { error, first, second, finished } = await trial(server, ({ write }) =>
        write >= k ? fault : undefined,
      );
      const isUntouched = JSON.stringify(first) === JSON.stringify(oldState);
      if (!isUntouched) expect([error?.code, error?.exitCode], `write ${k}`).toEqual(['SEED_PARTIAL', 3]);
      else expect(error?.exitCode, `write ${k}`).toBe(error?.code === 'SEED_PARTIAL' ? 3 : 6);
      expect(second, `write ${k}`).toEqual(wantedState);
      if (error?.code !== 'SEED_PARTIAL') return;
      const told = (pattern: RegExp) => error.details.flatMap((line) => pattern.exec(line)?.[1] ?? []);
      const notApplied = new Set(told(/^not applied: (.*)/));
      for (const what of told(/^given up until the next run: \w+ of (.*)/)) {
        // What is to go needs no name any more.
        if (!notApplied.has(`delete ${what}`)) notApplied.add(`update ${what}`);
      }
      expect([...finished].sort(), `write ${k}`).toEqual([...notApplied].sort());
    });
  });
});
