import { readdir, readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import { Agent, request } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { alertListSchema, alertTestSchema } from '../../src/app/alerts/model.ts';
import type { SeedResult } from '../../src/app/seed.ts';
import { type Status, statusSchema } from '../../src/app/status.ts';
import type { UpResult } from '../../src/app/up/model.ts';
import { SECRETS } from '../../src/secrets/model.ts';
import { expectDashboardsAnswered } from './support/dashboard-answers.ts';
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
const knock = (door: { readonly host: string; readonly port: number }): Promise<string> =>
  new Promise((resolve) => {
    const socket = connect(door);
    socket.once('connect', () => {
      resolve('connected');
      socket.destroy();
    });
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  });

/** Ten requests a second, half of them failing on purpose, until it is stopped: the tests before have sent many that did not. */
function failingTraffic(base: string) {
  const ending = new AbortController();
  const run = async (): Promise<void> => {
    while (!ending.signal.aborted) {
      const paths = Array.from({ length: 10 }, (_, index) => (index < 5 ? '/drills/status/503' : '/whoami'));
      await Promise.all(
        paths.map(async (path) => (await request(`${base}${path}`).catch(() => null))?.body.dump()),
      );
      await delay(1_000, undefined, { signal: ending.signal }).catch(() => {});
    }
  };
  const running = run();
  return {
    stop: () => {
      ending.abort();
      return running;
    },
  };
}

/** The alerts that the logging service has been sent. */
async function alertEvents(project: TestProject): Promise<unknown> {
  const token = await project.secret('logging-admin-token');
  const { body } = await request(url(project.ports.loggingAdmin, '/api/v1/events?kind=alert'), {
    headers: { authorization: `Bearer ${token}` },
  });
  return body.json();
}

const docker = async (...argv: readonly string[]): Promise<string> => (await execa('docker', argv)).stdout;

/** Failures on demand, a short window for the alerts, and somebody to tell of them. */
const CONFIG = {
  backends: { drills: true },
  alerting: {
    window: '1m',
    receivers: [
      { name: 'hook', webhook: { url: 'http://receiver:8080/', bearerSecret: 'alert-hook-token' } },
    ],
  },
};

describe('a stack from nothing', () => {
  let project: TestProject;
  let brought: UpResult;
  const whoami = async (headers: Record<string, string> = {}): Promise<WhoAmI> => {
    const { statusCode, body } = await request(url(project.ports.proxy, '/api/v1/whoami'), { headers });
    expect(statusCode).toBe(200);
    return (await body.json()) as WhoAmI;
  };
  const status = async (): Promise<Status> =>
    statusSchema.parse(JSON.parse((await project.apictl('status', '--json')).stdout));
  const search = async (requestId: string): Promise<{ source: string }[]> => {
    const token = await project.secret('logging-admin-token');
    const { statusCode, body } = await request(
      url(project.ports.loggingAdmin, `/api/v1/events?request_id=${requestId}`),
      { headers: { authorization: `Bearer ${token}` } },
    );
    expect(statusCode).toBe(200);
    return ((await body.json()) as { events: { source: string }[] }).events;
  };

  beforeAll(async () => {
    project = await makeProject('stack');
    await project.configure(CONFIG);
    const setting = [PROGRAM, 'secrets', 'set', 'alert-hook-token'];
    await execa(process.execPath, setting, { cwd: project.root, input: 'token-of-the-hook\n' });
    const { exitCode, stdout, stderr } = await project.apictl('up', '--json');
    if (exitCode !== 0) throw new Error(stderr);
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

  it('shows a request in the page and in the stored logs within two seconds, once from each that had a part in it', async () => {
    const page = await openLoggingPage(
      url(project.ports.loggingAdmin, ''),
      await project.secret('logging-admin-token'),
    );
    expect(Object.values(page.files)).toEqual([200, 200, 200]);
    const requestId = `e2e-${process.pid}-in-the-page`;
    const { instance } = await whoami({ 'x-request-id': requestId });
    const deadline = Date.now() + 2_000;
    const sources = [instance, 'kong'];
    const inPage = async () => {
      const { events } = await page.ask<{ events: { source: string }[] }>(
        `/api/v1/events?request_id=${requestId}`,
      );
      return events.map(({ source }) => source).sort();
    };
    await eventually(
      'the request in the page',
      async () => expect(await inPage()).toEqual(sources),
      deadline - Date.now(),
    );
    await eventually(
      'the request in the stored logs',
      async () => {
        const { stdout } = await project.apictl('--json', 'logs', '--store', '--request-id', requestId);
        expect(stdout.split('\n')).toHaveLength(sources.length);
      },
      deadline - Date.now(),
    );
    // Whatever was still on its way has come by then, and is no second copy.
    await eventually('nothing on its way', async () =>
      expect(await page.ask('/api/v1/pipeline')).toMatchObject({ buffered: 0 }),
    );
    expect(await inPage()).toEqual(sources);
  });

  it('has every Prometheus target up, both alert rules loaded, and an Alertmanager that answers', async () => {
    await eventually(
      'every target is up',
      async () => {
        const { body } = await request(url(project.ports.prometheus, '/api/v1/targets?state=active'));
        const { data } = (await body.json()) as {
          data: { activeTargets: { health: string; labels: { job: string } }[] };
        };
        expect(data.activeTargets.length).toBeGreaterThanOrEqual(8);
        expect(
          data.activeTargets.filter(({ health }) => health !== 'up').map(({ labels }) => labels.job),
        ).toEqual([]);
      },
      60_000,
    );
    const { body } = await request(url(project.ports.prometheus, '/api/v1/rules?type=alert'));
    const { data } = (await body.json()) as {
      data: { groups: { rules: { labels: { severity?: string }; query: string }[] }[] };
    };
    const rules = data.groups.flatMap((group) => group.rules);
    expect(rules.some(({ labels }) => labels.severity === 'critical')).toBe(true);
    expect(
      rules.some(({ labels, query }) => labels.severity === 'warning' && query.includes('logging')),
    ).toBe(true);
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

  it('shows its administration on the host only: no backend reaches the Admin API', async () => {
    const admin = await request(url(project.ports.admin, '/status'));
    expect(admin.statusCode).toBe(200);
    await admin.body.dump();
    const manager = await request(url(project.ports.manager, '/'));
    expect(await manager.body.text()).toContain('development gateway');
    const probe = "import urllib.request as u; print(u.urlopen('http://HOST:8001/', timeout=3).read())";
    for (const host of ['kong', 'kong-admin']) {
      const { exitCode } = await execa(
        'docker',
        ['exec', `${project.name}-backend-1-1`, 'python3', '-c', probe.replace('HOST', host)],
        { reject: false },
      );
      expect(exitCode).not.toBe(0);
    }
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

  it('goes on without a failed request when a backend is killed, and says degraded', async () => {
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
    expect(current.services.find(({ name }) => name === 'backend-2')?.problem?.cause).toContain('killed');
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

  it('alerts on failed answers and on a stopped backend, tells everybody, and takes it back', async () => {
    const image = await docker('inspect', '--format', '{{.Config.Image}}', `${project.name}-logging-1`);
    const receiver = await startReceiver(project.name, image);
    const alerts = async (): Promise<Record<string, string>> => {
      const { stdout, stderr, exitCode } = await project.apictl('alerts', 'ls', '--json');
      expect(exitCode, stderr).toBe(0);
      return Object.fromEntries(
        alertListSchema.parse(JSON.parse(stdout)).alerts.map(({ name, state }) => [name, state]),
      );
    };
    const told = async (status: string): Promise<string[]> =>
      (await receiver.notifications())
        .flatMap(({ body }) => body.alerts)
        .filter((alert) => alert.status === status)
        .map(({ labels }) => labels.alertname ?? '');
    const traffic = failingTraffic(url(project.ports.proxy, '/api/v1'));
    try {
      await docker('stop', '--time', '0', `${project.name}-backend-3-1`);
      await eventually(
        'pending',
        async () => expect(await alerts()).toMatchObject({ HighErrorRate: 'pending' }),
        60_000,
      );
      await eventually(
        'firing',
        async () =>
          expect(await alerts()).toMatchObject({ HighErrorRate: 'firing', BackendUnhealthy: 'firing' }),
        150_000,
      );
      expect((await status()).alerts).toContainEqual({
        name: 'HighErrorRate',
        severity: 'critical',
        state: 'firing',
      });
      await eventually('the receiver is told', async () =>
        expect(await told('firing')).toEqual(expect.arrayContaining(['HighErrorRate', 'BackendUnhealthy'])),
      );
      expect((await receiver.notifications()).at(0)?.authorization).toBe('Bearer token-of-the-hook');
      await eventually('the logging service has it', async () =>
        expect(JSON.stringify(await alertEvents(project))).toContain('HighErrorRate'),
      );
      await traffic.stop();
      expect((await project.apictl('up', '--no-seed')).exitCode).toBe(0);
      const tested = await project.apictl('alerts', 'test', '--json');
      expect(tested.exitCode, tested.stdout).toBe(0);
      const { receivers } = alertTestSchema.parse(JSON.parse(tested.stdout));
      expect(receivers.map(({ name, state }) => [name, state])).toEqual([
        ['logging', 'delivered'],
        ['hook', 'delivered'],
      ]);
      await eventually(
        'resolved',
        async () => {
          const { HighErrorRate, BackendUnhealthy } = await alerts();
          expect([HighErrorRate, BackendUnhealthy]).toEqual([undefined, undefined]);
        },
        150_000,
      );
      await eventually(
        'the receiver is told of the end',
        async () =>
          expect(await told('resolved')).toEqual(
            expect.arrayContaining(['HighErrorRate', 'BackendUnhealthy']),
          ),
        90_000,
      );
    } finally {
      await traffic.stop();
      await receiver.remove();
    }
  }, 600_000);

  it('answers every query of the dashboards that needs no published image', async () => {
    expect(await expectDashboardsAnswered(project)).toBeGreaterThan(100);
  });

  it('recreates only the service whose mounted file changed', async () => {
    const before = await docker(
      'ps',
      '-q',
      '--no-trunc',
      '--filter',
      `label=com.docker.compose.project=${project.name}`,
    );
    await project.configure({ ...CONFIG, retention: { prometheus: '3d' } });
    const { stdout } = await project.apictl('up', '--json');
    const changed = (JSON.parse(stdout) as UpResult).services.filter(({ action }) => action !== 'unchanged');
    expect(changed).toMatchObject([{ name: 'prometheus', action: 'recreated' }]);
    const after = await docker(
      'ps',
      '-q',
      '--no-trunc',
      '--filter',
      `label=com.docker.compose.project=${project.name}`,
    );
    const kept = after.split('\n').filter((id) => before.split('\n').includes(id));
    expect(kept).toHaveLength(before.split('\n').length - 1);
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
