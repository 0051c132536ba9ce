/** A PostgreSQL of a test's own: a cluster in a temporary folder, gone afterwards. */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { chmod, chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PostgresDatabase, type PostgresOptions } from '../src/store/postgres.ts';

const INSTALLATIONS = '/usr/lib/postgresql';
const PASSWORD = 'a password of a test';
const START_DEADLINE_MS = 30_000;
/** `nobody` on Debian; PostgreSQL refuses to run as root. */
const UNPRIVILEGED_ID = 65_534;

/** The folder of the newest installed PostgreSQL's programs; undefined where there is none. */
export function postgresPrograms(): string | undefined {
  if (!existsSync(INSTALLATIONS)) return undefined;
  const versions = readdirSync(INSTALLATIONS).sort((a, b) => Number(b) - Number(a));
  return versions
    .map((version) => join(INSTALLATIONS, version, 'bin'))
    .find((bin) => existsSync(join(bin, 'initdb')));
}

export interface TestPostgres {
  readonly options: PostgresOptions;
  /** Ends the server at once, as a crash would. */
  stop(): Promise<void>;
  /** Starts it again on the same port, with the same data. */
  start(): Promise<void>;
  /** Ends it and removes its data. */
  remove(): Promise<void>;
}

const isRoot = process.getuid?.() === 0;

const identity = isRoot ? { uid: UNPRIVILEGED_ID, gid: UNPRIVILEGED_ID } : {};

async function run(program: string, args: readonly string[], cwd: string): Promise<void> {
  const child = spawn(program, args, { ...identity, cwd, stdio: ['ignore', 'ignore', 'pipe'] });
  let output = '';
  child.stderr.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`${program} ended with ${code}: ${output}`);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  await new Promise((resolve) => {
    server.close(resolve);
  });
  if (address === null || typeof address === 'string') throw new Error('the system gave no port');
  return address.port;
}

async function waitUntilReachable(
  options: PostgresOptions,
  hasEnded: () => string | undefined,
): Promise<void> {
  const deadline = Date.now() + START_DEADLINE_MS;
  const database = new PostgresDatabase(options, () => undefined);
  try {
    const isReachable = () =>
      database.reach().then(
        () => true,
        () => false,
      );
    while (!(await isReachable())) {
      const end = hasEnded();
      if (end !== undefined) throw new Error(`PostgreSQL ended while it started: ${end}`);
      if (Date.now() > deadline) throw new Error('PostgreSQL did not answer in time');
      await new Promise((resolve) => {
        setTimeout(resolve, 50);
      });
    }
  } finally {
    await database.close();
  }
}

/** Makes and starts a cluster with the database and the user `kong`. */
export async function startPostgres(): Promise<TestPostgres> {
  const programs = postgresPrograms();
  if (programs === undefined) throw new Error(`no PostgreSQL is installed in ${INSTALLATIONS}`);
  const folder = await mkdtemp(join(tmpdir(), 'gateway-postgres-'));
  const passwordFile = join(folder, 'password');
  await writeFile(passwordFile, PASSWORD, { mode: 0o600 });
  await chmod(folder, 0o700);
  if (isRoot) {
    for (const path of [folder, passwordFile]) await chown(path, UNPRIVILEGED_ID, UNPRIVILEGED_ID);
  }
  const data = join(folder, 'data');
  const access = ['--auth=scram-sha-256', '--username=kong', `--pwfile=${passwordFile}`];
  await run(
    join(programs, 'initdb'),
    ['-D', data, ...access, '--no-sync', '--encoding=UTF8', '--locale=C'],
    folder,
  );
  const port = await freePort();
  const options: PostgresOptions = {
    host: '127.0.0.1',
    port,
    user: 'kong',
    password: PASSWORD,
    database: 'postgres',
    isTls: false,
    isTlsVerified: false,
    timeoutMs: 5_000,
  };
  let stopServer: (() => Promise<void>) | undefined;
  let endNow: () => void = () => undefined;
  // A test run that breaks off leaves neither a server nor its data behind.
  const onExit = (): void => {
    endNow();
    rmSync(folder, { recursive: true, force: true });
  };
  process.once('exit', onExit);
  const start = async (): Promise<void> => {
    const settings = {
      listen_addresses: '127.0.0.1',
      port,
      unix_socket_directories: '',
      fsync: 'off',
      shared_buffers: '16MB',
    };
    const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const server = spawn(join(programs, 'postgres'), ['-D', data, ...args], {
      ...identity,
      cwd: folder,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let output = '';
    let end: string | undefined;
    server.stderr.on('data', (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-2000);
    });
    const closed = new Promise<void>((resolve) => {
      server.once('close', (code) => {
        end = `code ${code}: ${output}`;
        resolve();
      });
    });
    endNow = () => void server.kill('SIGQUIT');
    stopServer = async () => {
      // SIGQUIT: without a last checkpoint and without waiting for clients.
      server.kill('SIGQUIT');
      await closed;
    };
    await waitUntilReachable(options, () => end);
  };
  const stop = async (): Promise<void> => {
    await stopServer?.();
    stopServer = undefined;
  };
  await start();
  return {
    options,
    start,
    stop,
    remove: async () => {
      await stop();
      process.off('exit', onExit);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
