import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { Agent, request } from 'undici';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { median } from '../../bench/median.ts';
import { alertListSchema, alertTestSchema } from '../../src/app/alerts/model.ts';
import type { SeedResult } from '../../src/app/seed/seed.ts';
import { type Status, statusSchema } from '../../src/app/status/model.ts';
import type { UpResult } from '../../src/app/up/model.ts';
import { alertRules } from '../../src/monitoring/alert-rules.ts';
import { SECRETS } from '../../src/secrets/model.ts';
import { expectDashboardsAnswered } from './support/dashboard-answers.ts';
import { failingTraffic } from './support/failing-traffic.ts';
import { openLoggingPage } from './support/logging-page.ts';
import { eventually, makeProject, PROGRAM, type TestProject } from './support/project.ts';
import { startReceiver } from './support/receiver.ts';

const url = (port: number | undefined, path: string): string => `http://127.0.0.1:${port}${path}`;

interface WhoAmI {
  readonly instance: string;
  readonly requestId: string;
}

/** 300 requests, ten at a time: instance -> how many it answered. */
async function countInstances(ask: () => Promise<WhoAmI>): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (let round = 0; round < 30; round += 1) {
    for (const { instance } of await Promise.all(Array.from({ length: 10 }, ask))) {
      counts[instance] = (counts[instance] ?? 0) + 1;
    }
  }
  return counts;
}

function expectEvenShares(counts: Record<string, number>): void {
  expect(Object.keys(counts).sort()).toEqual(['backend-1', 'backend-2', 'backend-3']);
  // 2 % of 300 requests.
  for (const count of Object.values(counts)) expect(Math.abs(count - 100)).toBeLessThanOrEqual(6);
}

/** The machine's addresses that are not loopback: its own and those that it has in the engine's networks. */
const otherAddresses = (): string[] =>
  Object.values(networkInterfaces())
    .flatMap((entries) => entries ?? [])
    .filter(({ internal, family }) => !internal && family === 'IPv4')
    .map(({ address }) => address);

/** `connected`, or the code of the error. */
const knock = (door: Door): Promise<string> =>
  new Promise((resolve) => {
    const socket = connect(door);
    socket.once('connect', () => {
      resolve('connected');
      socket.destroy();
    });
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  });

interface Door {
  readonly host: string;
  readonly port: number;
}

const CONNECT = `import json, socket, sys
from concurrent.futures import ThreadPoolExecutor
def knock(door):
    try:
        socket.create_connection((door['host'], door['port']), timeout=2).close()
        return door
    except OSError:
        return None
with ThreadPoolExecutor(64) as pool:
    for door in filter(None, pool.map(knock, json.loads(sys.argv[1]))):
        print(door['host'], door['port'])`;

/** The doors that a container can open a connection to, each as `host port`. */
async function reachedFrom(container: string, doors: readonly Door[]): Promise<string[]> {
  const found = await docker('exec', container, 'python3', '-c', CONNECT, JSON.stringify(doors));
  return found.split('\n').filter((line) => line !== '');
}

/** An answer of the logging service's administration. */
async function askLogging<T>(project: TestProject, path: string): Promise<T> {
  const token = await project.secret('logging-admin-token');
  const { statusCode, body } = await request(url(project.ports.loggingAdmin, path), {
    headers: { authorization: `Bearer ${token}` },
  });
  expect(statusCode, path).toBe(200);
  return (await body.json()) as T;
}

/** The alerts that the logging service has been sent. */
const alertEvents = (project: TestProject): Promise<unknown> =>
  askLogging(project, '/api/v1/events?kind=alert');

const RULES = join(import.meta.dirname, '../../monitoring/prometheus/rules');

const docker = async (...argv: readonly string[]): Promise<string> => (await execa('docker', argv)).stdout;

/** Failures on demand, and somebody to tell of them. */
const ALERTING = {
  receivers: [{ name: 'hook', webhook: { url: 'http://receiver:8080/', bearerSecret: 'alert-hook-token' } }],
};
const CONFIG = { backends: { drills: true }, alerting: ALERTING };
/** The same, and alerts that fire and end as soon as they can. */
const QUICK = {
  ...CONFIG,
  alerting: { ...ALERTING, interval: '5s', window: '20s', groupWait: '1s', groupInterval: '5s' },
};

describe('a stack from nothing', () => {
  let project: TestProject;
  let brought: UpResult;
  let broughtMs: number;
  const whoami = async (headers: Record<string, string> = {}): Promise<WhoAmI> => {
    const { statusCode, body } = await request(url(project.ports.proxy, '/api/v1/whoami'), { headers });
    expect(statusCode).toBe(200);
    return (await body.json()) as WhoAmI;
  };
  const status = async (): Promise<Status> =>
    statusSchema.parse(JSON.parse((await project.apictl('status', '--json')).stdout));
  const prometheus = async <T>(path: string): Promise<T> => {
    const { body } = await request(url(project.ports.prometheus, `/api/v1/${path}`));
    return ((await body.json()) as { data: T }).data;
  };
  const running = async (): Promise<string[]> =>
    (
      await docker('ps', '-q', '--no-trunc', '--filter', `label=com.docker.compose.project=${project.name}`)
    ).split('\n');
  /** What the gateway may do with its log, as chmod says it. */
  const logRights = async (change: string): Promise<void> => {
    const image = await docker('inspect', '--format', '{{.Config.Image}}', `${project.name}-backend-1-1`);
    const mount = [
      '--volume',
      `${project.name}_kong-logs-embedded:/logs`,
      '--network',
      'none',
      '--user',
      '0',
    ];
    await docker('run', '--rm', ...mount, '--entrypoint', 'chmod', image, change, '/logs/access.ndjson');
  };
  const search = async (requestId: string) =>
    (await askLogging<{ events: { source: string }[] }>(project, `/api/v1/events?request_id=${requestId}`))
      .events;

  beforeAll(async () => {
    project = await makeProject('stack');
    await project.configure(CONFIG);
    const setting = [PROGRAM, 'secrets', 'set', 'alert-hook-token'];
    await execa(process.execPath, setting, { cwd: project.root, input: 'token-of-the-hook\n' });
    const { exitCode, stdout, stderr } = await project.apictl('up', '--json');
    if (exitCode !== 0) throw new Error(stderr);
    broughtMs = Date.now();
    brought = JSON.parse(stdout) as UpResult;
  });
  afterAll(() => project?.destroy());

  it('is healthy, says what it is made of, and waited only for its critical path', () => {
    expect(brought).toMatchObject({ state: 'healthy', images: 'embedded' });
    expect(brought.criticalPath.length).toBeGreaterThan(1);
    expect(brought.urls.proxy).toBe(url(project.ports.proxy, ''));
    expect(brought.table.find(({ service }) => service === 'kong')).toMatchObject({ kind: 'substitute' });
    expect(brought.table.find(({ service }) => service === 'grafana')).toMatchObject({ kind: 'left out' });
  });

  // Before the partner's limit is used up below: it asks with the partner's key too.
  it('passes its own smoke test, and writes it as JUnit', async () => {
    const { exitCode, stdout, stderr } = await project.apictl('smoke', '--json', '--junit', 'smoke.xml');
    expect(exitCode, stdout + stderr).toBe(0);
    const { checks } = JSON.parse(stdout) as { checks: { ok: boolean }[] };
    expect(checks.length).toBeGreaterThanOrEqual(6);
    const xml = await readFile(join(project.root, 'smoke.xml'), 'utf8');
    expect(xml).toContain(`tests="${checks.length}" failures="0"`);
  });

  // Before the partner's limit is used up below, here too.
  it('proves every route over both ports, and each backend in its share, with seed --verify', async () => {
    const { exitCode, stdout, stderr } = await project.apictl('seed', '--verify', '--json');
    expect(exitCode, stdout + stderr).toBe(0);
    const { writes, verified } = JSON.parse(stdout) as SeedResult;
    expect([writes, verified?.failures]).toEqual([0, 0]);
    expect(verified?.requests).toBeGreaterThanOrEqual(2 * 90 + 6);
    const routes = ['api', 'gateway-health', 'partner'];
    const found = verified?.routes.map(({ route, door, ok }) => `${route} ${door} ${ok}`);
    expect(found).toEqual(
      [...routes, 'targets of backend'].flatMap((route) => [`${route} http true`, `${route} https true`]),
    );
    expect(verified?.routes.at(-1)?.found).toMatch(
      /^backend-1 (29|3[01]), backend-2 (29|3[01]), backend-3 (29|3[01])$/,
    );
  });

  it('answers 300 requests from its three backends, 100 each', async () => {
    expectEvenShares(await countInstances(whoami));
  });

  it('answers the same over TLS, verified by the local authority', async () => {
    const ca = await readFile(join(project.root, 'secrets', 'certs', 'ca', 'ca.crt'), 'utf8');
    const dispatcher = new Agent({ connect: { ca } });
    const ask = async (): Promise<WhoAmI> => {
      const { body } = await request(`https://localhost:${project.ports.proxyTls}/api/v1/whoami`, {
        dispatcher,
      });
      return (await body.json()) as WhoAmI;
    };
    expectEvenShares(await countInstances(ask));
    await dispatcher.close();
  });

  it('wants the partner’s key, and limits how often it is used', async () => {
    const path = url(project.ports.proxy, '/partner/v1/whoami');
    const apikey = await project.secret('partner-api-key');
    const without = await request(path);
    expect(without.statusCode).toBe(401);
    await without.body.dump();
    const codes: number[] = [];
    for (let count = 0; count < 130 && !codes.includes(429); count += 1) {
      const { statusCode, body } = await request(path, { headers: { apikey } });
      codes.push(statusCode);
      await body.dump();
    }
    expect(codes[0]).toBe(200);
    expect(codes.at(-1)).toBe(429);
    // 60 a minute, less what was asked in the same minute before.
    expect(codes.filter((code) => code === 200).length).toBeGreaterThan(40);
  });

  it('finds a request again by its id: in the logs and in the logging service, from gateway and backend', async () => {
    const requestId = `e2e-${process.pid}-find-me`;
    expect((await whoami({ 'x-request-id': requestId })).requestId).toBe(requestId);
    const sources = await eventually('both records of the request', async () => {
      const found = (await search(requestId)).map(({ source }) => source).sort();
      expect(found).toHaveLength(2);
      return found;
    });
    expect(sources).toContain('kong');
    expect(sources.find((source) => source.startsWith('backend-'))).toBeDefined();
    const logs = await project.apictl('logs', '--request-id', requestId);
    expect(logs.stdout).toContain(requestId);
    const stored = await project.apictl('logs', '--store', '--request-id', requestId);
    expect(stored.stdout.split('\n')).toHaveLength(2);
  });

  it('shows requests in the page, open in a browser, and in the stored logs within two seconds, once from each that had a part in it', async () => {
    const page = await openLoggingPage(
      url(project.ports.loggingAdmin, ''),
      await project.secret('logging-admin-token'),
    );
    onTestFinished(page.close);
    const ids = [1, 2, 3].map((number) => `e2e-${process.pid}-in-the-page-${number}`);
    const partsOf = new Map<string, readonly string[]>();
    const seconds: number[] = [];
    for (const requestId of ids) {
      const { instance } = await whoami({ 'x-request-id': requestId });
      const answeredMs = performance.now();
      const parts = [`${instance} · backend`, 'kong · backend'];
      partsOf.set(requestId, parts);
      await eventually('the request in the page', async () =>
        expect([...(await page.live(requestId))].sort()).toEqual(parts),
      );
      await eventually('the request in the stored logs', async () => {
        const { stdout } = await project.apictl('--json', 'logs', '--store', '--request-id', requestId);
        expect(stdout.split('\n')).toHaveLength(parts.length);
      });
      seconds.push((performance.now() - answeredMs) / 1000);
    }
    // Whatever else the machine was busy with, most requests were there in time.
    expect(median(seconds), `of ${seconds.map((each) => each.toFixed(2)).join(', ')} s`).toBeLessThan(2);
    // What was still on its way has come by then, and is no second copy.
    await eventually('nothing on its way', async () =>
      expect(await askLogging(project, '/api/v1/pipeline')).toMatchObject({ buffered: 0 }),
    );
    for (const [requestId, parts] of partsOf) {
      expect([...(await page.live(requestId))].sort(), 'live').toEqual(parts);
    }
    for (const [requestId, parts] of partsOf) {
      expect([...(await page.found(requestId))].sort(), 'searched').toEqual(parts);
    }
  });

  it('has every Prometheus target up within 30 seconds, every alert rule loaded, and an Alertmanager that answers', async () => {
    interface Target {
      readonly labels: { readonly job: string; readonly instance: string };
    }
    const names = (found: readonly Target['labels'][]): string[] =>
      found.map(({ job, instance }) => `${job} ${instance}`).sort();
    const { activeTargets } = await prometheus<{ activeTargets: Target[] }>('targets?state=active');
    const targets = names(activeTargets.map(({ labels }) => labels));
    expect(new Set(targets.map((name) => name.split(' ')[0])).size).toBeGreaterThanOrEqual(10);
    const endMs = broughtMs + 30_000;
    await eventually(
      'every target is up',
      async () => {
        const query = new URLSearchParams({
          query: 'up == 1',
          time: `${Math.min(Date.now(), endMs) / 1000}`,
        });
        const { result } = await prometheus<{ result: { metric: Target['labels'] }[] }>(`query?${query}`);
        expect(names(result.map(({ metric }) => metric))).toEqual(targets);
      },
      endMs - Date.now(),
    );
    const files = await readdir(RULES);
    const texts = await Promise.all(files.map((file) => readFile(join(RULES, file), 'utf8')));
    const wanted = texts.flatMap(alertRules).map(({ name }) => name);
    const loaded = await eventually('every rule has been evaluated', async () => {
      const { groups } = await prometheus<{ groups: { rules: { name: string; health: string }[] }[] }>(
        'rules?type=alert',
      );
      const rules = groups.flatMap((group) => group.rules);
      expect(rules.filter(({ health }) => health !== 'ok')).toEqual([]);
      return rules.map(({ name }) => name);
    });
    expect([...loaded].sort()).toEqual([...wanted].sort());
    const ready = await request(url(project.ports.alertmanager, '/-/ready'));
    expect(ready.statusCode).toBe(200);
    await ready.body.dump();
  });

  it('says in status that it is healthy, with every target and certificate', async () => {
    const current = await status();
    expect(current.state).toBe('healthy');
    expect(current.kong).toMatchObject({ reachable: true, databaseReachable: true, drift: 0 });
    expect(current.kong.upstreams[0]?.targets.map(({ target }) => target).sort()).toEqual([
      'backend-1:8000',
      'backend-2:8000',
      'backend-3:8000',
    ]);
    expect(current.certificates.map(({ name }) => name).sort()).toEqual(['admin', 'proxy']);
    expect(current.leftOut.map(({ name }) => name)).toContain('kibana');
  });

  it('has nothing to do at a second up, and sends Kong no write', async () => {
    const again = JSON.parse((await project.apictl('up', '--json')).stdout) as UpResult;
    expect(again.services.every(({ action }) => action === 'unchanged')).toBe(true);
    const seeded = JSON.parse((await project.apictl('seed', '--json')).stdout) as {
      writes: number;
      changes: unknown[];
    };
    expect(seeded).toMatchObject({ writes: 0, changes: [] });
  });

  it('shows its administration on the host only: no backend reaches the Admin API by any name or address', async () => {
    const { admin = 0, adminTls = 0 } = project.ports;
    const status = await request(url(admin, '/status'));
    expect(status.statusCode).toBe(200);
    await status.body.dump();
    const manager = await request(url(project.ports.manager, '/'));
    expect(await manager.body.text()).toContain('development gateway');
    const format =
      '{{range .NetworkSettings.Networks}}{{.IPAddress}} {{.Gateway}} {{join .Aliases " "}} {{end}}{{.Name}}';
    const inspected = await docker('inspect', '--format', format, `${project.name}-kong-1`);
    const own = inspected.replace('/', '').split(' ');
    expect(own).toEqual(expect.arrayContaining(['kong', 'kong-admin']));
    const hosts = [...new Set([...own, 'host.docker.internal', 'localhost', ...otherAddresses()])];
    const open = await reachedFrom(`${project.name}-backend-1-1`, [
      { host: 'kong', port: 8000 },
      ...[8001, 8444, admin, adminTls].flatMap((port) => hosts.map((host) => ({ host, port }))),
    ]);
    expect(open).toEqual(['kong 8000']);
  });

  it('lets no page of another origin read or drive the Admin API', async () => {
    const origin = 'http://page.example';
    const read = await request(url(project.ports.admin, '/services'), { headers: { origin } });
    await read.body.dump();
    expect(read.headers['access-control-allow-origin']).not.toMatch(/page\.example|\*/);
    const form = { origin, 'content-type': 'application/x-www-form-urlencoded' };
    const write = await request(url(project.ports.admin, '/services'), {
      method: 'POST',
      headers: form,
      body: 'name=driven&url=http://page.example',
    });
    await write.body.dump();
    expect(write.statusCode).toBe(403);
  });

  it('has Prometheus’ administration and lifecycle off, and no answer of the logging administration without its token', async () => {
    const answers = await Promise.all(
      ['/api/v1/admin/tsdb/delete_series?match[]=up', '/-/reload', '/-/quit'].map(async (path) => {
        const { statusCode, body } = await request(url(project.ports.prometheus, path), { method: 'POST' });
        return [statusCode >= 400, /disabled|not enabled/.test(await body.text())];
      }),
    );
    expect(answers).toEqual(Array(3).fill([true, true]));
    const events = await request(url(project.ports.loggingAdmin, '/api/v1/events'));
    expect(events.statusCode).toBe(401);
    await events.body.dump();
  });

  it('answers on no other address of the machine', async () => {
    const addresses = otherAddresses();
    expect(addresses.length).toBeGreaterThan(0);
    const doors = Object.values(project.ports).flatMap((port) => addresses.map((host) => ({ host, port })));
    const answers = await Promise.all(doors.map(async (door) => ({ ...door, answer: await knock(door) })));
    expect(answers.filter(({ answer }) => answer !== 'ECONNREFUSED')).toEqual([]);
    expect(await knock({ host: '127.0.0.1', port: project.ports.proxy ?? 0 })).toBe('connected');
  });

  it('shows no secret in docker inspect, in the rendered files or in any log', async () => {
    const ids = (
      await docker('ps', '-aq', '--filter', `label=com.docker.compose.project=${project.name}`)
    ).split('\n');
    const logs = await Promise.all(
      ids.map(async (id) => {
        const { stdout, stderr } = await execa('docker', ['logs', id]);
        return stdout + stderr;
      }),
    );
    const names = await readdir(join(project.root, '.apictl'), { recursive: true, withFileTypes: true });
    const files = await Promise.all(
      names
        .filter((entry) => entry.isFile())
        .map((entry) => readFile(join(entry.parentPath, entry.name), 'utf8')),
    );
    const everything = [await docker('inspect', ...ids), ...logs, ...files].join('\n');
    for (const { name } of SECRETS) {
      const value = await project.secret(name);
      expect(everything.includes(value), `the value of ${name} is seen somewhere`).toBe(false);
    }
  });

  it('goes on without a failed request when a backend is stopped, and says degraded', async () => {
    await docker('pause', `${project.name}-backend-2-1`);
    await docker('unpause', `${project.name}-backend-2-1`);
    await docker('stop', '--time', '0', `${project.name}-backend-2-1`);
    const answers = await Promise.all(Array.from({ length: 60 }, () => whoami()));
    expect(answers.every(({ instance }) => instance !== 'backend-2')).toBe(true);
    const { exitCode } = await project.apictl('status', '--json');
    expect(exitCode).toBe(4);
    const proof = await project.apictl('seed', '--verify', '--timeout', '1');
    expect(proof.exitCode, proof.stdout + proof.stderr).toBe(4);
    expect(proof.stdout).toMatch(/failed +https? +targets of backend: .*backend-2 0 instead of 30/);
    const current = await status();
    expect(current.state).toBe('degraded');
    expect(current.services.find(({ name }) => name === 'backend-2')?.problem?.cause).toContain(
      'stopped from outside',
    );
  });

  it('serves from a recreated backend with another address within 10 seconds', async () => {
    const container = `${project.name}-backend-2-1`;
    const network = `${project.name}_kong-net`;
    await docker('rm', '-f', container);
    // Holds the address that was freed, so that the new one is another.
    const image = await docker('inspect', '--format', '{{.Config.Image}}', `${project.name}-backend-1-1`);
    const squatter = await docker(
      'run',
      '-d',
      '--rm',
      '--network',
      network,
      '--entrypoint',
      'sleep',
      image,
      '60',
    );
    try {
      const { exitCode, stderr } = await project.apictl('up', '--no-seed');
      expect(exitCode, stderr).toBe(0);
      await eventually(
        'backend-2 serves',
        async () => {
          const answers = await Promise.all(Array.from({ length: 12 }, () => whoami()));
          expect(answers.some(({ instance }) => instance === 'backend-2')).toBe(true);
        },
        10_000,
      );
    } finally {
      await docker('rm', '-f', squatter);
    }
  });

  it('notices in its smoke test that the gateway may not write its log, although it answers', async () => {
    await logRights('a-w');
    try {
      const { exitCode, stdout } = await project.apictl('smoke', '--json', '--budget', '20');
      expect(exitCode).toBe(4);
      const { checks } = JSON.parse(stdout) as { checks: { name: string; ok: boolean; found: string }[] };
      expect(checks.find(({ name }) => name === 'logs')).toMatchObject({
        ok: false,
        found: expect.stringMatching(/0 of the gateway, 1 of the backend$/),
      });
      expect((await whoami()).instance).toMatch(/^backend-/);
    } finally {
      await logRights('u+w');
    }
  });

  it('refuses rules and receivers that only Prometheus and Alertmanager know to be wrong, and touches nothing', async () => {
    const before = await running();
    await mkdir(join(project.root, 'rules'));
    const rule = '{ alert: SlowCheckout, expr: rate(up) > 1 }';
    await writeFile(
      join(project.root, 'rules/shop.yml'),
      `groups:\n  - name: shop\n    rules:\n      - ${rule}\n`,
    );
    const hook = { name: 'hook', webhook: { url: 'http://receiver/%zz' } };
    await project.configure({ ...CONFIG, alerting: { rules: ['rules/shop.yml'], receivers: [hook] } });
    const rendered = await readFile(join(project.root, '.apictl/compose.yaml'), 'utf8');
    for (const command of ['render', 'up']) {
      const { exitCode, stderr } = await project.apictl(command);
      expect(exitCode, stderr).toBe(64);
      expect(stderr).toMatch(
        /rules\/shop\.yml:4: group "shop", rule 1, "SlowCheckout": .* expected type range vector .*\(promtool\)/,
      );
      expect(stderr).toMatch(
        /apictl\.yaml: line \d+: alerting\.receivers\.0: hook: .* invalid URL escape "%zz" \(amtool\)/,
      );
    }
    expect(await readFile(join(project.root, '.apictl/compose.yaml'), 'utf8')).toBe(rendered);
    expect(await running()).toEqual(before);
    expect(await docker('ps', '-aq', '--filter', 'label=io.apictl.program')).toBe('');
  });

  it('recreates only the services whose mounted files changed', async () => {
    const before = await running();
    await project.configure(QUICK);
    const { exitCode, stdout, stderr } = await project.apictl('up', '--json');
    expect(exitCode, stderr).toBe(0);
    const changed = (JSON.parse(stdout) as UpResult).services.filter(({ action }) => action !== 'unchanged');
    expect(changed.map(({ name, action }) => `${name} ${action}`).sort()).toEqual([
      'alertmanager recreated',
      'prometheus recreated',
    ]);
    const after = await running();
    expect(after.filter((id) => before.includes(id))).toHaveLength(before.length - 2);
  });

  it('alerts on a fifth of failed answers, a stopped backend and a log that is not written, tells everybody, and takes it back', async () => {
    const image = await docker('inspect', '--format', '{{.Config.Image}}', `${project.name}-logging-1`);
    const receiver = await startReceiver(project.name, image);
    const alerts = async (): Promise<Record<string, string>> => {
      const { stdout, stderr, exitCode } = await project.apictl('alerts', 'ls', '--json');
      expect(exitCode, stderr).toBe(0);
      return Object.fromEntries(
        alertListSchema.parse(JSON.parse(stdout)).alerts.map(({ name, state }) => [name, state]),
      );
    };
    const becomes = (expected: Readonly<Record<string, string | undefined>>, timeoutMs: number) =>
      eventually(
        JSON.stringify(expected),
        async () => {
          const found = await alerts();
          expect(Object.fromEntries(Object.keys(expected).map((name) => [name, found[name]]))).toEqual(
            expected,
          );
        },
        timeoutMs,
      );
    const told = async (status: string): Promise<string[]> =>
      (await receiver.notifications())
        .flatMap(({ body }) => body.alerts)
        .filter((alert) => alert.status === status)
        .map(({ labels }) => labels.alertname ?? '');
    const isTold = (status: string, name: string) =>
      eventually(`the receiver is told that ${name} is ${status}`, async () =>
        expect(await told(status)).toContain(name),
      );
    await docker('stop', '--time', '0', `${project.name}-backend-3-1`);
    await logRights('a-w');
    const traffic = failingTraffic(url(project.ports.proxy, '/api/v1'));
    try {
      await becomes({ HighErrorRate: 'pending' }, 60_000);
      await becomes({ HighErrorRate: 'firing' }, 60_000);
      await eventually('a fifth of the answers is what Prometheus sees', async () => {
        const { result } = await prometheus<{ result: { value: [number, string] }[] }>(
          'query?query=gateway:error_ratio',
        );
        const ratio = Number(result[0]?.value[1]);
        expect(Math.abs(ratio - 0.2), `${ratio}`).toBeLessThan(0.02);
      });
      expect((await status()).alerts).toContainEqual({
        name: 'HighErrorRate',
        severity: 'critical',
        state: 'firing',
      });
      await isTold('firing', 'HighErrorRate');
      expect((await receiver.notifications()).at(0)?.authorization).toBe('Bearer token-of-the-hook');
      await eventually('the logging service has it', async () =>
        expect(JSON.stringify(await alertEvents(project))).toContain('HighErrorRate'),
      );
      const silence = ['alerts', 'silence', 'Watchdog', '--for', '5m', '--json'];
      const { id } = JSON.parse((await project.apictl(...silence)).stdout) as { id: string };
      await becomes({ Watchdog: 'silenced' }, 30_000);
      expect((await project.apictl('alerts', 'silence', '--remove', id)).exitCode).toBe(0);
      await becomes({ Watchdog: 'firing' }, 30_000);
      await becomes({ TargetDown: 'firing', GatewayLogMissing: 'firing' }, 60_000);
      await isTold('firing', 'GatewayLogMissing');
      await logRights('u+w');
      await becomes({ GatewayLogMissing: undefined }, 60_000);
      const counts = await traffic.stop();
      const failures = counts.get(503) ?? 0;
      expect([...counts].sort()).toEqual([
        [200, 4 * failures],
        [503, failures],
      ]);
      await becomes({ BackendUnhealthy: 'firing', TargetDown: 'firing' }, 90_000);
      await isTold('firing', 'BackendUnhealthy');
      await becomes({ HighErrorRate: undefined }, 60_000);
      await isTold('resolved', 'HighErrorRate');
      expect((await project.apictl('up', '--no-seed')).exitCode).toBe(0);
      await becomes({ BackendUnhealthy: undefined, TargetDown: undefined }, 60_000);
      await isTold('resolved', 'BackendUnhealthy');
      const tested = await project.apictl('alerts', 'test', '--json');
      expect(tested.exitCode, tested.stdout).toBe(0);
      const { receivers } = alertTestSchema.parse(JSON.parse(tested.stdout));
      expect(receivers.map(({ name, state }) => [name, state])).toEqual([
        ['logging', 'delivered'],
        ['hook', 'delivered'],
      ]);
    } finally {
      await traffic.stop();
      await logRights('u+w');
      await receiver.remove();
    }
  }, 400_000);

  it('answers every query of the dashboards that needs no published image', async () => {
    expect(await expectDashboardsAnswered(project)).toBeGreaterThan(100);
  });

  it('keeps its data through down, and serves the same configuration at the next up without a write', async () => {
    const stopped = await project.apictl('down', '--json');
    expect(stopped.exitCode).toBe(0);
    expect(
      (JSON.parse(stopped.stdout) as { volumes: { kept: string[] } }).volumes.kept.length,
    ).toBeGreaterThan(3);
    expect((await project.apictl('status')).exitCode).toBe(4);
    const { exitCode, stderr } = await project.apictl('up', '--no-seed');
    expect(exitCode, stderr).toBe(0);
    await eventually('the gateway serves', () => whoami());
    const seeded = JSON.parse((await project.apictl('seed', '--json')).stdout) as { writes: number };
    expect(seeded.writes).toBe(0);
  });

  it('leaves nothing behind after down --volumes --yes', async () => {
    const asked = await project.apictl('down', '--volumes');
    expect(asked.exitCode).toBe(64);
    expect((await project.apictl('down', '--volumes', '--yes')).exitCode).toBe(0);
    const label = `label=com.docker.compose.project=${project.name}`;
    expect(await docker('ps', '-aq', '--filter', label)).toBe('');
    expect(await docker('volume', 'ls', '-q', '--filter', label)).toBe('');
    expect(await docker('network', 'ls', '-q', '--filter', label)).toBe('');
  });
});
