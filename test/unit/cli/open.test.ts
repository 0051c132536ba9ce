import { beforeEach, describe, expect, it } from 'vitest';
import { openDoor } from '../../../src/app/open-door.ts';
import type { World } from '../../../src/app/world.ts';
import { PORT_NAMES } from '../../../src/config/ports.ts';
import { configSchema } from '../../../src/config/schema.ts';
import { secretsOf } from '../../../src/secrets/model.ts';
import { runCommand } from '../../fakes/command-line.ts';
import { summary } from '../../fakes/containers.ts';
import { memoryFiles } from '../../fakes/memory-files.ts';

let services: string[];
let started: (readonly string[])[];
let exitCode: number;
beforeEach(() => {
  services = ['kong', 'logging', 'grafana', 'kibana', 'elasticsearch'];
  started = [];
  exitCode = 0;
});

const world = (environment: World['environment'] = {}) =>
  ({
    files: memoryFiles(),
    environment,
    platform: 'linux',
    workingFolder: '/shop',
    signal: new AbortController().signal,
    engine: { containers: async () => services.map((service) => summary({ service })) },
    commands: {
      run: async (argv: readonly string[]) => {
        started.push(argv);
        return { exitCode, stdout: '', stderr: '' };
      },
    },
  }) as unknown as World;

const config = configSchema.parse({});
const project = { root: '/shop', config, dotenv: {} };

describe('apictl open', () => {
  it('says the URL, who logs in, and where the password is, but never the password', async () => {
    const { stdout } = await runCommand(world(), 'open', 'grafana');
    expect(stdout).toBe(
      'http://127.0.0.1:3000\nlogin admin, password: apictl secrets show grafana-admin-password\n',
    );
    const token = 'http://127.0.0.1:8003\ntoken: apictl secrets show logging-admin-token\n';
    for (const name of ['logging', 'loggingAdmin'])
      expect((await runCommand(world(), 'open', name)).stdout).toBe(token);
    expect((await runCommand(world(), 'open', 'admin')).stdout).toBe('http://127.0.0.1:8001\n');
  });

  it('knows every port by its name in apictl.yaml, and says of a service without one that it runs', async () => {
    services = [
      'kong',
      'logging',
      'prometheus',
      'alertmanager',
      'grafana',
      'kibana',
      'elasticsearch',
      'postgres',
    ];
    for (const name of PORT_NAMES)
      expect([name, (await runCommand(world(), 'open', name)).exitCode]).toEqual([name, 0]);
    expect((await runCommand(world(), 'open', 'adminTls')).stdout).toBe('https://127.0.0.1:8444\n');
    expect((await runCommand(world(), 'open', 'postgres')).error).toMatchObject({
      code: 'DOOR_UNKNOWN',
      message: 'postgres runs, but no port of this machine is called so',
    });
  });

  it('names only secrets that there are', async () => {
    const names = secretsOf(config).map(({ name }) => name);
    for (const name of ['logging', 'grafana', 'kibana', 'elasticsearch']) {
      const { login } = await openDoor(world(), project, { name, inBrowser: false });
      expect(names).toContain(login?.secret);
    }
  });

  it('opens the browser of a desktop, and is content without one', async () => {
    const ask = (environment: World['environment']) =>
      openDoor(world(environment), project, { name: 'proxy', inBrowser: true });
    expect((await ask({ DISPLAY: ':0' })).browser).toBe(true);
    expect(started).toEqual([['xdg-open', 'http://127.0.0.1:8000']]);
    expect((await ask({})).browser).toBe(false);
    exitCode = 3;
    expect((await ask({ WAYLAND_DISPLAY: 'wayland-0' })).browser).toBe(false);
  });

  it('knows what runs: another word gets the nearest one, and without a stack it says what to do', async () => {
    expect((await runCommand(world(), 'open', 'grafna')).error).toMatchObject({
      code: 'DOOR_UNKNOWN',
      exitCode: 64,
      hint: expect.stringContaining('Did you mean grafana?'),
    });
    services = [];
    expect((await runCommand(world(), 'open', 'grafana')).error).toMatchObject({
      code: 'STACK_NOT_UP',
      exitCode: 4,
    });
  });
});
