import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { localBuildContexts } from '../../src/adapters/build-contexts.ts';
import { localCommands } from '../../src/adapters/commands.ts';
import { dockerEngine } from '../../src/adapters/engine/docker-engine.ts';
import { imageRemoval } from '../../src/adapters/engine/image-removal.ts';
import { localFiles } from '../../src/adapters/files.ts';
import { configSchema } from '../../src/config/schema.ts';
import { ApictlError } from '../../src/core/errors.ts';
import type { Event } from '../../src/core/events.ts';
import type { Commands } from '../../src/core/ports/commands.ts';
import { readContexts } from '../../src/stack/images/contexts.ts';
import { ensureImages } from '../../src/stack/images/ensure.ts';
import { listImages } from '../../src/stack/images/list.ts';
import type { ImagePlan } from '../../src/stack/images/model.ts';
import { planImages } from '../../src/stack/images/plan.ts';
import { pruneOldImages } from '../../src/stack/images/prune.ts';
import { recipesFor } from '../../src/stack/images/recipes.ts';
import { PATIENCE } from '../support/patience.ts';

const packageRoot = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
const engine = dockerEngine(process.env);
const ports = {
  engine,
  commands: localCommands(process.env),
  files: localFiles,
  clock: { now: () => performance.now() },
  environment: process.env,
  packageRoot,
};
const never = new AbortController().signal;
const silent = () => {};

const docker = (...argv: readonly string[]) => execa('docker', argv, { reject: false, all: true });

async function embeddedPlan(): Promise<ImagePlan> {
  const recipes = recipesFor({
    flavour: 'embedded',
    config: configSchema.parse({}),
    projectRoot: packageRoot,
  });
  const contexts = await readContexts(recipes, packageRoot, {
    files: localFiles,
    buildContexts: localBuildContexts,
  });
  return planImages({ flavour: 'embedded', recipes, contexts });
}

/** A plan of one image that stands on nothing but the given Dockerfile, under a name of this run's own. */
function planOf(name: string, dockerfile: string): ImagePlan {
  const bytes = Buffer.from(dockerfile);
  const recipe = {
    name,
    base: { kind: 'nothing' },
    dockerfile: 'Dockerfile',
    context: [],
    buildArgs: {},
    usesMachineSources: false,
    isFinal: true,
    keepsModes: false,
  } as const;
  const files = [{ path: 'Dockerfile', mode: 0o644, content: { bytes } }];
  const contexts = { [name]: { dockerfile: 'Dockerfile', files } };
  return planImages({ flavour: 'embedded', recipes: [recipe], contexts });
}

const failureOf = (work: Promise<unknown>): Promise<ApictlError> =>
  work.then(
    () => expect.unreachable('must fail'),
    (thrown: unknown) => {
      expect(thrown).toBeInstanceOf(ApictlError);
      return thrown as ApictlError;
    },
  );

let plan: ImagePlan;
const run = `e2e${process.pid}`;

beforeAll(async () => {
  plan = await embeddedPlan();
  await ensureImages(plan, ports, silent, never);
});

afterAll(async () => {
  const { stdout } = await docker('image', 'ls', '--format', '{{.Repository}}:{{.Tag}}');
  const ours = stdout.split('\n').filter((reference) => reference.startsWith(`apictl/${run}`));
  for (const reference of ours) await docker('image', 'rm', reference);
});

describe('the embedded images', () => {
  it('are all there after a build, under the names the renderer takes, and labelled as ours', async () => {
    expect(Object.keys(plan.references).sort()).toEqual([
      'alertmanager',
      'backend',
      'blackbox-exporter',
      'dev-gateway',
      'logging',
      'node-exporter',
      'postgres',
      'postgres-exporter',
      'prometheus',
    ]);
    for (const [name, reference] of Object.entries(plan.references)) {
      const facts = await engine.image(reference);
      expect(facts?.labels).toMatchObject({ 'io.apictl.image': name, 'io.apictl.managed': 'true' });
    }
    const rows = await listImages(plan, [], engine);
    expect(rows.filter(({ state }) => state === 'missing').map(({ name }) => name)).toEqual([]);
  });

  it('are not built a second time', async () => {
    const events: Event[] = [];
    const again = await ensureImages(await embeddedPlan(), ports, (event) => events.push(event), never);
    expect(again).toEqual({ built: [], references: plan.references });
    expect(events).toEqual([]);
  });

  it.each([
    ['prometheus', '65534:65534', ['--version'], /^prometheus, version \d/],
    ['alertmanager', '65534:65534', ['--version'], /^alertmanager, version \d/],
    ['node-exporter', '65534:65534', ['--version'], /^node_exporter, version \d/],
    ['postgres-exporter', '65534:65534', ['--version'], /^postgres_exporter, version \d/],
    ['blackbox-exporter', '65534:65534', ['--version'], /^blackbox_exporter, version \d/],
    ['postgres', '70:70', ['pg_isready', '--version'], /^pg_isready \(PostgreSQL\) 17\./],
    ['logging', '1000:1000', ['node', '--version'], /^v\d+\./],
    ['dev-gateway', '1000:1000', ['node', '--version'], /^v\d+\./],
    [
      'backend',
      '1000:1000',
      ['python3', '-c', 'import django, gunicorn, prometheus_client; print("ok")'],
      /^ok/,
    ],
  ])('%s runs as %s, read-only and without capabilities', async (name, user, argv, answer) => {
    const reference = plan.references[name] ?? '';
    const hardened = ['--read-only', '--cap-drop=ALL', '--security-opt=no-new-privileges', '--network=none'];
    const postgres = name === 'postgres' ? ['--tmpfs=/tmp'] : [];
    const { all, exitCode } = await docker('run', '--rm', ...hardened, ...postgres, reference, ...argv);
    expect({ all, exitCode }).toEqual({ all: expect.stringMatching(answer), exitCode: 0 });
    const { stdout } = await docker('image', 'inspect', '--format={{.Config.User}}', reference);
    expect(stdout).toBe(user);
  });

  it('carry no private key, no package list and no mark of how they were made', async () => {
    const look = [
      'ls /etc/ssl/private /var/lib/apt/lists /tmp',
      'find /etc/apt/apt.conf.d /usr/sbin/policy-rc.d -name "*mmdebstrap*" -o -name policy-rc.d',
      'find / -xdev -name "*.key" -not -path "/proc/*" -not -path "/usr/share/*"',
    ].join('; ');
    const { stdout } = await docker(
      'run',
      '--rm',
      '--user=0',
      '--network=none',
      '--entrypoint=bash',
      plan.references.prometheus ?? '',
      '-c',
      look,
    );
    const names = stdout.split('\n').filter((line) => line !== '' && !line.endsWith(':'));
    expect(names).toEqual([]);
  });

  it('hand new volumes to the users that write there', async () => {
    const folders = [
      ['prometheus', '/prometheus', '65534:65534 755'],
      ['alertmanager', '/alertmanager', '65534:65534 755'],
      ['postgres', '/var/lib/postgresql/data', '70:70 700'],
      ['logging', '/var/lib/logging', '1000:1000 750'],
      ['logging', '/var/log/kong', '1000:1000 1777'],
      ['logging', '/var/log/services', '1000:1000 1777'],
      ['dev-gateway', '/var/log/kong', '1000:1000 1777'],
    ] as const;
    for (const [name, folder, owner] of folders) {
      const image = plan.references[name] ?? '';
      const stat = await docker(
        'run',
        '--rm',
        '-v',
        folder,
        '--entrypoint=stat',
        image,
        '-c',
        '%u:%g %a',
        folder,
      );
      expect([name, folder, stat.stdout]).toEqual([name, folder, owner]);
    }
  });
});

describe('a build', () => {
  it('gets another name when a byte changes, and the old image can be pruned', async () => {
    const name = `${run}-edited`;
    const before = planOf(name, `FROM ${plan.references.postgres}\nENV A=1\n`);
    const after = planOf(name, `FROM ${plan.references.postgres}\nENV A=2\n`);
    await ensureImages(before, ports, silent, never);
    await ensureImages(after, ports, silent, never);
    const [oldReference = '', newReference = ''] = [before.references[name], after.references[name]];
    expect(newReference).not.toBe(oldReference);
    const rows = await listImages(after, [], engine);
    expect(rows.map(({ reference, state }) => [reference, state])).toEqual([
      [newReference, 'current'],
      [oldReference, 'superseded'],
    ]);
    const { stdout: container } = await docker('create', oldReference);
    const removal = imageRemoval(process.env);
    try {
      expect(await pruneOldImages(after, { engine, removal })).toEqual({ removed: [], kept: [oldReference] });
    } finally {
      await docker('rm', container);
    }
    expect(await pruneOldImages(after, { engine, removal })).toEqual({ removed: [oldReference], kept: [] });
    expect(await engine.image(oldReference)).toBeNull();
  });

  it('that fails says what the builder said last, and leaves no image and no container', async () => {
    const name = `${run}-broken`;
    const broken = planOf(name, `FROM ${plan.references.postgres}\nRUN echo before it broke && exit 3\n`);
    const failure = await failureOf(ensureImages(broken, ports, silent, never));
    expect(failure).toMatchObject({ code: 'IMAGE_BUILD_FAILED', exitCode: 5, object: `image ${name}` });
    expect(failure.details).toContain('before it broke');
    expect(failure.message).toContain('returned a non-zero code: 3');
    expect(await engine.image(broken.references[name] ?? '')).toBeNull();
    await vi.waitFor(async () => {
      const { stdout } = await docker(
        'ps',
        '-aq',
        '--no-trunc',
        '--filter',
        'status=exited',
        '--format={{.Command}}',
      );
      expect(stdout).not.toContain('before it broke');
    }, PATIENCE);
  });

  it('that is interrupted ends at once, in the engine too', async () => {
    const name = `${run}-slow`;
    const slow = planOf(name, `FROM ${plan.references.postgres}\nRUN echo begun && sleep 611\n`);
    const interruption = new AbortController();
    const building = ensureImages(
      slow,
      ports,
      (event) => {
        if (event.type === 'step.progress' && /\d begun$/.test(event.text)) interruption.abort('SIGTERM');
      },
      interruption.signal,
    );
    expect(await failureOf(building)).toMatchObject({ code: 'INTERRUPTED', exitCode: 143 });
    expect(await engine.image(slow.references[name] ?? '')).toBeNull();
    await vi.waitFor(async () => {
      const { stdout } = await docker('ps', '-a', '--no-trunc', '--format={{.Command}}');
      expect(stdout).not.toContain('sleep 611');
    }, PATIENCE);
  });
});

describe('the base system', () => {
  /** The plan's own base under another name, so that what is there is not touched. */
  const basePlan = (name: string): ImagePlan => {
    const debian = plan.images.find((image) => image.name === 'debian');
    if (debian === undefined) return expect.unreachable('the plan has a base');
    const image = { ...debian, name, reference: `apictl/${name}:1`, isFinal: true };
    return { flavour: 'embedded', images: [image], references: { [name]: image.reference } };
  };
  /** A machine that lacks the faster of the two programs. */
  const withoutMmdebstrap: Commands = {
    ...ports.commands,
    run: async (argv, options) => {
      if (argv[0] === 'mmdebstrap')
        throw new ApictlError({ code: 'COMMAND_MISSING', exitCode: 5, message: 'not there' });
      return ports.commands.run(argv, options);
    },
  };

  it('is Debian, made from the machine’s own mirror, and works', async (context) => {
    const published = await Promise.all(
      ['debian:trixie-slim', 'debian:trixie'].map((it) => engine.image(it)),
    );
    context.skip(
      published.some((image) => image !== null),
      'a published Debian image is there and is used',
    );
    const name = `${run}-base`;
    await ensureImages(basePlan(name), ports, silent, never);
    const { stdout } = await docker(
      'run',
      '--rm',
      '--network=none',
      `apictl/${name}:1`,
      'sh',
      '-c',
      '. /etc/os-release; echo $VERSION_CODENAME; dpkg --audit; apt-get --version | head -n 1',
    );
    expect(stdout).toMatch(/^trixie\napt \d/);
  });

  it.for<[string, Commands]>([
    ['mmdebstrap', ports.commands],
    ['debootstrap', withoutMmdebstrap],
  ])('made by %s leaves nothing behind when it is interrupted', async ([program, commands], context) => {
    const found = await execa(program, ['--version'], { reject: false });
    context.skip(found.exitCode !== 0, `${program} is not installed here`);
    const temporary = await mkdtemp(join(tmpdir(), 'apictl-e2e-'));
    const name = `${run}-cut`;
    const interruption = new AbortController();
    const lines: string[] = [];
    const here: Commands = {
      run: commands.run,
      stream: (argv, options) => {
        if (options === undefined) return expect.unreachable('a failure is told in our own words');
        return commands.stream(argv, {
          ...options,
          environment: { ...options.environment, TMPDIR: temporary },
        });
      },
    };
    const making = ensureImages(
      basePlan(name),
      { ...ports, commands: here },
      (event) => {
        if (event.type !== 'step.progress') return;
        lines.push(event.text);
        if (/extracting archives|Extracting/i.test(event.text)) interruption.abort('SIGINT');
      },
      interruption.signal,
    );
    expect(await failureOf(making)).toMatchObject({ code: 'INTERRUPTED', exitCode: 130 });
    expect(lines.join('\n')).toContain(program);
    expect(await engine.image(`apictl/${name}:1`)).toBeNull();
    await vi.waitFor(async () => {
      const { stdout: mounts } = await execa('cat', ['/proc/mounts']);
      expect(mounts).not.toContain(temporary);
      const { stdout: left } = await execa('ls', ['-A', temporary]);
      expect(left).toBe('');
    }, PATIENCE);
    await rm(temporary, { recursive: true });
  });
});

describe('the PostgreSQL image', () => {
  const password = 'a "quoted" $ecret\\ with spaces';
  let folder: string;
  const made: { containers: string[]; volumes: string[] } = { containers: [], volumes: [] };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'apictl-postgres-'));
    await writeFile(join(folder, 'password'), password, { mode: 0o444 });
    await writeFile(join(folder, 'empty'), '', { mode: 0o444 });
    await execa('chmod', ['0755', folder]);
  });
  afterAll(async () => {
    for (const name of made.containers) await docker('rm', '-f', name);
    for (const name of made.volumes) await docker('volume', 'rm', name);
    await rm(folder, { recursive: true });
  });

  async function newVolume(): Promise<string> {
    const name = `${run}-postgres-${made.volumes.length}`;
    await docker('volume', 'create', name);
    made.volumes.push(name);
    return name;
  }

  /** A container as the stack runs it: unprivileged, read-only, its password in a file. */
  async function start(
    volume: string,
    options: readonly string[] = [],
    secret = 'password',
  ): Promise<string> {
    const name = `${run}-postgres-${made.containers.length}`;
    made.containers.push(name);
    const hardened = ['--user=70:70', '--read-only', '--cap-drop=ALL', '--security-opt=no-new-privileges'];
    const mounts = [
      `--volume=${volume}:/var/lib/postgresql/data`,
      `--volume=${join(folder, secret)}:/run/secrets/postgres-password:ro`,
      '--tmpfs=/tmp',
      '--tmpfs=/var/run/postgresql:uid=70,gid=70,mode=3777',
    ];
    const environment = [
      'POSTGRES_USER=kong',
      'POSTGRES_DB=kong',
      'POSTGRES_PASSWORD_FILE=/run/secrets/postgres-password',
    ];
    const flags = [...hardened, ...mounts, ...environment.map((pair) => `--env=${pair}`), ...options];
    const started = await docker(
      'run',
      '--detach',
      `--name=${name}`,
      ...flags,
      plan.references.postgres ?? '',
    );
    expect(started.exitCode, started.all).toBe(0);
    return name;
  }

  const ready = (name: string) =>
    vi.waitFor(
      async () => {
        const { exitCode } = await docker(
          'exec',
          name,
          'pg_isready',
          '-q',
          '-h',
          '127.0.0.1',
          '-U',
          'kong',
          '-d',
          'kong',
        );
        expect(exitCode, (await docker('logs', name)).all).toBe(0);
      },
      { timeout: 60_000, interval: 200 },
    );
  const sql = async (name: string, statement: string, as = password) => {
    const { all } = await docker(
      'exec',
      `--env=PGPASSWORD=${as}`,
      name,
      'psql',
      '-XAtq',
      '-h',
      '127.0.0.1',
      '-U',
      'kong',
      '-c',
      statement,
    );
    return all;
  };
  const ended = async (name: string) => {
    const { stdout } = await execa('docker', ['wait', name], { timeout: 60_000 });
    return { exitCode: Number(stdout), said: (await docker('logs', name)).all };
  };
  /** Runs a shell on a volume, without a server. */
  const onVolume = async (volume: string, script: string) =>
    (
      await docker(
        'run',
        '--rm',
        '--user=70:70',
        '--entrypoint=bash',
        `--volume=${volume}:/var/lib/postgresql/data`,
        '--workdir=/var/lib/postgresql/data',
        plan.references.postgres ?? '',
        '-c',
        script,
      )
    ).all;

  it('makes its database on first start, asks for the password, and keeps the data for the next container', async () => {
    const volume = await newVolume();
    const first = await start(volume);
    await ready(first);
    expect(
      await sql(first, 'create table kept (n int); insert into kept values (42); select current_database()'),
    ).toBe('kong');
    expect(await sql(first, 'select 1', 'wrong')).toContain('password authentication failed');
    expect(await sql(first, 'show password_encryption')).toBe('scram-sha-256');
    // Whatever the planner wants compiled is interpreted: the image has no LLVM.
    expect(
      await sql(
        first,
        'set jit_above_cost = 0; select pg_jit_available(), count(*) from generate_series(1, 100000)',
      ),
    ).toBe('f|100000');
    await docker('stop', first);
    expect((await ended(first)).exitCode).toBe(0);

    const second = await start(volume);
    await ready(second);
    expect(await sql(second, 'select n from kept')).toBe('42');
    expect((await docker('logs', second)).all).not.toContain('initialised');
    expect((await docker('inspect', second)).stdout).not.toContain('quoted');
    expect((await docker('logs', first)).all).not.toContain('quoted');
  });

  it('is asked for by other containers with the password only', async () => {
    const volume = await newVolume();
    const name = await start(volume);
    await ready(name);
    const { stdout: address } = await docker('inspect', '--format={{.NetworkSettings.IPAddress}}', name);
    const ask = (as: string) =>
      docker(
        'run',
        '--rm',
        `--env=PGPASSWORD=${as}`,
        '--entrypoint=psql',
        plan.references.postgres ?? '',
        '-XAtq',
        '-h',
        address,
        '-U',
        'kong',
        '-c',
        'select 1',
      );
    expect((await ask(password)).all).toBe('1');
    expect((await ask('wrong')).all).toContain('password authentication failed');
  });

  it('starts over when it was killed while it made its database', async () => {
    const volume = await newVolume();
    // A twentieth of a processor: slow enough to be caught in the middle.
    const killed = await start(volume, ['--cpus=0.05']);
    await vi.waitFor(async () => expect(await onVolume(volume, 'ls -A .fresh/base')).toMatch(/^\d/), {
      timeout: 60_000,
      interval: 100,
    });
    await docker('kill', '--signal=KILL', killed);
    expect(await onVolume(volume, 'ls -A')).toContain('.initialisation-unfinished');

    const next = await start(volume);
    await ready(next);
    expect((await docker('logs', next)).all).toContain(
      'an earlier initialisation was interrupted; starting it again',
    );
    expect(await sql(next, 'select current_database()')).toBe('kong');
    expect(await onVolume(volume, 'ls -A | grep -c "^\\."')).toBe('0');
  });

  it('does not touch a directory that another container is initialising', async () => {
    const volume = await newVolume();
    const slow = await start(volume, ['--cpus=0.05']);
    await vi.waitFor(async () => expect(await onVolume(volume, 'ls -A')).toContain('.fresh'), {
      timeout: 60_000,
      interval: 100,
    });
    const { exitCode, said } = await ended(await start(volume));
    expect(exitCode).toBe(1);
    expect(said).toContain('another container is initialising');
    await docker('update', '--cpus=2', slow);
    await ready(slow);
  });

  it('refuses the data of another major version and leaves it as it is', async () => {
    const volume = await newVolume();
    await onVolume(volume, 'mkdir base; echo precious > base/1; echo 13 > PG_VERSION');
    const { exitCode, said } = await ended(await start(volume));
    expect(exitCode).toBe(1);
    expect(said).toContain('holds the data of PostgreSQL 13; this is PostgreSQL 17');
    expect(await onVolume(volume, 'cat base/1 PG_VERSION')).toBe('precious\n13');
  });

  it('refuses a directory with something else in it', async () => {
    const volume = await newVolume();
    await onVolume(volume, 'echo mine > notes');
    const { exitCode, said } = await ended(await start(volume));
    expect([exitCode, said]).toEqual([
      1,
      expect.stringContaining('is not empty and holds no PostgreSQL data'),
    ]);
    expect(await onVolume(volume, 'cat notes')).toBe('mine');
  });

  it('refuses to make a database with an empty password, and makes nothing', async () => {
    const volume = await newVolume();
    const { exitCode, said } = await ended(await start(volume, [], 'empty'));
    expect([exitCode, said]).toEqual([1, expect.stringContaining('is empty')]);
    expect(await onVolume(volume, 'ls -A')).toBe('');
  });
});
