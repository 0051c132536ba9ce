import { writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { Status } from '../../src/app/status/model.ts';
import { type ServiceReport, serviceReportSchema } from '../../src/diagnosis/report.ts';
import { type Finished, makeProject, type TestProject } from './support/project.ts';

const docker = async (...argv: readonly string[]): Promise<string> => (await execa('docker', argv)).stdout;

interface ErrorDocument {
  readonly code: string;
  readonly exitCode: number;
  readonly message: string;
  readonly details?: readonly string[];
  readonly services?: readonly unknown[];
  readonly stillUp?: readonly string[];
}

/** The error document: the last of the lines on stderr. */
const errorOf = ({ stderr }: Finished): ErrorDocument =>
  (JSON.parse(stderr.trim().split('\n').at(-1) ?? '') as { error: ErrorDocument }).error;

const reportOf = (finished: Finished, service: string): ServiceReport => {
  const reports = (errorOf(finished).services ?? []).map((report) => serviceReportSchema.parse(report));
  const found = reports.find((report) => report.service === service);
  if (found === undefined) throw new Error(`no report of ${service}: ${finished.stderr}`);
  return found;
};

let project: TestProject;

/** Lays a definition over a service, as a user would. */
const override = (services: Readonly<Record<string, unknown>>, more: object = {}): Promise<void> =>
  writeFile(join(project.root, 'compose.override.yaml'), stringify({ services, ...more }));

beforeAll(async () => {
  project = await makeProject('diagnosis');
  await project.configure({ profiles: ['core'] });
});
afterAll(async () => {
  await override({});
  await project?.destroy();
});

describe('a port that is held', () => {
  const servers: Server[] = [];
  const holder = `e2e-diagnosis-holder-${process.pid}`;
  const listen = (port: number, host: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const server = createServer().once('error', reject);
      servers.push(server);
      server.listen({ port, host }, resolve);
    });
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
    await execa('docker', ['rm', '--force', holder], { reject: false });
  });

  it('is told before anything is made, all of them at once and by whom, on IPv4, on IPv6 and by a container', async () => {
    const { proxy = 0, admin = 0, logging = 0 } = project.ports;
    await listen(proxy, '127.0.0.1');
    await listen(admin, '::');
    const image =
      (await docker('image', 'ls', '--quiet', '--filter', 'reference=apictl/platform')).split('\n')[0] ?? '';
    await docker(
      'run',
      '--detach',
      '--name',
      holder,
      '--publish',
      `127.0.0.1:${logging}:80`,
      '--entrypoint',
      'sleep',
      image,
      '600',
    );
    const finished = await project.apictl('up', '--json');
    const error = errorOf(finished);
    expect(finished.exitCode, finished.stderr).toBe(8);
    expect(error.code).toBe('PORT_HELD');
    const told = (error.details ?? []).join('\n');
    expect(told).toMatch(new RegExp(`port ${proxy} \\(kong\\): held by .* \\(pid ${process.pid}\\)`));
    expect(told).toMatch(new RegExp(`port ${admin} \\(kong\\): held by .* \\(pid ${process.pid}\\)`));
    expect(told).toContain(`port ${logging} (logging): held by container ${holder}`);
    expect(
      await docker('ps', '--all', '--quiet', '--filter', `label=com.docker.compose.project=${project.name}`),
    ).toBe('');
    expect(
      await docker(
        'network',
        'ls',
        '--quiet',
        '--filter',
        `label=com.docker.compose.project=${project.name}`,
      ),
    ).toBe('');
  });
});

describe('a service that does not come up', () => {
  it('that ends is told with its exit code in words, its last line, and what was never started', async () => {
    await override({ postgres: { entrypoint: ['sh', '-c', 'echo "no such moon" >&2; exit 3'] } });
    const finished = await project.apictl('up', 'kong', '--json');
    expect(finished.exitCode, finished.stderr).toBe(4);
    const report = reportOf(finished, 'postgres');
    expect(report.exitCode).toBe(3);
    expect(report.cause).toContain('exit code 3');
    expect(report.cause).toContain('no such moon');
    expect(report.notStarted).toEqual(expect.arrayContaining(['kong', 'kong-migrations']));
    // Its evidence stays.
    expect(await docker('ps', '--all', '--format', '{{.Names}}')).toContain(`${project.name}-postgres-1`);
  });

  it.each([
    [
      'out-of-memory',
      {
        mem_limit: '24m',
        memswap_limit: '24m',
        entrypoint: ['node', '-e', 'const a = []; for (;;) a.push(Buffer.alloc(1 << 20, 1))'],
      },
    ],
    ['command-not-found', { entrypoint: ['no-such-program'] }],
    ['command-not-executable', { entrypoint: ['/etc/hostname'] }],
    [
      'disk-full',
      {
        tmpfs: ['/full:size=64k,mode=1777'],
        entrypoint: ['sh', '-c', 'exec dd if=/dev/zero of=/full/data bs=4k'],
      },
    ],
  ])('is told as %s', async (rule, definition) => {
    await override({ postgres: definition });
    const finished = await project.apictl('up', 'postgres', '--json');
    expect(finished.exitCode, finished.stderr).toBe(4);
    expect(reportOf(finished, 'postgres')).toMatchObject({ rule });
  });

  it('that fills its volume is told with the volume, also when it does not say where it wrote', async () => {
    const options = { type: 'tmpfs', device: 'tmpfs', o: 'size=64k,mode=1777' };
    const more = { volumes: { narrow: { driver_opts: options } } };
    const write = 'cat /dev/zero > /full/data || echo "write: no space left on device" >&2; exec sleep 600';
    const postgres = {
      volumes: ['narrow:/full'],
      entrypoint: ['sh', '-c', write],
      stop_grace_period: '1s',
      healthcheck: { test: ['CMD', 'false'] },
    };
    await override({ postgres }, more);
    const finished = await project.apictl('up', 'postgres', '--json', '--timeout', '10');
    expect(finished.exitCode, finished.stderr).toBe(4);
    expect(reportOf(finished, 'postgres')).toMatchObject({
      rule: 'disk-full',
      cause: expect.stringContaining(`(volume ${project.name}_narrow, 0 B of 64 KiB left): `),
      hint: expect.stringContaining(`docker volume inspect ${project.name}_narrow`),
    });
  });

  it('that never gets healthy is told with its check’s command, the answers seen, their times and its ports', async () => {
    await override({
      postgres: {
        entrypoint: ['sh', '-c', 'exec sleep 600'],
        stop_grace_period: '1s',
        healthcheck: { test: ['CMD-SHELL', 'echo "the moon is down"; exit 9'] },
      },
    });
    const finished = await project.apictl('up', 'postgres', '--json', '--timeout', '15');
    expect(finished.exitCode, finished.stderr).toBe(4);
    const report = reportOf(finished, 'postgres');
    expect(report.healthCheck?.command).toContain('the moon is down');
    const [run] = report.healthCheck?.runs ?? [];
    expect(run).toMatchObject({ exitCode: 9, output: 'the moon is down' });
    // More than the five that the engine keeps, in one entry with its first and last time.
    expect(run?.times).toBeGreaterThan(5);
    expect(Date.parse(run?.last ?? '')).toBeGreaterThan(Date.parse(run?.first ?? ''));
    expect(report.ports).toEqual([{ port: 5432, listening: false }]);
  });
});

describe('a gateway whose database is stopped', () => {
  it('is degraded, explained by the database, and says so with exit code 4', async () => {
    await override({});
    const up = await project.apictl('up', 'kong', '--json');
    expect(up.exitCode, up.stderr).toBe(0);
    await docker('stop', `${project.name}-postgres-1`);
    const finished = await project.apictl('status', '--json');
    expect(finished.exitCode).toBe(4);
    const status = JSON.parse(finished.stdout) as Status;
    expect(status).toMatchObject({ state: 'degraded', kong: { databaseReachable: false } });
    const problem = (name: string) => status.services.find((service) => service.name === name)?.problem;
    expect(problem('postgres')?.cause).toContain('was stopped from outside');
    expect(problem('postgres')?.hint).toContain('apictl up postgres');
    expect(problem('kong')?.cause).toMatch(/, because of postgres$/);
  });
});
