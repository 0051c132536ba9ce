/** The gateway as `make gateway` runs it: a program alone on this machine, spoken to over its sockets. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { rsaPair } from '../certificates.ts';
import { type EchoServer, startEchoServer } from '../echo-server.ts';
import { postgresPrograms, startPostgres } from '../postgres.ts';
import { readTape } from './tape.ts';
import { playTape } from './tape-player.ts';

const START_MS = 20_000;
const BUILD = new URL('../../build.mjs', import.meta.url).pathname;
const ANY_PORTS = { PROXY_PORT: '0', PROXY_SSL_PORT: '0', ADMIN_PORT: '0', STATUS_PORT: '0' };

interface RunningProgram {
  readonly admin: string;
  readonly proxy: string;
  readonly status: string;
  readonly log: () => string;
  stop(): Promise<number | null>;
}

let folder: string;
let echo: EchoServer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gateway-host-'));
  await promisify(execFile)(process.execPath, [BUILD, join(folder, 'main.mjs')]);
  echo = await startEchoServer('echo-1');
});

afterAll(async () => {
  await echo?.close();
  await rm(folder, { recursive: true, force: true });
});

function launch(environment: Readonly<Record<string, string>>): { child: ChildProcess; log: () => string } {
  const child = spawn(process.execPath, [join(folder, 'main.mjs'), 'host'], {
    cwd: folder,
    env: { PATH: process.env.PATH, ...environment },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let text = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  return { child, log: () => text };
}

const ended = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve) => {
    child.once('close', resolve);
  });

async function start(environment: Readonly<Record<string, string>> = {}): Promise<RunningProgram> {
  const { child, log } = launch({ ...ANY_PORTS, ...environment });
  const end = ended(child);
  const ports = await vi.waitFor(
    () => {
      const line = log()
        .split('\n')
        .find((text) => text.includes('is ready'));
      if (line === undefined) throw new Error(`not ready: ${log()}`);
      return JSON.parse(line) as Record<'admin' | 'proxy' | 'status', string>;
    },
    { timeout: START_MS, interval: 20 },
  );
  const address = (list: string): string => `http://127.0.0.1:${list.split(', ')[0]}`;
  return {
    admin: address(ports.admin),
    proxy: address(ports.proxy),
    status: address(ports.status),
    log,
    stop: () => {
      child.kill('SIGTERM');
      return end;
    },
  };
}

const read = async (url: string) => {
  const response = await request(url);
  return { status: response.statusCode, body: (await response.body.json()) as Record<string, unknown> };
};

describe('the gateway alone on the host', () => {
  it.each(['services', 'routes', 'consumers', 'proxy-plugins'])(
    'answers the recording %s over its sockets, in memory',
    async (name) => {
      const pair = await rsaPair('host.test');
      const program = await start();
      try {
        expect(await read(`${program.status}/status/ready`)).toEqual({
          status: 200,
          body: { message: 'ready' },
        });
        const tape = readTape(name, new Map([[19_201, echo.port]]));
        const results = await playTape(tape, program, () => Promise.resolve(), {
          cert1: pair.cert,
          key1: pair.key,
        });
        expect(results.filter(({ differences }) => differences.length > 0)).toEqual([]);
      } finally {
        expect(await program.stop()).toBe(0);
      }
    },
  );

  it('says that its configuration is in memory', async () => {
    const program = await start();
    try {
      expect((await read(program.admin)).body.configuration).toMatchObject({ database: 'memory' });
    } finally {
      await program.stop();
    }
  });

  it('tells every setting that it cannot use, and not the password', async () => {
    const { child, log } = launch({
      PROXY_PORT: 'x',
      STATUS_PORT: '70000',
      DATABASE_URL: 'mysql://kong:z-secret@db',
    });
    expect(await ended(child)).toBe(1);
    for (const name of ['PROXY_PORT', 'STATUS_PORT', 'DATABASE_URL']) expect(log()).toContain(name);
    expect(log()).not.toContain('z-secret');
  });

  it.runIf(postgresPrograms() !== undefined)(
    'makes its tables in the database of DATABASE_URL and finds them again',
    async () => {
      const postgres = await startPostgres();
      const { host, port, password, database, user } = postgres.options;
      const url = `postgres://${user}:${encodeURIComponent(password ?? '')}@${host}:${port}/${database}`;
      try {
        const first = await start({ DATABASE_URL: url });
        const made = await request(`${first.admin}/services/kept`, {
          method: 'PUT',
          headers: { 'content-type': 'application/json' },
          body: '{"host":"h"}',
        });
        expect(made.statusCode).toBe(200);
        await made.body.dump();
        expect(await first.stop()).toBe(0);
        const second = await start({ DATABASE_URL: url });
        expect(await read(`${second.admin}/services/kept`)).toMatchObject({ body: { host: 'h' } });
        await second.stop();
        expect(second.log()).not.toContain(password);
      } finally {
        await postgres.remove();
      }
    },
  );
});
