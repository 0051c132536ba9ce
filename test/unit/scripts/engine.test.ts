import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PATIENCE } from '../../support/patience.ts';
import { isAlive, Sandbox } from './sandbox.ts';

let sandbox: Sandbox;
let bystanders: ChildProcess[];
beforeEach(() => {
  sandbox = new Sandbox();
  bystanders = [];
});
afterEach(async () => {
  for (const process of bystanders) process.kill('SIGKILL');
  await sandbox.remove();
});

const startEngine = () => sandbox.run('scripts/engine/ensure.sh');
const stopEngine = () => sandbox.run('scripts/engine/stop.sh');
const pidFile = () => join(sandbox.machine, 'var/run/docker.pid');
const recordedPid = () => Number(sandbox.readMachine('var/run/apictl/engine').split(' ')[1]);

/** A program that has nothing to do with Docker, or a daemon that somebody else started. */
function startBystander(program: string, args: string[]): number {
  const child = spawn(program, args, {
    stdio: 'ignore',
    env: { ...process.env, SANDBOX: sandbox.directory, MACHINE_ROOT: sandbox.machine },
  });
  bystanders.push(child);
  if (child.pid === undefined) throw new Error(`${program} did not start`);
  return child.pid;
}

function stoppedDocker(): void {
  sandbox.debian('bookworm').withDocker().clearState('engine-answers');
}

describe.runIf(process.platform === 'linux')('starting an installed engine by hand', () => {
  beforeEach(stoppedDocker);

  it('starts dockerd in a session of its own, installs nothing and waits for its answer', async () => {
    const run = await startEngine();
    expect(run.exitCode).toBe(0);
    expect(sandbox.calls('apt-get')).toEqual([]);
    const stat = readFileSync(`/proc/${recordedPid()}/stat`, 'utf8').split(') ')[1]?.split(' ');
    expect(Number(stat?.[3])).toBe(recordedPid());
  });

  it('gives a second engine of one machine nothing of the first', async () => {
    await startEngine();
    const root = sandbox.machine;
    expect(sandbox.calls('dockerd')).toEqual([
      `dockerd --host=unix://${root}/var/run/docker.sock --pidfile=${root}/var/run/docker.pid ` +
        `--exec-root=${root}/var/run/docker --data-root=${root}/var/lib/docker`,
    ]);
  });

  it('passes over a pid file that names a living foreign process, and leaves that process alone', async () => {
    const foreign = startBystander('sleep', ['60']);
    sandbox.writeMachine('var/run/docker.pid', String(foreign));
    const run = await startEngine();
    expect(run.exitCode).toBe(0);
    expect(isAlive(foreign)).toBe(true);
    expect(Number(readFileSync(pidFile(), 'utf8'))).toBe(recordedPid());
  });

  it('ends the containerd that a killed engine left behind', async () => {
    const execRoot = join(sandbox.machine, 'var/run/docker');
    const daemon = sandbox.addDaemon('containerd');
    const orphan = startBystander('setsid', [daemon, '--config', `${execRoot}/containerd/containerd.toml`]);
    mkdirSync(join(execRoot, 'containerd'), { recursive: true });
    writeFileSync(join(execRoot, 'containerd/containerd.pid'), String(orphan));
    await vi.waitFor(() => expect(sandbox.hasState('containerd-pids')).toBe(true), PATIENCE);
    const run = await startEngine();
    expect(run.stderr).toContain(
      `ending containerd (pid ${orphan}), left behind by an engine that was killed`,
    );
    expect(isAlive(orphan)).toBe(false);
    expect(run.exitCode).toBe(0);
  });

  it("leaves a containerd that is not the engine's own alone", async () => {
    const daemon = sandbox.addDaemon('containerd');
    const foreign = startBystander(daemon, ['--config', '/etc/containerd/config.toml']);
    sandbox.writeMachine('var/run/docker/containerd/containerd.pid', String(foreign));
    await vi.waitFor(() => expect(sandbox.hasState('containerd-pids')).toBe(true), PATIENCE);
    expect((await startEngine()).exitCode).toBe(0);
    expect(isAlive(foreign)).toBe(true);
  });

  it("says dockerd's last words and where its log is when it dies", async () => {
    sandbox.writeMachine('var/log/apictl-dockerd.log', 'failed: an old complaint\n');
    sandbox.setState(
      'dockerd-dies',
      'level=info msg="Starting up"\nfailed to start daemon: no space left on device\n',
    );
    const run = await startEngine();
    expect(run.exitCode).toBe(5);
    expect(run.stderr.replaceAll(sandbox.machine, '').split('\n').at(-1)).toBe(
      'error: Docker Engine did not start: failed to start daemon: no space left on device (log: /var/log/apictl-dockerd.log)',
    );
  });

  it('waits for an engine that somebody else is starting, and does not call it its own', async () => {
    sandbox.setState('dockerd-is-slow', '');
    const foreign = startBystander(join(sandbox.directory, 'bin', 'dockerd'), []);
    await vi.waitFor(() => expect(existsSync(pidFile())).toBe(true), PATIENCE);
    const run = await startEngine();
    expect(run.exitCode).toBe(0);
    expect(sandbox.calls('dockerd')).toHaveLength(1);
    const stop = await stopEngine();
    expect(stop.stderr).toContain('nothing to do');
    expect(isAlive(foreign)).toBe(true);
  });
});

describe.runIf(process.platform === 'linux')('make engine-stop', () => {
  beforeEach(stoppedDocker);

  it('ends the engine that make started, and waits until it is gone', async () => {
    await startEngine();
    const pid = recordedPid();
    const run = await stopEngine();
    expect(run).toMatchObject({ exitCode: 0, stderr: 'Docker Engine stopped. "make up" starts it again.' });
    expect(isAlive(pid)).toBe(false);
  });

  it('does nothing the second time', async () => {
    await startEngine();
    await stopEngine();
    expect(await stopEngine()).toMatchObject({
      exitCode: 0,
      stderr: 'No engine that make started is running: nothing to do.',
    });
  });

  it('leaves a process alone that has the number of an engine of an earlier day', async () => {
    const foreign = startBystander(join(sandbox.directory, 'bin', 'dockerd'), []);
    sandbox.writeMachine('var/run/apictl/engine', `process ${foreign} 1\n`);
    await vi.waitFor(() => expect(sandbox.hasState('dockerd-pids')).toBe(true), PATIENCE);
    expect((await stopEngine()).stderr).toContain('nothing to do');
    expect(isAlive(foreign)).toBe(true);
  });
});

describe('on a machine with systemd', () => {
  beforeEach(() => {
    mkdirSync(join(sandbox.machine, 'run/systemd/system'), { recursive: true });
    sandbox.addFake('systemctl');
  });
  const verbs = () => sandbox.calls('systemctl').filter((call) => !call.includes(' cat '));

  it('enables an engine that was just installed', async () => {
    sandbox.debian('bookworm');
    expect((await startEngine()).exitCode).toBe(0);
    expect(verbs()).toEqual(['systemctl enable --now docker']);
    expect(sandbox.calls('dockerd')).toEqual([]);
  });

  it('only starts an engine that was there', async () => {
    stoppedDocker();
    expect((await startEngine()).exitCode).toBe(0);
    expect(verbs()).toEqual(['systemctl start docker']);
  });

  it('stops through systemd what was started through it', async () => {
    stoppedDocker();
    await startEngine();
    await stopEngine();
    expect(verbs().at(-1)).toBe('systemctl stop docker.socket docker.service');
  });
});

describe('debootstrap beside an engine that is there', () => {
  let registry: Server | undefined;
  beforeEach(() => {
    sandbox.debian('bookworm').withDocker();
    sandbox.removeProgram('debootstrap');
  });
  afterEach(() => {
    registry?.close();
    registry = undefined;
  });
  const isInstalled = () => sandbox.calls('apt-get').some((call) => call.endsWith('install debootstrap'));

  /** The engine's answer to "is this image at its registry?". */
  async function engineSocketAnswers(statusCode: number): Promise<string[]> {
    const asked: string[] = [];
    mkdirSync(join(sandbox.machine, 'var/run'), { recursive: true });
    registry = createServer((request, response) => {
      asked.push(request.url ?? '');
      response.writeHead(statusCode).end();
    });
    await new Promise<void>((resolve) =>
      registry?.listen(join(sandbox.machine, 'var/run/docker.sock'), resolve),
    );
    return asked;
  }

  it('is installed where no image is there and no registry answers', async () => {
    await engineSocketAnswers(500);
    const run = await startEngine();
    expect(run.stderr).toBe('[1/1] Installing Debian packages: debootstrap');
    expect(isInstalled()).toBe(true);
  });

  it('is not installed where the official images can be had', async () => {
    const asked = await engineSocketAnswers(200);
    await startEngine();
    expect(asked).toEqual(['/distribution/kong:3.8.0/json']);
    expect(isInstalled()).toBe(false);
  });

  it('is not installed where an image to start from is present', async () => {
    sandbox.setState('images', 'sha256:1\n');
    await startEngine();
    expect(isInstalled()).toBe(false);
  });

  it('is decided about once a stopped engine runs', async () => {
    sandbox.clearState('engine-answers');
    const run = await startEngine();
    expect(run.exitCode).toBe(0);
    expect(run.stderr).toContain('[2/2] Installing Debian packages: debootstrap');
  });
});
