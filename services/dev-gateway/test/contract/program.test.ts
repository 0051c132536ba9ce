/** The program as it is shipped: one file with nothing beside it, driven by its environment. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { PostgresDatabase } from '../../src/store/postgres.ts';
import { postgresPrograms, startPostgres, type TestPostgres } from '../postgres.ts';

const START_MS = 20_000;
const BUILD = new URL('../../build.mjs', import.meta.url).pathname;

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

describe.skipIf(postgresPrograms() === undefined)(
  'the bundled program (needs an installed PostgreSQL)',
  () => {
    let folder: string;
    let postgres: TestPostgres;
    let settings: Record<string, string>;

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'gateway-program-'));
      await promisify(execFile)(process.execPath, [BUILD, join(folder, 'main.mjs')]);
      postgres = await startPostgres();
      const passwordFile = join(folder, 'password');
      await writeFile(passwordFile, `${postgres.options.password}`);
      settings = {
        KONG_PG_HOST: postgres.options.host,
        KONG_PG_PORT: String(postgres.options.port),
        KONG_PG_DATABASE: postgres.options.database,
        KONG_PG_PASSWORD_FILE: passwordFile,
        KONG_PROXY_LISTEN: '127.0.0.1:0, 127.0.0.1:0 http2 ssl',
        KONG_ADMIN_LISTEN: '127.0.0.1:0, 127.0.0.1:0 http2 ssl',
        KONG_STATUS_LISTEN: '127.0.0.1:0',
        KONG_ADMIN_GUI_LISTEN: '127.0.0.1:0',
      };
    });

    afterAll(async () => {
      await postgres?.remove();
      await rm(folder, { recursive: true, force: true });
    });

    const launch = (args: readonly string[], environment = settings): ChildProcess =>
      spawn(process.execPath, [join(folder, 'main.mjs'), ...args], {
        cwd: folder,
        env: { PATH: process.env.PATH, ...environment },
        stdio: ['ignore', 'pipe', 'pipe'],
      });

    function follow(child: ChildProcess): { outcome: Promise<Outcome>; stderr: () => string } {
      let [stdout, stderr] = ['', ''];
      child.stdout?.on('data', (chunk: Buffer) => {
        stdout += chunk.toString();
      });
      child.stderr?.on('data', (chunk: Buffer) => {
        stderr += chunk.toString();
      });
      const outcome = new Promise<Outcome>((resolve) => {
        child.once('close', (code) => resolve({ code, stdout, stderr }));
      });
      return { outcome, stderr: () => stderr };
    }

    const run = (args: readonly string[], environment = settings): Promise<Outcome> =>
      follow(launch(args, environment)).outcome;

    /** Where it listens, once it does. */
    const portsOf = (stderr: () => string) =>
      vi.waitFor(
        () => {
          const line = stderr()
            .split('\n')
            .find((text) => text.includes('is ready'));
          if (line === undefined) throw new Error(`not ready: ${stderr()}`);
          return JSON.parse(line) as { status: string; admin: string; page: string };
        },
        { timeout: START_MS, interval: 50 },
      );

    const migrate = async (): Promise<void> => {
      for (const action of ['bootstrap', 'up', 'finish'])
        expect((await run(['migrations', action])).code).toBe(0);
    };

    it('stands alone', async () => {
      expect((await readdir(folder)).sort()).toEqual(['main.mjs', 'main.mjs.map', 'password']);
      expect(await run(['version'], {})).toMatchObject({ code: 0, stdout: '3.8.1-apictl-dev\n' });
    });

    it('refuses to start on an empty database and says what to do', async () => {
      const { code, stderr } = await run(['start']);
      expect(code).toBe(1);
      expect(stderr).toContain('migrations bootstrap');
    });

    it('tells all problems of its settings, and no secret', async () => {
      const { code, stderr } = await run(['start'], {
        KONG_PG_PORT: 'x',
        KONG_ADMIN_LISTEN: 'y',
        KONG_PG_PASSWORD: 'z-secret',
      });
      expect(code).toBe(1);
      expect(stderr).toContain('KONG_PG_PORT');
      expect(stderr).toContain('KONG_ADMIN_LISTEN');
      expect(stderr).not.toContain('z-secret');
    });

    it.each([
      ['password', { KONG_PG_PASSWORD: 'not-it' }, 'password authentication failed for user'],
      ['database', { KONG_PG_DATABASE: 'nope' }, 'database \\"nope\\" does not exist'],
    ])('ends at once where PostgreSQL refuses its %s, and says so', async (_what, wrong, said) => {
      const { KONG_PG_PASSWORD_FILE: _file, ...others } = settings;
      const password = postgres.options.password ?? '';
      for (const words of [['start'], ['migrations', 'bootstrap']]) {
        const { code, stderr } = await run(words, { ...others, KONG_PG_PASSWORD: password, ...wrong });
        expect([code, stderr]).toEqual([1, expect.stringContaining(said)]);
        expect(stderr).toContain('PostgreSQL refuses this gateway');
        expect(stderr).not.toContain('not-it');
      }
    });

    it.each(['SIGTERM', 'SIGQUIT', 'SIGINT'] as const)(
      'starts, serves, and stops in order on %s',
      async (signal) => {
        await migrate();
        const child = launch(['start']);
        const { outcome, stderr } = follow(child);
        try {
          const ports = await portsOf(stderr);
          const ready = await request(`http://127.0.0.1:${ports.status}/status/ready`);
          expect(await ready.body.json()).toEqual({ message: 'ready' });
          const [admin] = ports.admin.split(', ');
          const root = (await (await request(`http://127.0.0.1:${admin}/`)).body.json()) as Record<
            string,
            string
          >;
          expect(root.version).toContain('3.8.1');
          expect(root.tagline).toContain('apictl development gateway');
          expect((await request(`http://127.0.0.1:${ports.page}/`)).statusCode).toBe(200);
          const health = await run(['health'], {
            ...settings,
            KONG_STATUS_LISTEN: `127.0.0.1:${ports.status}`,
          });
          expect(health).toMatchObject({ code: 0, stdout: 'ready\n' });
        } finally {
          child.kill(signal);
        }
        const { code, stderr: log } = await outcome;
        expect(code).toBe(0);
        expect(log).toContain(`stopping on ${signal}`);
        expect(log).not.toContain(postgres.options.password);
      },
    );

    it('goes on with another login of its database after a reload, without a failed request', async () => {
      await migrate();
      const prefix = await mkdtemp(join(tmpdir(), 'gateway-prefix-'));
      const database = new PostgresDatabase(postgres.options, () => undefined);
      const child = launch(['start'], { ...settings, KONG_PREFIX: prefix });
      const { outcome, stderr } = follow(child);
      try {
        const { admin } = await portsOf(stderr);
        const address = `http://127.0.0.1:${admin.split(', ')[0]}`;
        await database.query(`create role other login password 'another one' in role kong`);
        await database.query(`alter role other set role = 'kong'`);
        const statuses: number[] = [];
        let isAsking = true;
        const asking = (async () => {
          while (isAsking) {
            const { statusCode, body } = await request(`${address}/services/s`, {
              method: 'PUT',
              headers: { 'content-type': 'application/json' },
              body: '{"host":"h"}',
            });
            await body.dump();
            statuses.push(statusCode);
          }
        })();
        const { KONG_PG_PASSWORD_FILE: _file, ...others } = settings;
        const reload = (password: string) =>
          run(['reload'], {
            ...others,
            KONG_PREFIX: prefix,
            KONG_PG_USER: 'other',
            KONG_PG_PASSWORD: password,
          });
        const refused = await reload('not-it');
        expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('PostgreSQL refuses')]);
        expect(await reload('another one')).toMatchObject({ code: 0, stdout: 'reloaded\n' });
        await vi.waitFor(
          async () => {
            const sessions = `select usename, count(*)::int as count from pg_stat_activity
              where application_name = 'apictl development gateway' and pid <> pg_backend_pid() group by 1`;
            const { rows } = await database.query<{ usename: string; count: number }>(sessions);
            expect(rows).toEqual([{ usename: 'other', count: expect.any(Number) }]);
          },
          { timeout: START_MS, interval: 50 },
        );
        isAsking = false;
        await asking;
        expect(statuses.length).toBeGreaterThan(10);
        expect(new Set(statuses)).toEqual(new Set([200]));
        expect((await stat(join(prefix, 'login.json'))).mode & 0o777).toBe(0o600);
      } finally {
        child.kill('SIGTERM');
        await outcome;
        await database.query('drop role if exists other');
        await database.close();
        await rm(prefix, { recursive: true, force: true });
      }
      expect(stderr()).toContain('reloaded: connected to PostgreSQL as other');
      expect(stderr()).not.toContain('another one');
    });
  },
);
