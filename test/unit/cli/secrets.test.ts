import { describe, expect, it } from 'vitest';
import type { World } from '../../../src/app/world.ts';
import { RESULT_SHAPES } from '../../../src/cli/result-shapes.ts';
import { ApictlError, EXIT } from '../../../src/core/errors.ts';
import type { ContainerSummary, Engine } from '../../../src/core/ports/engine.ts';
import { SECRETS } from '../../../src/secrets/model.ts';
import { runCommand } from '../../fakes/command-line.ts';
import { details, summary } from '../../fakes/containers.ts';
import { fakeClock } from '../../fakes/fake-clock.ts';
import { memoryFiles } from '../../fakes/memory-files.ts';

const world = {
  files: memoryFiles({ '/srv/secrets/values/partner-api-key': 'the value' }),
  workingFolder: '/srv',
};

describe('apictl secrets show, without a terminal', () => {
  it('shows no value', async () => {
    const { error, stdout } = await runCommand(world, 'secrets', 'show', 'partner-api-key');
    expect(error).toMatchObject({ code: 'SECRET_NOT_SHOWN', exitCode: 64 });
    expect(stdout).toBe('');
  });

  it('shows it when it is told --yes', async () => {
    const { exitCode, stdout } = await runCommand(world, '--yes', 'secrets', 'show', 'partner-api-key');
    expect([exitCode, stdout]).toEqual([0, 'the value\n']);
  });

  it.each([
    ['parner-api-key', 'SECRET_UNKNOWN', 64],
    ['postgres-password', 'SECRET_MISSING', 7],
  ])('says of %s that it is not there, not that it is not shown', async (name, code, exitCode) => {
    expect((await runCommand(world, 'secrets', 'show', name)).error).toMatchObject({ code, exitCode });
  });
});

describe('apictl secrets set', () => {
  const config = 'alerting: { receivers: [{ name: oncall, pagerduty: { routingKeySecret: alert-pager } }] }';
  const project = () => ({
    files: memoryFiles({ '/srv/apictl.yaml': config }),
    workingFolder: '/srv',
    lock: { take: async () => ({ fd: 3, release: () => {} }) },
  });

  it('writes the value of a secret that the configuration names', async () => {
    const { files, ...rest } = project();
    const { exitCode, stdout } = await runCommand({ files, ...rest }, 'secrets', 'set', 'alert-pager');
    expect([exitCode, stdout]).toEqual([
      0,
      'alert-pager is set; "apictl up" hands it to the services that read it\n',
    ]);
    expect(files.content.get('/srv/secrets/values/alert-pager')?.toString()).toBe('typed-value');
  });

  it.each([
    ['alert-other', 'SECRET_UNKNOWN'],
    ['postgres-password', 'SECRET_GENERATED'],
  ])('refuses %s: %s', async (name, code) => {
    expect((await runCommand(project(), 'secrets', 'set', name)).error).toMatchObject({ code, exitCode: 64 });
  });
});

const values = '/srv/secrets/values';

/** A machine with an engine that has these containers, and a project in /srv. */
function machine(given: Readonly<Record<string, string>> = {}, containers: readonly ContainerSummary[] = []) {
  const files = memoryFiles({ '/srv/apictl.yaml': '{}', ...given });
  const engine: Partial<Engine> = {
    containers: async () => [...containers],
    inspect: async (id) =>
      details({
        mounts: [
          {
            type: 'bind',
            source: `${values}/logging-admin-token`,
            destination: '/run/secrets/logging-admin-token',
            readOnly: true,
          },
        ].filter(() => id === 'id-logging'),
      }),
    volumes: async () => [],
    exec: async () => ({ exitCode: 0, output: 'denied logging-admin-token' }),
  };
  let count = 0;
  const world: Partial<World> = {
    files,
    engine: engine as Engine,
    clock: fakeClock(),
    user: 0,
    workingFolder: '/srv',
    lock: { take: async () => ({ fd: 0, release: () => {} }) },
    http: { request: async () => ({ status: 401, headers: {}, body: '{}', durationMs: 1 }) },
    random: {
      bytes: (length) => {
        count += 1;
        return new Uint8Array(length).map((_, index) => (index * 7 + count * 13) % 256);
      },
    },
  };
  return { files, world };
}

describe('apictl secrets init', () => {
  it('generates what is missing, and says the second time that nothing was', async () => {
    const { files, world: there } = machine({ [`${values}/digest-key`]: 'abcdefghijklmnopqrstuvwxyz' });
    const first = await runCommand(there, 'secrets', 'init', '--json');
    const created = SECRETS.map(({ name }) => name).filter((name) => name !== 'digest-key');
    expect(JSON.parse(first.stdout)).toEqual({
      created,
      present: ['digest-key'],
      repaired: [values, `${values}/digest-key`],
    });
    expect(files.content.get(`${values}/digest-key`)?.toString()).toBe('abcdefghijklmnopqrstuvwxyz');
    const second = await runCommand(there, 'secrets', 'init');
    expect([second.exitCode, second.stdout]).toEqual([
      0,
      `nothing was missing\nkept ${SECRETS.length} that were there\n`,
    ]);
  });
});

describe('apictl secrets rotate', () => {
  it.each([
    ['nothing', []],
    ['names and --all', ['--all', 'partner-api-key']],
  ])('with %s says what to say', async (_what, words) => {
    const { error } = await runCommand(machine().world, 'secrets', 'rotate', ...words);
    expect(error).toMatchObject({ code: 'ARGUMENT_MISSING', exitCode: 64 });
  });

  it('--dry-run says what would be done, and does nothing', async () => {
    const { files, world: there } = machine({}, [summary({ service: 'logging' })]);
    const { exitCode, stdout } = await runCommand(
      there,
      ...['secrets', 'rotate', 'logging-admin-token', '--dry-run', '--json'],
    );
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      rotate: [
        {
          name: 'logging-admin-token',
          bytes: 32,
          set: 'in its file; then a login at the logging service',
          readers: ['logging'],
          kept: [],
        },
      ],
      left: [],
      waiting: [],
      unfinished: { begun: [], swapped: [] },
    });
    expect(RESULT_SHAPES['secrets rotate']?.safeParse(JSON.parse(stdout)).success).toBe(true);
    expect([...files.content.keys()]).toEqual(['/srv/apictl.yaml']);
  });

  it('of a stack that is stopped starts nothing', async () => {
    const { files, world: there } = machine(
      { [`${values}/logging-admin-token`]: 'the old token of the service' },
      [summary({ service: 'logging', state: 'exited' })],
    );
    const { exitCode, stdout } = await runCommand(
      there,
      'secrets',
      'rotate',
      'logging-admin-token',
      '--json',
    );
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ rotated: ['logging-admin-token'], restarted: [] });
    expect(files.content.get(`${values}/logging-admin-token`)?.toString()).toMatch(/^[\w-]{43}$/);
  });

  it('of a project that was never up closes the folder to others before there is a value in it', async () => {
    const { files, world: there } = machine();
    const modes: (number | undefined)[] = [];
    const watched = {
      ...files,
      write: (path: string, content: string | Uint8Array, mode?: number) => {
        if (path.startsWith(values)) modes.push(files.modes.get(values));
        return files.write(path, content, mode);
      },
    };
    await runCommand({ ...there, files: watched }, 'secrets', 'rotate', 'django-secret-key');
    expect([...new Set(modes)]).toEqual([0o700]);
    expect(files.content.get('/srv/secrets/.gitignore')?.toString()).toContain('values/');
  });

  it('of a stack that is down changes the files, and finishes what was broken off first', async () => {
    const { files, world: there } = machine({
      [`${values}/django-secret-key`]: 'the old key of django, long enough',
      [`${values}/partner-api-key`]: 'the old key of the partner',
      [`${values}/partner-api-key.next`]: 'the key that was begun',
    });
    const { exitCode, stdout } = await runCommand(there, 'secrets', 'rotate', 'django-secret-key', '--json');
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      rotated: ['django-secret-key', 'partner-api-key'],
      restarted: [],
      waiting: [],
    });
    expect(files.content.get(`${values}/partner-api-key`)?.toString()).toBe('the key that was begun');
    expect(files.content.get(`${values}/django-secret-key`)?.toString()).toMatch(/^[\w-]{64}$/);
    expect([...files.content.keys()].filter((path) => path.endsWith('.next'))).toEqual([]);
  });
});

describe('apictl secrets verify', () => {
  it('looks at the files without an engine too, and says that it saw no container', async () => {
    const given = Object.fromEntries(SECRETS.map(({ name }) => [`${values}/${name}`, `${name} 0123456789`]));
    const { files, world: there } = machine(given);
    for (const { name } of SECRETS) await files.setMode(`${values}/${name}`, 0o444);
    await files.setMode(values, 0o700);
    const unreachable = new ApictlError({
      ...{ code: 'ENGINE_UNREACHABLE', exitCode: EXIT.engine, message: 'nobody answers', hint: 'Start it.' },
    });
    const engine = { containers: () => Promise.reject(unreachable) } as unknown as Engine;
    const { exitCode, stdout } = await runCommand({ ...there, engine }, 'secrets', 'verify', '--json');
    expect([exitCode, JSON.parse(stdout).findings]).toEqual([
      7,
      [{ object: 'engine', found: 'no container was looked into: nobody answers', fix: 'Start it.' }],
    ]);
  });

  it('says of a key that Kong does not have to seed it, since a rotation starts from a key that Kong has', async () => {
    const { world: there } = machine(
      {
        [`${values}/partner-api-key`]: 'put there by hand',
        '/srv/kong/kong.yaml': `_format_version: "3.0"\n# \${{ secret "partner-api-key" }}\n`,
      },
      [summary({ service: 'kong' })],
    );
    const http = { request: async () => ({ status: 404, headers: {}, body: '{}', durationMs: 1 }) };
    const { stdout } = await runCommand({ ...there, http }, 'secrets', 'verify', '--json');
    expect(JSON.parse(stdout).findings).toContainEqual({
      object: 'secret partner-api-key',
      found: 'does not open what it is for: the gateway’s sample route /partner, consumer partner',
      fix: 'Put the right value back, or say "apictl seed".',
    });
  });

  it('tells every finding with what to type, and ends with 7', async () => {
    const { world: there } = machine({ [`${values}/logging-admin-token`]: 'admin' }, [
      summary({ service: 'logging' }),
    ]);
    const { exitCode, stdout } = await runCommand(there, 'secrets', 'verify', '--json');
    expect(exitCode).toBe(7);
    const document = JSON.parse(stdout);
    expect(RESULT_SHAPES['secrets verify']?.parse(document)).toEqual(document);
    expect(document.findings).toEqual(
      expect.arrayContaining([
        {
          object: values,
          found: 'has mode 0755 instead of 0700',
          fix: expect.stringContaining('secrets init'),
        },
        {
          object: 'secret logging-admin-token',
          found: 'is one of the values that are tried first',
          fix: 'Say "apictl secrets rotate logging-admin-token".',
        },
        {
          object: 'secret logging-admin-token',
          found: 'does not open what it is for: the logging service’s search and administration',
          fix: expect.stringContaining('secrets rotate logging-admin-token'),
        },
        {
          object: 'service logging',
          found: 'may not read its secret logging-admin-token',
          fix: expect.stringContaining('secrets init'),
        },
      ]),
    );
    expect(stdout).not.toContain('"admin"');
  });
});
