import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { grafanaDataKeys } from '../../src/app/secrets/grafana-database.ts';
import { configSchema } from '../../src/config/schema.ts';
import { Secret } from '../../src/core/secret.ts';
import { realWorld } from '../../src/real-world.ts';
import { FakeGrafana, grafanaDatabaseFile, lookWithSqlite } from '../fakes/fake-grafana-database.ts';
import { platformImage } from './support/generated-project.ts';

/**
 * Intent: the engine gives and takes a file in a volume of a container that stands still, as the rotation of Grafana's secret key needs it.
 * Grafana itself cannot be had here; a container with its folder and its user stands in for it.
 */

const name = `e2e-grafana-${process.pid}`;
const [current, next] = [new Secret('the present key'), new Secret('the key to come')];
const dataKeys = { monday: randomBytes(16), tuesday: randomBytes(16) };
let folder: string;
let original: Buffer;
const docker = async (...words: readonly string[]): Promise<string> => (await execa('docker', words)).stdout;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'apictl-grafana-e2e-'));
  original = await grafanaDatabaseFile(dataKeys, current.reveal());
  await writeFile(join(folder, 'grafana.db'), original, { mode: 0o640 });
  const labels = [`com.docker.compose.project=${name}`, 'com.docker.compose.service=grafana'];
  await docker(
    ...['run', '--detach', '--name', name, '--user', '472:0', '--network', 'none', '--stop-signal', 'KILL'],
    ...labels.flatMap((label) => ['--label', label]),
    ...['--volume', `${name}:/var/lib/grafana`, await platformImage(), 'sleep', '600'],
  );
  await docker('cp', join(folder, 'grafana.db'), `${name}:/var/lib/grafana/grafana.db`);
});

afterAll(async () => {
  await docker('rm', '--force', name);
  await docker('volume', 'rm', name);
  await rm(folder, { recursive: true, force: true });
});

const databaseNow = async (): Promise<Buffer> => {
  const path = join(folder, 'now.db');
  await docker('cp', `${name}:/var/lib/grafana/grafana.db`, path);
  return readFile(path);
};
const opens = async (key: Secret) =>
  new FakeGrafana(await databaseNow(), '', dataKeys, lookWithSqlite).opened(key.reveal());
const state = () => docker('inspect', '--format', '{{.State.Status}}', name);

it('the data keys in a stopped container are encrypted anew, belong to Grafana still, and come back', async () => {
  const { signal } = new AbortController();
  const world = realWorld({ packageRoot: process.cwd(), workingFolder: folder, emit: () => {}, signal });
  const project = { root: folder, config: configSchema.parse({ project: name }), dotenv: {} };
  const door = grafanaDataKeys(world, project, await world.engine.containers(name)).holding;

  await door?.admit(current, next);
  expect(await state()).toBe('exited');
  expect(await opens(next)).toEqual(['monday', 'tuesday']);
  await docker('start', name);
  expect(await docker('exec', name, 'stat', '-c', '%u:%g %a', '/var/lib/grafana/grafana.db')).toBe(
    '472:0 640',
  );

  await docker('stop', name);
  await door?.undo(current, next);
  expect(await state()).toBe('running');
  expect((await databaseNow()).equals(original)).toBe(true);
});
