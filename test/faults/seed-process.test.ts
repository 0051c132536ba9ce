import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createHttp, type HttpAdapter } from '../../src/adapters/http.ts';
import { startApictl } from './support/apictl-process.ts';
import { type FaultServer, startFaultServer } from './support/fault-server.ts';
import { OLD, type SeededGateway, seed, startSeededGateway, WANTED } from './support/seeded-gateway.ts';

/** The real program: killed after every write, started twice at once, and after somebody's hand was in Kong. */

let http: HttpAdapter;
let server: FaultServer;
let folder: string;
let wantedState: readonly string[];
let writes: number;

beforeAll(async () => {
  http = createHttp();
  server = await startFaultServer();
  const gateway = await startSeededGateway(http, OLD);
  server.standBefore(gateway.url);
  await seed(http, server.url, WANTED);
  wantedState = await gateway.state();
  writes = server.passed.filter(({ write }) => write > 0).length;
  await gateway.stop();
});

afterAll(async () => {
  await server.close();
  await http.close();
});

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'apictl-faults-'));
  await mkdir(join(folder, 'kong'));
  await writeFile(join(folder, 'kong', 'kong.yaml'), WANTED);
  return () => rm(folder, { recursive: true });
});

const apictl = (url: string, ...words: string[]) =>
  startApictl(folder, ...words, '--admin-url', url, '--json');

async function withGateway(text: string, work: (gateway: SeededGateway) => Promise<void>): Promise<void> {
  const gateway = await startSeededGateway(http, text);
  try {
    server.standBefore(gateway.url);
    await work(gateway);
  } finally {
    await gateway.stop();
  }
}

describe('SIGKILL', () => {
  it('after any one write leaves what the next run finishes, and it writes only the rest', async () => {
    expect(writes).toBeGreaterThan(15);
    for (let k = 1; k <= writes; k += 1) {
      await withGateway(OLD, async (gateway) => {
        // One at a time, so that nothing is on its way when the process ends.
        const { child, ended } = apictl(server.url, 'seed', '--parallelism', '1');
        server.onAnswered = ({ write }) => {
          if (write === k) child.kill('SIGKILL');
        };
        expect((await ended).signal, `write ${k}`).toBe('SIGKILL');
        expect(server.passed.filter(({ write }) => write > 0)).toHaveLength(k);
        server.standBefore(gateway.url);
        await seed(http, server.url, WANTED);
        const later = server.passed.filter(({ write }) => write > 0).length;
        expect(later, `write ${k}`).toBeLessThanOrEqual(writes - k + 1);
        expect(await gateway.state(), `write ${k}`).toEqual(wantedState);
      });
    }
  });
});

describe('two seeds at once', () => {
  it('of the same file both succeed, and nothing is there twice', async () => {
    await withGateway(OLD, async (gateway) => {
      const both = await Promise.all([apictl(server.url, 'seed').ended, apictl(server.url, 'seed').ended]);
      expect(both.map(({ exitCode, stderr }) => (exitCode === 0 ? 0 : stderr))).toEqual([0, 0]);
      expect(await gateway.state()).toEqual(wantedState);
      const { exitCode, stdout } = await apictl(gateway.url, 'seed', 'diff', '--exit-code').ended;
      expect([exitCode, JSON.parse(stdout).changes]).toEqual([0, []]);
    });
  });

  it('of different files leave nothing that the next run cannot put right', async () => {
    await withGateway(OLD, async (gateway) => {
      await writeFile(join(folder, 'old.yaml'), OLD);
      await Promise.all([
        apictl(server.url, 'seed').ended,
        apictl(server.url, 'seed', '--file', 'old.yaml', '--allow-mass-delete').ended,
      ]);
      const { exitCode, stderr } = await apictl(gateway.url, 'seed', '--allow-mass-delete').ended;
      expect(exitCode, stderr).toBe(0);
      expect((await apictl(gateway.url, 'seed', 'diff', '--exit-code').ended).exitCode).toBe(0);
    });
  });
});

describe('a hand in Kong', () => {
  const byHand = (method: string, url: string, body?: unknown) =>
    http.request({
      method,
      url,
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });

  it.each([
    ['a changed field', 'PATCH', '/routes/r', { strip_path: false }, ['update route r']],
    ['tags taken away', 'PATCH', '/services/s', { tags: null }, ['update service s']],
    ['another name', 'PATCH', '/routes/fresh', { name: 'by-hand' }, ['update route fresh']],
    ['a deleted route', 'DELETE', '/routes/fresh', undefined, ['create route fresh']],
    [
      'a deleted target',
      'DELETE',
      '/upstreams/u.test/targets/t.test:3',
      undefined,
      ['create target t.test:3 of u.test'],
    ],
    [
      'a deleted consumer, and what hung below it',
      'DELETE',
      '/consumers/c',
      undefined,
      ['create consumer c', 'create key-auth c #1', 'create basic-auth c #1', 'create acl gold of c'],
    ],
    [
      'something of ours too many',
      'PUT',
      '/services/more',
      { host: 'h.test', tags: ['managed-by:apictl', 'project:apictl'] },
      ['delete service more'],
    ],
  ] as const)(
    '%s is found by diff with exit code 2, and repaired',
    async (_name, method, path, body, found) => {
      await withGateway(WANTED, async (gateway) => {
        expect((await byHand(method, `${gateway.url}${path}`, body)).status).toBeLessThan(300);
        const project = ['--project', 'apictl'];
        const diff = await apictl(gateway.url, 'seed', 'diff', '--exit-code', ...project).ended;
        const { changes } = JSON.parse(diff.stdout) as { changes: Record<string, string>[] };
        expect(diff.exitCode).toBe(2);
        expect(changes.map(({ action, kind, name }) => `${action} ${kind} ${name}`)).toEqual(found);
        expect((await apictl(gateway.url, 'seed', ...project).ended).exitCode).toBe(0);
        expect(await gateway.state()).toEqual(await cleanState());
      });
    },
  );

  let clean: readonly string[] | undefined;
  async function cleanState(): Promise<readonly string[]> {
    if (clean !== undefined) return clean;
    const gateway = await startSeededGateway(http, WANTED);
    clean = await gateway.state();
    await gateway.stop();
    return clean;
  }
});
