import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeProject, type TestProject } from './support/project.ts';

const containersOf = async (project: TestProject): Promise<string> =>
  (await execa('docker', ['ps', '-aq', '--filter', `label=com.docker.compose.project=${project.name}`]))
    .stdout;

/** The error document on stderr: the last line of it. */
const errorOf = (stderr: string): Record<string, unknown> => {
  const last = stderr.trim().split('\n').at(-1) ?? '';
  return (JSON.parse(last) as { error: Record<string, unknown> }).error;
};

describe('bad input', () => {
  let project: TestProject;
  beforeAll(async () => {
    project = await makeProject('bad');
  });
  afterAll(() => project?.destroy());

  it('without an engine: says where none answers, exit code 5', async () => {
    const program = join(import.meta.dirname, '../../bin/apictl.js');
    const { exitCode, stderr } = await execa(process.execPath, [program, '--json', 'up'], {
      cwd: project.root,
      reject: false,
      env: { DOCKER_HOST: 'unix:///nonexistent/docker.sock' },
    });
    expect(exitCode).toBe(5);
    expect(errorOf(stderr)).toMatchObject({
      code: 'ENGINE_UNREACHABLE',
      object: 'unix:///nonexistent/docker.sock',
    });
  });

  // Root may do everything, so the command runs as somebody else; only root can become somebody else.
  it.runIf(process.getuid?.() === 0)(
    'without permission on the engine: says how to get it, exit code 5',
    async ({ skip }) => {
      const program = join(import.meta.dirname, '../../bin/apictl.js');
      const asNobody = (...argv: readonly string[]) =>
        execa('setpriv', ['--reuid=65534', '--regid=65534', '--clear-groups', ...argv], {
          cwd: '/',
          reject: false,
        });
      skip(
        (await asNobody('test', '-r', program)).exitCode !== 0,
        'the clone lies in a folder that only root may read',
      );
      const { exitCode, stderr } = await asNobody(process.execPath, program, '--json', 'up');
      expect(exitCode, stderr).toBe(5);
      expect(errorOf(stderr)).toMatchObject({
        code: 'ENGINE_FORBIDDEN',
        hint: expect.stringContaining('docker'),
      });
    },
  );

  it('with a port that another process holds: names it before anything is created, exit code 8', async () => {
    const squatter = await new Promise<Server>((resolve) => {
      const server = createServer();
      server.listen(project.ports.proxy, '127.0.0.1', () => resolve(server));
    });
    const { exitCode, stderr } = await project.apictl('--json', 'up');
    await new Promise((resolve) => squatter.close(resolve));
    expect(exitCode).toBe(8);
    expect(errorOf(stderr)).toMatchObject({
      code: 'PORT_HELD',
      object: `port ${project.ports.proxy}`,
      message: expect.stringContaining(`(pid ${process.pid})`),
    });
    expect(await containersOf(project)).toBe('');
    expect(existsSync(join(project.root, 'secrets/values'))).toBe(false);
  });

  it('with a broken apictl.yaml: tells every problem, exit code 64', async () => {
    await project.configure({ bind: 'nowhere', backends: { replicas: 0 }, prots: {} });
    const { exitCode, stderr } = await project.apictl('--json', 'up');
    await project.configure({});
    expect(exitCode).toBe(64);
    expect(errorOf(stderr)).toMatchObject({ code: 'CONFIG_INVALID' });
    expect(errorOf(stderr).details).toHaveLength(3);
  });

  it('with an empty secret file: names it, exit code 7, nothing created', async () => {
    await project.apictl('up', '--dry-run');
    const first = await project.apictl('secrets', 'ls');
    expect(first.exitCode).toBe(0);
    await execa('mkdir', ['-p', join(project.root, 'secrets', 'values')]);
    await writeFile(join(project.root, 'secrets', 'values', 'postgres-password'), '');
    const { exitCode, stderr } = await project.apictl('--json', 'up');
    await execa('rm', ['-rf', join(project.root, 'secrets')]);
    expect(exitCode).toBe(7);
    expect(errorOf(stderr)).toMatchObject({ code: 'SECRETS_UNUSABLE', object: 'secret postgres-password' });
    expect(await containersOf(project)).toBe('');
  });

  it('with a backend that ends at its start: names it, its exit code and its last lines, exit code 4; the rest stays up', async () => {
    await project.configure({
      profiles: ['core'],
      backends: {
        replicas: 1,
        command: ['python3', '-c', 'print("no database for me", flush=True); raise SystemExit(3)'],
      },
    });
    const { exitCode, stderr } = await project.apictl('--json', 'up');
    expect(exitCode).toBe(4);
    const error = errorOf(stderr);
    expect(error).toMatchObject({ code: 'SERVICE_UNHEALTHY', object: 'service backend-1' });
    expect(error.message).toContain('exit code 3');
    expect(JSON.stringify(error.details)).toContain('no database for me');
    expect(JSON.stringify(error.details)).toContain('seed');
    const { stdout } = await project.apictl('status', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ state: 'degraded' });
  });

  it('with a word that is no command: suggests the nearest, exit code 64', async () => {
    const { exitCode, stderr } = await project.apictl('statsu');
    expect(exitCode).toBe(64);
    expect(stderr).toContain('status');
  });
});
