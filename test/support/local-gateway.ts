/** A PostgreSQL and the development gateway on it, as processes of this machine; `exec` runs in either what would run in its container. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { vi } from 'vitest';
import { PostgresDatabase } from '../../services/dev-gateway/src/store/postgres.ts';
import { startPostgres } from '../../services/dev-gateway/test/postgres.ts';
import type { Engine } from '../../src/core/ports/engine.ts';

const BUILD = new URL('../../services/dev-gateway/build.mjs', import.meta.url).pathname;
/** Another superuser: the server's own socket needs no password in a container, and there is none here. */
const OPERATOR = { user: 'operator', password: 'operator of a test' };

export interface LocalGateway {
  readonly engine: Pick<Engine, 'exec'>;
  readonly database: PostgresDatabase;
  /** The password of role kong at the start. */
  readonly password: string;
  /** `http://127.0.0.1:port` of its Admin API, whose every write needs the database. */
  readonly admin: string;
  stop(): Promise<void>;
}

export async function startLocalGateway(): Promise<LocalGateway> {
  const folder = await mkdtemp(join(tmpdir(), 'apictl-gateway-'));
  const program = join(folder, 'main.mjs');
  await promisify(execFile)(process.execPath, [BUILD, program]);
  const postgres = await startPostgres();
  const { host, port } = postgres.options;
  const asKong = new PostgresDatabase(postgres.options, () => undefined);
  await asKong.query(`create role ${OPERATOR.user} superuser login password '${OPERATOR.password}'`);
  await asKong.query('create database kong owner kong');
  await asKong.close();
  const database = new PostgresDatabase(
    { ...postgres.options, ...OPERATOR, database: 'kong' },
    () => undefined,
  );
  const settings = {
    PATH: process.env.PATH ?? '',
    KONG_PG_HOST: host,
    KONG_PG_PORT: String(port),
    KONG_PG_DATABASE: 'kong',
    KONG_PREFIX: folder,
    KONG_PROXY_LISTEN: '127.0.0.1:0',
    KONG_ADMIN_LISTEN: '127.0.0.1:0',
    KONG_STATUS_LISTEN: '127.0.0.1:0',
    KONG_ADMIN_GUI_LISTEN: 'off',
  };
  const password = postgres.options.password ?? '';
  const withPassword = { ...settings, KONG_PG_PASSWORD: password };
  for (const action of ['bootstrap', 'up', 'finish'])
    await promisify(execFile)(process.execPath, [program, 'migrations', action], { env: withPassword });
  const gateway = spawn(process.execPath, [program, 'start'], {
    env: withPassword,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const admin = await adminOf(gateway);
  const engine = {
    exec: (
      _id: string,
      argv: readonly string[],
      _timeoutMs: number,
      _signal?: AbortSignal,
      input?: { reveal(): string },
    ) =>
      runHere(
        argv.map((word) =>
          word
            .replace('/app/main.mjs', program)
            .replace('--host=postgres', `--host=${host} --port=${port}`)
            .replace(/^--username=kong$/, `--username=${OPERATOR.user}`),
        ),
        { ...settings, PGHOST: host, PGPORT: String(port), PGPASSWORD: OPERATOR.password },
        input?.reveal() ?? '',
      ),
  };
  return {
    engine,
    database,
    password,
    admin,
    stop: async () => {
      gateway.kill('SIGTERM');
      if (gateway.exitCode === null) await once(gateway, 'close');
      await database.close();
      await postgres.remove();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function adminOf(gateway: ChildProcess): Promise<string> {
  let said = '';
  gateway.stderr?.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  return vi.waitFor(
    () => {
      const ready = said.split('\n').find((line) => line.includes('is ready'));
      if (ready === undefined) throw new Error(`not ready: ${said}`);
      return `http://127.0.0.1:${(JSON.parse(ready) as { admin: string }).admin}`;
    },
    { timeout: 30_000, interval: 50 },
  );
}

async function runHere(
  [program = '', ...argv]: readonly string[],
  env: NodeJS.ProcessEnv,
  input: string,
): Promise<{ exitCode: number; output: string }> {
  const child = spawn(program, argv, { env, stdio: 'pipe' });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  child.stdin.end(input);
  const [exitCode] = (await once(child, 'close')) as [number];
  return { exitCode, output: output.replace(/\n$/, '') };
}
