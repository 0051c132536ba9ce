import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { PATIENCE } from '../../support/patience.ts';

const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url));
const FAKES = fileURLToPath(new URL('./fakes', import.meta.url));

/** What the scripts use of a plain system; everything else is missing from the sandbox's PATH. */
const PLAIN_TOOLS =
  'awk basename bash cat chmod cmp cp cut date dirname env find flock grep head hash ln ls mkdir mktemp mv readlink rm script sed setsid sh sleep tail tee touch tr wc'.split(
    ' ',
  );

/** What a run left behind: its words, and how it ended. */
export interface Run {
  exitCode: number | undefined;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  env?: Record<string, string>;
  /** Typed at a terminal; without it standard input is closed. */
  typed?: string;
}

/**
 * A clone on a machine of its own: the real scripts in a temporary directory, a PATH that holds only
 * plain tools and the fakes that a test puts there, and a prefix for every system path. The fakes
 * record their calls and keep the state of the machine as files.
 */
export class Sandbox {
  readonly directory = mkdtempSync(join(tmpdir(), 'apictl-scripts-'));
  readonly clone = join(this.directory, 'clone');
  readonly machine = join(this.directory, 'machine');
  readonly #bin = join(this.directory, 'bin');

  constructor() {
    for (const directory of [this.#bin, this.machine, join(this.directory, 'libexec')]) mkdirSync(directory);
    for (const tool of PLAIN_TOOLS) {
      const path = findTool(tool);
      if (path) symlinkSync(path, join(this.#bin, tool));
    }
    symlinkSync(process.execPath, join(this.#bin, 'node'));
    for (const path of ['scripts', 'Makefile', '.ci']) {
      cpSync(join(REPOSITORY, path), join(this.clone, path), { recursive: true });
    }
    this.#makeCurrentClone();
    for (const fake of ['id', 'uname', 'npm']) this.addFake(fake);
    this.withRuby();
    // A machine whose control groups are mounted and whose certificates are there.
    this.writeMachine('sys/fs/cgroup/cgroup.controllers', '');
    this.writeMachine('etc/ssl/certs/ca-certificates.crt', '');
    this.setState('user-id', '0');
    this.setState('system', 'Linux');
  }

  /** npm packages and the build are current, as after an earlier run. */
  #makeCurrentClone(): void {
    const lock = JSON.stringify({
      packages: { '': {}, 'node_modules/a': { version: '1.0.0', integrity: 'x' } },
    });
    const record = JSON.stringify({ packages: { 'node_modules/a': { version: '1.0.0', integrity: 'x' } } });
    this.writeClone('package.json', '{"type":"module"}');
    this.writeClone('package-lock.json', lock);
    this.writeClone('node_modules/.package-lock.json', record);
    this.writeClone('node_modules/.apictl-package-lock', lock);
    this.writeClone('src/main.ts', '');
    this.writeClone('bin/apictl.js', "console.log(['apictl', ...process.argv.slice(2)].join(' '));\n");
    this.writeClone('dist/.built', '');
    this.age('src', 60);
    for (const path of ['src/main.ts', 'package.json', 'package-lock.json']) this.age(path, 60);
  }

  /** Puts a fake program into the PATH, or into a Debian package that can be installed. */
  addFake(name: string, directory = this.#bin): void {
    mkdirSync(directory, { recursive: true });
    cpSync(join(FAKES, name), join(directory, name));
    chmodSync(join(directory, name), 0o755);
  }

  /** The same for a fake daemon, which /proc shows under its own name. */
  addDaemon(name: 'dockerd' | 'containerd', directory = this.#bin): string {
    const shell = join(this.directory, 'libexec', name);
    cpSync(findTool('bash') ?? '/bin/bash', shell, { dereference: true });
    const path = join(directory, name);
    mkdirSync(directory, { recursive: true });
    writeFileSync(path, `#!${shell}\n${readFileSync(join(FAKES, name), 'utf8')}`, { mode: 0o755 });
    return path;
  }

  /** The program alone; that there is one is all that the scripts want to know. */
  withRuby(): this {
    writeFileSync(join(this.#bin, 'ruby'), '#!/bin/sh\n', { mode: 0o755 });
    return this;
  }

  /** A browser; that there is one is all that the scripts want to know. */
  withChromium(): this {
    writeFileSync(join(this.#bin, 'chromium'), '#!/bin/sh\n', { mode: 0o755 });
    return this;
  }

  removeProgram(name: string): void {
    rmSync(join(this.#bin, name), { force: true });
  }

  /** Another program instead of Node.js. */
  replaceNode(text: string): void {
    this.removeProgram('node');
    writeFileSync(join(this.#bin, 'node'), text, { mode: 0o755 });
  }

  /** Debian as /etc/os-release tells it. */
  debian(codename: 'bullseye' | 'bookworm' | 'trixie'): this {
    this.writeMachine('etc/os-release', `ID=debian\nVERSION_CODENAME=${codename}\n`);
    for (const fake of ['apt-get', 'dpkg']) this.addFake(fake);
    const engine = join(this.directory, 'packages', 'docker.io');
    this.addDaemon('dockerd', engine);
    this.addFake('iptables', engine);
    this.addFake('docker', codename === 'trixie' ? join(this.directory, 'packages', 'docker-cli') : engine);
    return this;
  }

  /** An engine that answers, with Compose 2 and debootstrap. */
  withDocker(): this {
    this.addFake('docker');
    this.addDaemon('dockerd');
    for (const tool of ['iptables', 'debootstrap']) this.addFake(tool);
    this.setState('engine-answers', '');
    this.setState('compose-version', '2.26.1');
    return this;
  }

  writeClone(path: string, text: string): void {
    write(join(this.clone, path), text);
  }

  writeMachine(path: string, text: string): void {
    write(join(this.machine, path), text);
  }

  emptyMachineDirectory(path: string): void {
    rmSync(join(this.machine, path), { recursive: true });
    mkdirSync(join(this.machine, path));
  }

  readMachine(path: string): string {
    return readFileSync(join(this.machine, path), 'utf8');
  }

  /** Makes a path of the clone older by `seconds`. */
  age(path: string, seconds: number): void {
    const then = Date.now() / 1000 - seconds;
    utimesSync(join(this.clone, path), then, then);
  }

  setState(name: string, text: string): void {
    write(join(this.directory, 'state', name), text);
  }

  clearState(name: string): void {
    rmSync(join(this.directory, 'state', name), { force: true });
  }

  hasState(name: string): boolean {
    return existsSync(join(this.directory, 'state', name));
  }

  /** Every call of a fake so far, as "name argument...". */
  calls(program?: string): string[] {
    const path = join(this.directory, 'state', 'calls');
    const all = existsSync(path) ? readFileSync(path, 'utf8').trimEnd().split('\n') : [];
    return program ? all.filter((call) => call.split(' ')[0] === program) : all;
  }

  async run(script: string, args: string[] = [], options: RunOptions = {}): Promise<Run> {
    const argv = [join(this.clone, script), ...args];
    const command = options.typed === undefined ? argv : ['script', '-qefc', argv.join(' '), '/dev/null'];
    const [program = '', ...rest] = command;
    const result = await execa(program, rest, {
      cwd: this.directory,
      extendEnv: false,
      reject: false,
      timeout: 30_000,
      ...(options.typed === undefined ? { stdin: 'ignore' as const } : { input: options.typed }),
      env: {
        PATH: this.#bin,
        HOME: this.directory,
        TMPDIR: tmpdir(),
        SHELL: join(this.#bin, 'bash'),
        SANDBOX: this.directory,
        MACHINE_ROOT: this.machine,
        ENGINE_START_SECONDS: '10',
        ...options.env,
      },
    });
    return { exitCode: result.exitCode, stdout: result.stdout.replaceAll('\r', ''), stderr: result.stderr };
  }

  /** Ends the fake daemons that are still running, and removes everything. */
  async remove(): Promise<void> {
    this.setState('end-daemons', '');
    for (const name of ['dockerd', 'containerd']) {
      const path = join(this.directory, 'state', `${name}-pids`);
      for (const pid of existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : [])
        await gone(Number(pid));
    }
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** An ended process that nobody has collected yet does not count. */
export function isAlive(pid: number): boolean {
  try {
    readlinkSync(`/proc/${pid}/exe`);
    return true;
  } catch {
    return false;
  }
}

async function gone(pid: number): Promise<void> {
  const deadlineMs = Date.now() + PATIENCE.timeout;
  while (isAlive(pid)) {
    if (Date.now() > deadlineMs) throw new Error(`fake daemon ${pid} did not end`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

function findTool(name: string): string | undefined {
  const directories = (process.env.PATH ?? '').split(delimiter);
  return directories.map((directory) => join(directory, name)).find((path) => existsSync(path));
}
