import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Sandbox } from './sandbox.ts';

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = new Sandbox();
});
afterEach(() => sandbox.remove());

const up = (...args: string[]) => sandbox.run('scripts/up.sh', args);
const installed = () => sandbox.calls('apt-get').filter((call) => call.includes(' install '));
const packages = () => installed().map((call) => call.slice(call.indexOf(' install ') + ' install '.length));

describe('make up where nothing is missing', () => {
  beforeEach(() => sandbox.debian('bookworm').withDocker());

  it('says nothing of its own, changes nothing and hands its arguments to apictl', async () => {
    const run = await up('--profile', 'core');
    expect(run).toEqual({ exitCode: 0, stdout: 'apictl up --profile core', stderr: '' });
    expect(sandbox.calls()).toEqual([
      'docker version --format {{.Server.APIVersion}}',
      'docker compose version --short',
    ]);
  });

  it('does the same for a user without root rights', async () => {
    sandbox.setState('user-id', '1000');
    sandbox.removeProgram('debootstrap');
    const run = await up();
    expect(run).toEqual({ exitCode: 0, stdout: 'apictl up', stderr: '' });
  });

  it('ends with the exit code of apictl', async () => {
    sandbox.writeClone('bin/apictl.js', 'process.exit(4);\n');
    expect((await up()).exitCode).toBe(4);
  });
});

describe('make up on a bare Debian machine as root', () => {
  it('installs the engine, borrows Compose 2 and starts dockerd on Debian 12, saying each step', async () => {
    sandbox.debian('bookworm');
    const run = await up();
    expect(run.stderr.replaceAll(sandbox.machine, '').split('\n')).toEqual([
      '[1/4] Installing Debian packages: docker.io debootstrap',
      '[2/4] Installing Compose 2 from Debian trixie into /usr/local/lib/docker/cli-plugins',
      '[3/4] Starting Docker Engine',
      '      its log: /var/log/apictl-dockerd.log; "make engine-stop" ends it',
      '[4/4] Bringing the stack up',
    ]);
    expect(run).toMatchObject({ exitCode: 0, stdout: 'apictl up' });
    expect(packages()).toEqual(['docker.io debootstrap']);
    expect(sandbox.readMachine('usr/local/lib/docker/cli-plugins/docker-compose')).toBe('plugin\n');
  });

  it('takes Compose from the mirror of the machine and leaves apt out of it', async () => {
    sandbox.debian('bookworm');
    await up();
    const aside = sandbox.calls('apt-get').filter((call) => call.includes('Dir::Etc::sourcelist'));
    expect(aside.map((call) => call.split(' ').slice(-2).join(' '))).toEqual([
      'Acquire::Languages=none update',
      'download docker-compose',
    ]);
    for (const call of aside)
      expect(call).toMatch(/Dir::State::lists=\S+\/lists .*Dir::Cache::archives=\S+\/archives/);
    expect(sandbox.calls('apt-get').join('\n')).not.toContain('docker-compose=1');
  });

  it('installs everything in one transaction on Debian 13, the command being a package of its own', async () => {
    sandbox.debian('trixie');
    const run = await up();
    expect(run.exitCode).toBe(0);
    expect(packages()).toEqual(['docker.io docker-cli docker-compose debootstrap']);
  });

  it('counts npm packages and the build as steps too', async () => {
    sandbox.debian('bookworm');
    sandbox.writeClone('package-lock.json', '{"packages":{"":{},"node_modules/b":{"version":"2.0.0"}}}');
    const run = await up();
    expect(run.stderr).toContain(
      '[4/6] Installing npm packages\n[5/6] Building apictl and its services\n[6/6] Bringing',
    );
  });

  it('installs the engine where only the docker command is there', async () => {
    sandbox.debian('bookworm').addFake('docker');
    sandbox.setState('compose-version', '2.26.1');
    const run = await up();
    expect(run.exitCode).toBe(0);
    expect(packages()).toEqual(['docker.io debootstrap']);
  });

  it('never takes version 1 of Compose for Compose 2', async () => {
    sandbox.debian('bookworm').withDocker().setState('compose-version', '1.29.2');
    const run = await up();
    expect(run.stderr).toContain('Installing Compose 2 from Debian trixie');
    expect(packages()).toEqual([]);
  });

  it('leaves debootstrap out where the official images are asked for', async () => {
    sandbox.debian('bookworm');
    await up('--images', 'official');
    expect(packages()).toEqual(['docker.io']);
  });

  it('mounts the control groups where nothing has', async () => {
    sandbox.debian('bookworm').emptyMachineDirectory('sys/fs/cgroup');
    await up();
    expect(packages()).toEqual(['docker.io cgroupfs-mount debootstrap']);
  });

  it('says in one line what apt could not do', async () => {
    sandbox.debian('bookworm').setState('apt-fails', 'E: Unable to fetch some archives\n');
    const run = await up();
    expect(run).toMatchObject({ exitCode: 5, stdout: '' });
    expect(run.stderr.split('\n')).toEqual([
      '[1/4] Installing Debian packages: docker.io debootstrap',
      'error: apt-get could not install docker.io debootstrap: E: Unable to fetch some archives (log: .run/install.log)',
    ]);
  });

  it('does without Compose on a Debian release that cannot have it, and installs nothing', async () => {
    sandbox.debian('bullseye');
    const run = await up();
    expect(run.exitCode).toBe(5);
    expect(run.stderr).toMatch(/^error: Compose 2 is missing .* install the Compose 2 plugin/);
    expect(sandbox.calls('apt-get')).toEqual([]);
  });
});

describe.runIf(process.platform === 'linux')('make up at a terminal', () => {
  beforeEach(() => {
    sandbox.debian('bookworm');
  });

  it('asks once, naming everything, and installs after a yes', async () => {
    const run = await sandbox.run('scripts/up.sh', [], { typed: 'y\n' });
    expect(run.stdout.match(/Install now\?/g)).toHaveLength(1);
    expect(run.stdout).toContain(
      'Missing on this machine: docker.io, debootstrap, Compose 2 (docker-compose of Debian trixie). Install now? [Y/n]',
    );
    expect(packages()).toEqual(['docker.io debootstrap']);
    expect(run.exitCode).toBe(0);
  });

  it('installs nothing after a no, and says what is left to do', async () => {
    const run = await sandbox.run('scripts/up.sh', [], { typed: 'n\n' });
    expect(run.exitCode).toBe(5);
    expect(run.stdout).toContain('error: Nothing was installed. Install docker.io, debootstrap, Compose 2');
    expect(sandbox.calls('apt-get')).toEqual([]);
  });

  it('does not ask when it was told --yes', async () => {
    const run = await sandbox.run('scripts/up.sh', ['--yes'], { typed: 'n\n' });
    expect(run.stdout).not.toContain('Install now?');
    expect(packages()).toEqual(['docker.io debootstrap']);
  });

  it('does not ask in an unattended run', async () => {
    const run = await sandbox.run('scripts/up.sh', [], { typed: 'n\n', env: { CI: 'true' } });
    expect(run.stdout).not.toContain('Install now?');
    expect(run.exitCode).toBe(0);
  });
});

describe('make up where it must not install', () => {
  const cases: [string, () => void, string][] = [
    [
      'a Debian user without root rights and without Docker',
      () => sandbox.debian('bookworm').setState('user-id', '1000'),
      'Docker Engine is not installed: run "sudo make engine-start" once, then repeat.',
    ],
    [
      'a user whom the engine refuses',
      () => {
        sandbox.debian('bookworm').withDocker().setState('engine-refuses', '');
        sandbox.setState('user-id', '1000');
      },
      'Docker Engine at unix:///var/run/docker.sock refuses this user: run "sudo usermod -aG docker someone", log in again, then repeat.',
    ],
    [
      'a user without root rights and without Compose',
      () => {
        sandbox.debian('bookworm').withDocker().clearState('compose-version');
        sandbox.setState('user-id', '1000');
      },
      'Compose 2 is missing ("docker compose version" fails): run "sudo make engine-start" once, then repeat.',
    ],
    [
      'a user without root rights beside a stopped engine',
      () => {
        sandbox.debian('bookworm').withDocker().clearState('engine-answers');
        sandbox.setState('user-id', '1000');
      },
      'Docker Engine is not running: run "sudo make engine-start", then repeat.',
    ],
    [
      'macOS without Docker',
      () => sandbox.setState('system', 'Darwin'),
      'Docker is not installed: install Docker Desktop, start it, then repeat.',
    ],
    [
      'macOS with Docker Desktop not running',
      () => {
        sandbox.addFake('docker');
        sandbox.setState('system', 'Darwin');
      },
      'Docker Desktop is not running: start it, wait until it says so, then repeat.',
    ],
    [
      'macOS without Compose',
      () => {
        sandbox.withDocker().clearState('compose-version');
        sandbox.setState('system', 'Darwin');
      },
      'Compose 2 is missing ("docker compose version" fails): Docker Desktop brings it; update Docker Desktop.',
    ],
    [
      'another Linux without Docker',
      () => sandbox.writeMachine('etc/os-release', 'ID=fedora\n'),
      'Docker Engine is not installed: install it and its Compose 2 plugin as this system does it, then repeat.',
    ],
    [
      'another Linux without Compose',
      () => {
        sandbox.withDocker().clearState('compose-version');
        sandbox.writeMachine('etc/os-release', 'ID=fedora\n');
      },
      'Compose 2 is missing ("docker compose version" fails): install the Compose 2 plugin of Docker as this system does it.',
    ],
  ];

  it.each(cases)('tells %s what to do in one line', async (_who, arrange, message) => {
    arrange();
    const run = await up();
    expect(run.stderr.replaceAll(sandbox.machine, '')).toBe(`error: ${message}`);
    expect(run).toMatchObject({ exitCode: 5, stdout: '' });
    expect(sandbox.calls('apt-get')).toEqual([]);
    expect(sandbox.calls('dockerd')).toEqual([]);
  });

  it('starts nothing where DOCKER_HOST selects an engine elsewhere', async () => {
    sandbox.debian('bookworm').withDocker().clearState('engine-answers');
    const run = await sandbox.run('scripts/up.sh', [], { env: { DOCKER_HOST: 'tcp://192.0.2.9:2376' } });
    expect(run.stderr).toMatch(
      /^error: Docker Engine at tcp:\/\/192\.0\.2\.9:2376 does not answer \(Cannot connect.*\): start it/,
    );
    expect(run.exitCode).toBe(5);
    expect(sandbox.calls('dockerd')).toEqual([]);
  });
});

describe('the version of Node.js', () => {
  it.each(['v18.19.0', 'v20.10.0'])('%s is refused in one line', async (version) => {
    sandbox.replaceNode(`#!/usr/bin/env bash\necho ${version}\n`);
    const run = await up();
    expect(run).toEqual({
      exitCode: 8,
      stdout: '',
      stderr: `error: Node.js ${version} is too old: apictl needs version 20.11 or newer.`,
    });
  });

  it('a machine without Node.js is told so in one line', async () => {
    sandbox.removeProgram('node');
    const run = await up();
    expect(run.stderr).toBe('error: Node.js is not installed: apictl needs version 20.11 or newer.');
    expect(run.exitCode).toBe(8);
  });
});
