import { chmod, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RESULT_SHAPES } from '../../src/cli/result-shapes.ts';
import { SECRETS } from '../../src/secrets/model.ts';
import { eventually, makeProject, type TestProject } from './support/project.ts';
import { steadyLoad } from './support/steady-load.ts';

let project: TestProject;
const values = () => join(project.root, 'secrets', 'values');
const url = (port: string, path: string) => `http://127.0.0.1:${project.ports[port]}${path}`;
const container = (service: string) => `${project.name}-${service}-1`;

async function containerIds(): Promise<Record<string, string>> {
  const { stdout } = await execa('docker', [
    ...['ps', '--all', '--no-trunc', `--filter=label=com.docker.compose.project=${project.name}`],
    '--format={{.Label "com.docker.compose.service"}} {{.ID}}',
  ]);
  return Object.fromEntries(stdout.split('\n').map((line) => line.split(' ')));
}

async function secretsNow(): Promise<Record<string, string>> {
  const names = SECRETS.map(({ name }) => name);
  return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await project.secret(name)])));
}

const statusOf = async (address: string, headers: Record<string, string>): Promise<number> => {
  const { statusCode, body } = await request(address, { headers });
  await body.dump();
  return statusCode;
};

/** A login from outside of the server, with the password by standard input. */
async function databaseOpens(password: string): Promise<boolean> {
  const script =
    'IFS= read -r PGPASSWORD; export PGPASSWORD; psql -w -h postgres -U kong -d kong -c "select 1"';
  const { exitCode } = await execa('docker', ['exec', '-i', container('postgres'), 'sh', '-c', script], {
    input: `${password}\n`,
    reject: false,
  });
  return exitCode === 0;
}

const rolesLikeKong = async (): Promise<string> => {
  const sql = "select string_agg(rolname, ',' order by rolname) from pg_roles where rolname like 'kong%'";
  const { stdout } = await execa('docker', [
    'exec',
    container('postgres'),
    'psql',
    '-tAqU',
    'kong',
    '-c',
    sql,
  ]);
  return stdout;
};

/** Every argument of every process of this machine, again and again, until it is stopped. */
function watchArguments() {
  const seen = new Set<string>();
  let isWatching = true;
  const watching = (async () => {
    while (isWatching) {
      const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
      for (const text of await Promise.all(
        pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')),
      ))
        seen.add(text);
      await delay(10);
    }
  })();
  return async (): Promise<string> => {
    isWatching = false;
    await watching;
    return [...seen].join('\n');
  };
}

async function expectAllInOrder(): Promise<void> {
  const { exitCode, stdout, stderr } = await project.apictl('secrets', 'verify', '--json');
  expect([exitCode, JSON.parse(stdout).findings], stderr).toEqual([0, []]);
  expect(RESULT_SHAPES['secrets verify']?.parse(JSON.parse(stdout))).toEqual(JSON.parse(stdout));
}

beforeAll(async () => {
  project = await makeProject('secrets');
  await project.configure({ profiles: ['core'], backends: { replicas: 1 } });
  const init = await project.apictl('secrets', 'init', '--json');
  expect(JSON.parse(init.stdout)).toMatchObject({ created: SECRETS.map(({ name }) => name), repaired: [] });
  const up = await project.apictl('up');
  expect(up.exitCode, up.stderr).toBe(0);
});
afterAll(() => project.destroy());

describe('the secrets of a running stack', () => {
  it('are all in order, and each container reads its own and no other', expectAllInOrder);

  it('are all rotated without a failed request, and nobody sees a value', async () => {
    const before = await secretsNow();
    const ids = await containerIds();
    const load = steadyLoad(url('proxy', '/api/v1/whoami'));
    const stopWatching = watchArguments();
    const rotated = await project.apictl('secrets', 'rotate', '--all', '--overlap', '0', '--json');
    const everyArgument = await stopWatching();
    const { asked, failed } = await load.stop();
    expect(rotated.exitCode, rotated.stderr).toBe(0);
    expect(failed).toEqual([]);
    expect(asked).toBeGreaterThan(50);

    const result = JSON.parse(rotated.stdout);
    expect(RESULT_SHAPES['secrets rotate']?.parse(result)).toEqual(result);
    expect(result.restarted.sort()).toEqual(['backend-1', 'kong-migrations', 'logging']);
    const left = result.left.map(({ name }: { name: string }) => name);
    const after = await secretsNow();
    for (const { name } of SECRETS)
      expect([name, after[name] === before[name]]).toEqual([name, left.includes(name)]);

    // The gateway and its database run on.
    const now = await containerIds();
    expect([now.kong, now.postgres]).toEqual([ids.kong, ids.postgres]);
    const [old, next] = [before, after].map((of) => ({
      database: of['postgres-password'] ?? '',
      partner: of['partner-api-key'] ?? '',
      logging: of['logging-admin-token'] ?? '',
    }));
    expect([await databaseOpens(old?.database ?? ''), await databaseOpens(next?.database ?? '')]).toEqual([
      false,
      true,
    ]);
    for (const [of, partner, logging] of [
      [old, 401, 401],
      [next, 200, 200],
    ] as const) {
      expect(await statusOf(url('proxy', '/partner/v1/whoami'), { apikey: of?.partner ?? '' })).toBe(partner);
      const authorization = `Bearer ${of?.logging}`;
      expect(await statusOf(url('loggingAdmin', '/api/v1/events?limit=1'), { authorization })).toBe(logging);
    }
    expect(await rolesLikeKong()).toBe('kong');

    const { stdout: inspected } = await execa('docker', ['inspect', ...Object.values(now)]);
    const logs = await Promise.all(
      Object.values(now).map(async (id) => (await execa('docker', ['logs', id], { all: true })).all),
    );
    const rendered = await readFile(join(project.root, '.apictl', 'compose.yaml'), 'utf8');
    const said = [rotated.stdout, rotated.stderr, everyArgument, inspected, ...logs, rendered].join('\n');
    for (const value of [...Object.values(before), ...Object.values(after)])
      expect(said).not.toContain(value);
  });

  it('leave nothing to do for the next up, nor for the gateway after a restart of its own', async () => {
    const up = await project.apictl('up', '--json');
    expect(up.exitCode, up.stderr).toBe(0);
    const actions = JSON.parse(up.stdout).services.map(({ action }: { action: string }) => action);
    expect(new Set(actions)).toEqual(new Set(['unchanged']));
    await execa('docker', ['restart', container('kong')]);
    await eventually('the gateway answers', async () => {
      expect(await statusOf(url('proxy', '/api/v1/whoami'), {})).toBe(200);
    });
    await expectAllInOrder();
  });

  it('of a rotation that is killed serve on, and the next up finishes it', async () => {
    const before = await secretsNow();
    const running = project.begin(['secrets', 'rotate', 'postgres-password', 'logging-admin-token']);
    await eventually('the gateway has changed over', async () => {
      expect(await rolesLikeKong()).toBe('kong,kong_rotation');
    });
    running.kill('SIGKILL');
    await running;
    expect(await statusOf(url('proxy', '/api/v1/whoami'), {})).toBe(200);
    const verified = await project.apictl('secrets', 'verify', '--json');
    expect(verified.exitCode).toBe(7);
    expect(verified.stdout).toContain('has a rotation that was broken off');
    const up = await project.apictl('up', '--json');
    expect(up.exitCode, up.stderr).toBe(0);
    await expectAllInOrder();
    expect(await rolesLikeKong()).toBe('kong');
    expect(await project.secret('postgres-password')).not.toBe(before['postgres-password']);
    expect((await readdir(values())).filter((name) => name.endsWith('.next'))).toEqual([]);
  });

  it('are told when their modes let others in, and get them back', async () => {
    await chmod(values(), 0o755);
    await chmod(join(values(), 'partner-api-key'), 0o600);
    const { exitCode, stdout } = await project.apictl('secrets', 'verify', '--json');
    expect(exitCode).toBe(7);
    expect(JSON.parse(stdout).findings).toEqual([
      expect.objectContaining({ object: values(), found: 'has mode 0755 instead of 0700' }),
      expect.objectContaining({ object: 'secret partner-api-key', found: 'has mode 0600 instead of 0444' }),
    ]);
    const init = await project.apictl('secrets', 'init', '--json');
    expect(JSON.parse(init.stdout)).toMatchObject({
      created: [],
      repaired: [values(), join(values(), 'partner-api-key')],
    });
    await expectAllInOrder();
  });

  it('are in no argument, label, image, file or answer, whatever command is run', async () => {
    await writeFile(join(project.root, 'passphrase'), 'correct horse battery staple\n', { mode: 0o600 });
    const stopWatching = watchArguments();
    const said: string[] = [];
    for (const words of [
      ['up', '--timings', '--verbose'],
      ['status', '--json'],
      ['doctor', '--bundle', 'bundle.tar.gz'],
      ['secrets', 'ls'],
      ['secrets', 'verify'],
      ['certs', 'renew', '--force'],
      ['seed', 'dump', '--all'],
      ['smoke', '--json'],
      ['logs', '--tail', '200'],
      ['graph', '--format', 'mermaid'],
      ['restart', 'logging'],
      ['backup', 'create', '--passphrase-file', 'passphrase'],
      ['down', '--json', '--nonsense'],
    ]) {
      const { stdout, stderr } = await project.apictl(...words);
      said.push(stdout, stderr);
    }
    const { stdout: bundle } = await execa('tar', ['-xzOf', 'bundle.tar.gz'], { cwd: project.root });
    const ids = Object.values(await containerIds());
    const { stdout: inspected } = await execa('docker', ['inspect', ...ids]);
    const images = [...new Set((JSON.parse(inspected) as { Image: string }[]).map(({ Image }) => Image))];
    const histories = images.map((id) => execa('docker', ['image', 'history', '--no-trunc', id]));
    const rendered = join(project.root, '.apictl');
    const composed = await execa('docker', ['compose', '-f', join(rendered, 'compose.yaml'), 'config']);
    const files = (await readdir(rendered, { recursive: true, withFileTypes: true })).filter((entry) =>
      entry.isFile(),
    );
    const texts = files.map((entry) => readFile(join(entry.parentPath, entry.name), 'utf8'));
    const metrics = await request(url('loggingAdmin', '/metrics')).then(({ body }) => body.text());
    const everything = [
      ...said,
      ...[await stopWatching(), bundle, inspected, composed.stdout, metrics],
      ...(await Promise.all(histories)).map(({ stdout }) => stdout),
      ...(await Promise.all(texts)),
    ].join('\n');
    for (const [name, value] of Object.entries(await secretsNow()))
      expect([name, everything.includes(value)]).toEqual([name, false]);
    expect(everything).not.toContain('correct horse');
    // It was looked where they would be.
    expect(everything).toContain('/run/secrets/postgres-password');
  });
});
