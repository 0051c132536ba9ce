import { chmod, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { execa } from 'execa';
import { request } from 'undici';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually, makeProject, type TestProject } from './support/project.ts';

/**
 * One stack, from its first rows to its restore: saved while two tables are written to whose sum never changes, removed with all its
 * data, restored once by a run that is killed in the middle and once by one that is not.
 */

const REQUEST_ID = 'backup-e2e-request';
const CANARY = 'canary-row-4c1d';
let project: TestProject;
let archive = '';

const psql = async (sql: string): Promise<string> =>
  (await execa('docker', ['exec', `${project.name}-postgres-1`, 'psql', '-U', 'kong', '-XAtc', sql])).stdout;
const backup = (...words: readonly string[]) => project.apictl(...words, '--passphrase-file', 'passphrase');

const INVARIANT = `SELECT (SELECT sum(v) FROM shop_left) + (SELECT sum(v) FROM shop_right),
  (SELECT sum(v) FROM shop_right) - (SELECT count(*) FROM shop_moves)`;

beforeAll(async () => {
  project = await makeProject('backup');
  await project.configure({ profiles: ['core'] });
  await writeFile(join(project.root, 'passphrase'), 'correct horse battery staple\n', { mode: 0o600 });
  const { exitCode, stderr } = await project.apictl('up', '--quiet');
  expect(exitCode, stderr).toBe(0);
  await psql(`CREATE TABLE shop_left (v bigint); CREATE TABLE shop_right (v bigint); CREATE TABLE shop_moves (note text);
    INSERT INTO shop_left VALUES (1000000); INSERT INTO shop_right VALUES (0);
    CREATE ROLE shop_reader; GRANT SELECT ON shop_moves TO shop_reader`);
});

afterAll(() => project.destroy());

/** Moves one from left to right and notes it, a transaction each, until it is stopped. */
async function whileWriting<T>(work: () => Promise<T>): Promise<T> {
  const loop = `DO $$ BEGIN FOR i IN 1..1000000 LOOP
    UPDATE shop_left SET v = v - 1; PERFORM pg_sleep(0.001); UPDATE shop_right SET v = v + 1;
    INSERT INTO shop_moves VALUES ('${CANARY}'); COMMIT; END LOOP; END $$`;
  const writer = psql(loop).catch(() => 'stopped');
  try {
    await eventually('the first moves', async () =>
      expect(Number(await psql('SELECT count(*) FROM shop_moves'))).toBeGreaterThan(10),
    );
    return await work();
  } finally {
    await psql(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'DO $$ BEGIN FOR%'`);
    expect(await writer).toBe('stopped');
  }
}

const storedLines = async (): Promise<string[]> => {
  const { stdout } = await project.apictl('logs', '--store', '--request-id', REQUEST_ID, '--json');
  return stdout.split('\n').filter((line) => line.includes(REQUEST_ID));
};

const whoami = async () => {
  const { statusCode, body } = await request(`http://127.0.0.1:${project.ports.proxy}/partner/v1/whoami`, {
    headers: { apikey: await project.secret('partner-api-key') },
  });
  await body.dump();
  return statusCode;
};

it('is saved while it is written to, in one file with no secret in clear', async () => {
  const { body } = await request(`http://127.0.0.1:${project.ports.proxy}/api/v1/whoami`, {
    headers: { 'x-request-id': REQUEST_ID },
  });
  await body.dump();
  await eventually('the request is in the store', async () =>
    expect((await storedLines()).length).toBeGreaterThan(0),
  );

  const made = await whileWriting(() => backup('backup', 'create', '--json'));
  expect(made.exitCode, made.stderr).toBe(0);
  const result = JSON.parse(made.stdout);
  archive = result.file;
  expect(result.saved).toEqual(['postgres', 'kong', 'logging', 'configuration', 'secrets']);
  expect((await stat(archive)).mode & 0o777).toBe(0o600);

  const bytes = await readFile(archive);
  expect(bytes.includes(CANARY)).toBe(false);
  const values = join(project.root, 'secrets', 'values');
  for (const name of await readdir(values)) {
    const value = await readFile(join(values, name), 'utf8');
    if (value.length >= 8) expect(bytes.includes(value), name).toBe(false);
  }
  expect(`${made.stdout}${made.stderr}`).not.toContain('correct horse');
});

it('is proved by restoring it beside the running stack, of which nothing stays', async () => {
  const verified = await backup('backup', 'verify', archive, '--json');
  expect(verified.exitCode, verified.stdout + verified.stderr).toBe(0);
  const { same, checks } = JSON.parse(verified.stdout);
  expect(same).toBe(true);
  expect(checks.map(({ differences }: { differences: string[] }) => differences)).toEqual([[], [], [], []]);
  const { stdout } = await project.apictl('backup', 'ls', '--json');
  expect(JSON.parse(stdout).backups[0]).toMatchObject({ verifiedAt: expect.any(String), problem: null });
  const filter = `label=com.docker.compose.project=${project.name}-verify`;
  for (const kind of [
    ['ps', '-aq'],
    ['volume', 'ls', '-q'],
    ['network', 'ls', '-q'],
  ])
    expect((await execa('docker', [...kind, '--filter', filter])).stdout).toBe('');
  expect(await whoami()).toBe(200);
});

it('is not put over what is there, and not with another passphrase', async () => {
  const there = await backup('restore', archive, '--json');
  expect(there.exitCode).toBe(64);
  const { error } = JSON.parse(there.stderr.trim().split('\n').at(-1) ?? '');
  expect(error.code).toBe('RESTORE_NOT_EMPTY');
  expect(error.details).toContain(`volume ${project.name}_postgres-data-17-embedded`);
  await writeFile(join(project.root, 'other'), 'another passphrase', { mode: 0o600 });
  await chmod(join(project.root, 'other'), 0o600);
  const wrong = await project.apictl('restore', archive, '--passphrase-file', 'other', '--json');
  expect(wrong.exitCode).toBe(7);
  expect(wrong.stderr).toContain('BACKUP_KEY_WRONG');
  expect(await whoami()).toBe(200);
});

it('is restored whole after a run that was killed in the middle, which nothing starts', async () => {
  const before = { lines: await storedLines(), dump: (await project.apictl('seed', 'dump', '--all')).stdout };
  expect((await project.apictl('down', '--volumes', '--yes')).exitCode).toBe(0);

  await killedAt('restore database kong');
  const refused = await project.apictl('up', '--json');
  expect(refused.exitCode).toBe(3);
  expect(refused.stderr).toContain('RESTORE_INCOMPLETE');
  const halfway = JSON.parse((await project.apictl('status', '--json')).stdout);
  expect(halfway.state).not.toBe('healthy');
  expect(halfway.warnings[0]).toContain('was ended half-way');

  const restored = await backup('restore', archive, '--json');
  expect(restored.exitCode, restored.stderr).toBe(0);
  expect(JSON.parse(restored.stdout)).toMatchObject({ state: 'healthy', savedAs: null });
  const [sum, moved] = (await psql(INVARIANT)).split('|');
  expect([sum, moved]).toEqual(['1000000', '0']);
  expect(Number(await psql('SELECT count(*) FROM shop_moves'))).toBeGreaterThan(10);
  expect(await psql(`SELECT has_table_privilege('shop_reader', 'shop_moves', 'SELECT')`)).toBe('t');
  expect(await whoami()).toBe(200);
  expect((await project.apictl('seed', 'dump', '--all')).stdout).toBe(before.dump);
  expect(await storedLines()).toEqual(before.lines);
  expect(JSON.parse((await project.apictl('status', '--json')).stdout).state).toBe('healthy');
});

it('replaces what is there where that is wished, and saves it before', async () => {
  await psql(
    `CREATE TABLE shop_later (note text); INSERT INTO shop_later VALUES ('after the backup'); DROP TABLE shop_moves`,
  );
  const replaced = await backup('restore', archive, '--replace', '--yes', '--json');
  expect(replaced.exitCode, replaced.stderr).toBe(0);
  const { state, savedAs } = JSON.parse(replaced.stdout);
  expect(state).toBe('healthy');
  expect(await psql(`SELECT to_regclass('shop_later') IS NULL, to_regclass('shop_moves') IS NOT NULL`)).toBe(
    't|t',
  );
  expect(await whoami()).toBe(200);

  const back = await backup('restore', savedAs, '--replace', '--yes', '--json');
  expect(back.exitCode, back.stderr).toBe(0);
  expect(await psql('SELECT note FROM shop_later')).toBe('after the backup');
  expect(await whoami()).toBe(200);
});

/** Starts a restore and kills it as soon as it has begun a step. */
async function killedAt(step: string): Promise<void> {
  const running = project.begin(['restore', archive, '--passphrase-file', 'passphrase', '--json']);
  if (running.stderr === null) throw new Error('the command has no standard error');
  for await (const line of createInterface({ input: running.stderr })) {
    const { event, step: begun } = JSON.parse(line) as { event?: string; step?: string };
    if (event === 'step.started' && begun === step) running.kill('SIGKILL');
  }
  expect((await running).signal).toBe('SIGKILL');
}
