import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { PATIENCE } from '../../support/patience.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const NAME = `t${process.pid}`;
const canRun = process.platform === 'linux' && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get');

const second = (...args: string[]) =>
  execa('scripts/engine/second-engine.sh', args, { cwd: ROOT, reject: false });
const start = (version = '20.10') => second('start', NAME, '--version', version);
const docker = async (...args: string[]) => (await second('run', NAME, 'docker', ...args)).stdout;

/** What a second engine in the same network namespace would delete: the bridge of the first. */
async function firstEngine() {
  const bridge = await execa('ip', ['-o', 'address', 'show', 'docker0']);
  const network = await execa('docker', ['network', 'inspect', 'bridge', '--format', '{{.Id}}']);
  return { bridge: bridge.stdout, network: network.stdout };
}

describe.runIf(canRun)('a second Docker Engine on this machine', () => {
  let before: Awaited<ReturnType<typeof firstEngine>>;
  beforeAll(async () => {
    before = await firstEngine();
  });
  afterAll(async () => {
    await second('stop', NAME);
  });

  it('starts with the version that was asked for, and prints how to reach it', async () => {
    const started = await start();
    expect(started.stderr).toBe('');
    expect(started.stdout).toContain(`DOCKER_HOST=unix://${ROOT}.run/engines/${NAME}/var/run/docker.sock`);
    expect(await docker('version', '--format', '{{.Server.Version}}')).toMatch(/^20\.10\./);
  });

  it('leaves the first engine its bridge', async () => {
    expect(await firstEngine()).toEqual(before);
  });

  it('refuses to become an engine of another version', async () => {
    const refused = await start('28');
    expect(refused.exitCode).toBe(64);
    expect(refused.stderr).toContain(`"${NAME}" is an engine of version 20.10`);
  });

  it('keeps its data when it is halted', async () => {
    await docker('volume', 'create', 'kept');
    expect((await second('halt', NAME)).exitCode).toBe(0);
    expect((await second('pid', NAME)).exitCode).toBe(5);
    await start();
    expect(await docker('volume', 'ls', '--quiet')).toBe('kept');
  });

  it('comes back after it was killed', async () => {
    const killed = Number((await second('pid', NAME)).stdout);
    process.kill(killed, 'SIGKILL');
    await vi.waitFor(async () => expect((await second('pid', NAME)).stdout).not.toBe(`${killed}`), PATIENCE);
    await start();
    expect(await docker('volume', 'ls', '--quiet')).toBe('kept');
  });

  it('leaves nothing when it is stopped', async () => {
    expect(await second('stop', NAME)).toMatchObject({ exitCode: 0, stderr: '' });
    expect(existsSync(`${ROOT}.run/engines/${NAME}`)).toBe(false);
    expect(existsSync(`/run/netns/apictl-${NAME}`)).toBe(false);
    expect(await second('stop', NAME)).toMatchObject({ exitCode: 0 });
  });
});
