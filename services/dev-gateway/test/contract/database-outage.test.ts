import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { RunningGateway } from '../../src/gateway.ts';
import { PostgresDatabase } from '../../src/store/postgres.ts';
import { type EchoServer, startEchoServer } from '../echo-server.ts';
import { addressOf, startTestGateway } from '../gateway.ts';
import { postgresPrograms, startPostgres, type TestPostgres } from '../postgres.ts';

const RECOVERY_MS = 20_000;

async function call(url: string, method: 'GET' | 'POST' = 'GET', body?: unknown) {
  const response = await request(url, {
    method,
    headers: body === undefined ? {} : { 'content-type': 'application/json' },
    body: body === undefined ? null : JSON.stringify(body),
  });
  return { status: response.statusCode, body: (await response.body.json()) as Record<string, unknown> };
}

describe.skipIf(postgresPrograms() === undefined)(
  'a gateway whose PostgreSQL goes away (needs an installed PostgreSQL)',
  () => {
    let postgres: TestPostgres;
    let database: PostgresDatabase;
    let gateway: RunningGateway;
    let echo: EchoServer;
    let notices: string[];

    beforeAll(async () => {
      postgres = await startPostgres();
      notices = [];
      database = new PostgresDatabase(postgres.options, (text) => notices.push(text));
      gateway = await startTestGateway(database);
      echo = await startEchoServer('echo');
      const admin = addressOf(gateway.admin);
      await call(`${admin}/services`, 'POST', { name: 's', url: `http://127.0.0.1:${echo.port}` });
      await call(`${admin}/services/s/routes`, 'POST', { paths: ['/s'] });
    });

    afterAll(async () => {
      await gateway?.stop();
      await database?.close();
      await echo?.close();
      await postgres?.remove();
    });

    it('goes on serving, refuses changes, says that it is not ready, and recovers', async () => {
      const [admin, status, proxy] = [gateway.admin, gateway.status, gateway.proxy.listeners].map(addressOf);
      expect(await call(`${status}/status/ready`)).toEqual({ status: 200, body: { message: 'ready' } });

      await postgres.stop();
      expect((await call(`${proxy}/s/x`)).body.instance).toBe('echo');
      expect(await call(`${admin}/services`, 'POST', { host: 'h' })).toEqual({
        status: 500,
        body: { message: 'An unexpected error occurred' },
      });
      expect(await call(`${status}/status/ready`)).toEqual({
        status: 503,
        body: { message: 'failed to connect to database' },
      });
      expect((await call(`${status}/status`)).body.database).toEqual({ reachable: false });

      await postgres.start();
      await vi.waitFor(async () => expect((await call(`${status}/status/ready`)).status).toBe(200), {
        timeout: RECOVERY_MS,
        interval: 100,
      });
      const created = await call(`${admin}/routes`, 'POST', { paths: ['/later'], service: { name: 's' } });
      expect(created.status).toBe(201);
      expect((await call(`${proxy}/later`)).status).toBe(200);
      // What others change is followed again, too.
      await vi.waitFor(() => expect(notices).toContain('the connection to PostgreSQL is back'), {
        timeout: RECOVERY_MS,
        interval: 100,
      });
      expect(notices.join()).not.toContain(postgres.options.password);
    });
  },
);
