import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Chalk } from 'chalk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addressOf, startTestGateway } from '../../services/dev-gateway/test/gateway.ts';
import { systemClock } from '../../src/adapters/clock.ts';
import { localFiles } from '../../src/adapters/files.ts';
import { createHttp, type HttpAdapter } from '../../src/adapters/http.ts';
import { errorDocument, errorText } from '../../src/cli/report/error.ts';
import { runCommand } from '../fakes/command-line.ts';
import { declaring } from '../fakes/seed-run.ts';

/** What the commands say when what answers at Kong's address is not what they need: five messages, and what to type next. */

const ROOT = JSON.parse(
  await readFile(new URL('../fixtures/kong/samples/root.json', import.meta.url), 'utf8'),
) as { configuration: object };

let http: HttpAdapter;
let root: string;
const servers: Server[] = [];
let gateway: Awaited<ReturnType<typeof startTestGateway>>;

beforeAll(async () => {
  http = createHttp();
  gateway = await startTestGateway();
  root = await mkdtemp(join(tmpdir(), 'apictl-answers-'));
  await writeFile(join(root, 'k.yaml'), declaring('plugins:\n  - name: my-own-plugin\n'));
});

afterAll(async () => {
  await gateway.stop();
  await http.close();
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  await rm(root, { recursive: true });
});

/** The address of a server that answers everything so. */
async function answering(
  status: number,
  body: string,
  headers: Record<string, string> = {},
): Promise<string> {
  const server = createServer((_request, response) => response.writeHead(status, headers).end(body));
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** An address where nobody listens. */
async function nobody(): Promise<string> {
  const url = await answering(200, '');
  await new Promise((resolve) => servers.pop()?.close(resolve));
  return url;
}

interface Situation {
  readonly what: string;
  readonly address: () => Promise<string>;
  readonly error: object;
  /** It takes a declaration to find out. */
  readonly isAboutFile?: boolean;
}

const SITUATIONS: readonly Situation[] = [
  {
    what: 'nobody',
    address: nobody,
    error: {
      code: 'KONG_UNREACHABLE',
      message: expect.stringMatching(
        /^Kong’s Admin API is not reachable: GET http:\/\/127\.0\.0\.1:\d+\/: the connection was refused \(ECONNREFUSED\), (once|\d times); the time for it is over$/,
      ),
      hint: 'Is the stack up ("apictl status")? Another address is given with --admin-url.',
    },
  },
  {
    what: 'a web page',
    address: () => answering(200, '<html><title>It works</title></html>', { 'content-type': 'text/html' }),
    error: {
      code: 'KONG_NOT_KONG',
      message: 'this is not Kong’s Admin API: it answered 200 with something that is not JSON (a web page?)',
      hint: 'Look at what holds this port; another address is given with --admin-url.',
    },
  },
  {
    what: 'Kong’s proxy',
    address: async () => addressOf(gateway.proxy.listeners),
    error: {
      code: 'KONG_NOT_KONG',
      message: 'this is Kong’s proxy, not its Admin API',
      hint: 'The Admin API has its own port, 8001 unless configured otherwise.',
    },
  },
  {
    what: 'another version',
    address: () => answering(200, JSON.stringify({ ...ROOT, version: '2.8.5' })),
    error: {
      code: 'KONG_WRONG_VERSION',
      message: 'this is Kong 2.8.5; apictl speaks to Kong 3',
      hint: 'Run Kong 3.8, or another of the 3.x line.',
    },
  },
  {
    what: 'a Kong without a database',
    address: () =>
      answering(200, JSON.stringify({ ...ROOT, configuration: { ...ROOT.configuration, database: 'off' } })),
    error: {
      code: 'KONG_DBLESS',
      message: 'this Kong runs without a database and cannot be changed through its Admin API',
      hint: 'Run Kong with KONG_DATABASE=postgres; a DB-less Kong takes its whole configuration from one file.',
    },
  },
  {
    what: 'a Kong without the plugin',
    address: async () => addressOf(gateway.admin),
    isAboutFile: true,
    error: {
      code: 'KONG_PLUGIN_NOT_ENABLED',
      message: 'this Kong does not have a plugin that the file uses',
      details: ['k.yaml:3: plugin my-own-plugin is not enabled'],
      hint: 'Enable it with KONG_PLUGINS (as "bundled,my-plugin") and install it in Kong’s image, or take it out of the file.',
    },
  },
];

describe.each(SITUATIONS)('$what', ({ address, error: wanted, isAboutFile }) => {
  const commands = ['apply', 'diff', 'validate', ...(isAboutFile === true ? [] : ['dump'])];

  it.each(commands)('is told by "seed %s", with exit code 6 and what to do', async (command) => {
    const url = await address();
    const world = {
      http,
      clock: systemClock,
      files: localFiles,
      packageRoot: root,
      workingFolder: root,
    };
    const file = command === 'dump' ? [] : ['--file', 'k.yaml'];
    const { exitCode, stdout, error } = await runCommand(
      world,
      ...['seed', command, '--admin-url', url, '--timeout', '1', ...file],
    );
    expect([exitCode, stdout]).toEqual([6, '']);
    const document = errorDocument(error) as { error: { message: string; hint: string; object?: string } };
    const { object, ...told } = document.error;
    expect(told).toEqual({ exitCode: 6, ...wanted });
    if (isAboutFile !== true) expect(object).toBe(url);
    const text = errorText(error, new Chalk({ level: 0 }));
    expect(text.startsWith(`error ${told.message}\n`)).toBe(true);
    expect(text.endsWith(`hint  ${told.hint}\n`)).toBe(true);
  });
});
