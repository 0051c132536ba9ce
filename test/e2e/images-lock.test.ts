import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parse } from 'yaml';
import { loadImages } from '../../src/app/images/archive/load.ts';
import { saveImages } from '../../src/app/images/archive/save.ts';
import { loadProject } from '../../src/app/project/project.ts';
import { configSchema } from '../../src/config/schema.ts';
import { realWorld } from '../../src/real-world.ts';
import { busyRegistry } from './support/busy-registry.ts';
import { containersOf } from './support/generated-project.ts';
import { makeProject, type TestProject } from './support/project.ts';
import { type Registry, startRegistry } from './support/registry.ts';

const { versions } = configSchema.parse({});
const KONG = `kong:${versions.kong}`;
const NAMES = [KONG, `postgres:${versions.postgres}`, `node:${versions.node}`, `python:${versions.python}`];

let registry: Registry;
let project: TestProject;
/** Name -> the digest that was pushed last. */
const pushed: Record<string, string> = {};
const there = (name: string): string => `${registry.address}/library/${name}`;
const push = async (name: string, text: string) => {
  pushed[name] = await registry.push(`library/${name}`, text);
};

beforeAll(async () => {
  registry = await startRegistry();
  project = await makeProject('lock');
  await project.configure({
    images: 'official',
    profiles: ['core'],
    registry: { mirror: registry.address },
  });
  for (const name of NAMES) await push(name, `the first ${name}`);
});
afterAll(async () => {
  const digests = await execa('docker', ['image', 'ls', '--digests', '--format', '{{.Repository}} {{.ID}}']);
  const own = digests.stdout.split('\n').filter((line) => line.startsWith(registry.address));
  const ids = [...new Set(own.map((line) => line.split(' ')[1] ?? ''))];
  if (ids.length > 0) await execa('docker', ['image', 'rm', '--force', ...ids]);
  await project.destroy();
  await registry.stop();
});

async function apictl(...argv: readonly string[]) {
  const { exitCode, stdout, stderr } = await project.apictl(...argv, '--json');
  expect(exitCode, stderr).toBe(0);
  return JSON.parse(stdout);
}

const locked = async () =>
  JSON.parse(await readFile(join(project.root, 'images.lock'), 'utf8')).images as Readonly<
    Record<string, { readonly digest: string; readonly ids: Readonly<Record<string, string>> }>
  >;

it('locks every published image, and the bases of the built ones, to what the registry gives', async () => {
  const result = await apictl('images', 'lock');
  expect(result).toMatchObject({ unlocked: [], removed: [] });
  expect(
    Object.fromEntries(Object.entries(await locked()).map(([name, { digest }]) => [name, digest])),
  ).toEqual(pushed);
});

it('renders what is locked, as Compose takes it', async () => {
  await apictl('render');
  const file = join(project.root, '.apictl/compose.yaml');
  const { services } = parse(await readFile(file, 'utf8'));
  expect(services.kong.image).toBe(`${there(KONG)}@${pushed[KONG]}`);
  await execa('docker', ['compose', '-f', file, 'config', '--quiet']);
});

it('gets what is locked, whatever the tag was moved to', async () => {
  const first = pushed[KONG];
  await execa('docker', ['image', 'rm', there(KONG)]);
  await execa('docker', ['image', 'rm', `${there(KONG)}@${first}`], { reject: false });
  await push(KONG, 'a second kong');
  expect((await apictl('images', 'pull')).pulled).toEqual([`${there(KONG)}@${first}`]);
  expect((await apictl('images', 'lock')).images).toContainEqual({
    ...{ reference: KONG, digest: first, state: 'kept' },
  });
});

it('saves what is locked under its tag, and holds what is loaded to the lock', async () => {
  const world = realWorld({
    packageRoot: process.cwd(),
    workingFolder: project.root,
    emit: () => {},
    signal: new AbortController().signal,
  });
  const reference = `${there(KONG)}@${(await locked())[KONG]?.digest}`;
  const file = join(project.root, 'kong.tar');
  const saved = await saveImages(world, file, {
    flavour: 'official',
    references: [reference],
    withPackages: false,
  });
  await execa('docker', ['image', 'rm', '--force', saved.images[0]?.id ?? '']);
  const lock = await readFile(join(project.root, 'images.lock'), 'utf8');
  const opened = await loadProject(world, {});

  await writeFile(
    join(project.root, 'images.lock'),
    lock.replaceAll(saved.images[0]?.id ?? '', `sha256:${'0'.repeat(64)}`),
  );
  await expect(loadImages(world, file, opened)).rejects.toMatchObject({ code: 'IMAGES_UNFIT', exitCode: 64 });
  await writeFile(join(project.root, 'images.lock'), lock);

  await loadImages(world, file, opened);
  const rows = (await apictl('images', 'ls')).images;
  // No registry gave it, so it has no digest here: the stack names it by its tag.
  expect(rows).toContainEqual(
    expect.objectContaining({ reference: there(KONG), state: 'current', lock: 'locked' }),
  );
  await rm(join(project.root, '.apictl/loaded.json'));
});

it('is renewed when that is asked for', async () => {
  const { images } = await apictl('images', 'lock', '--update');
  expect(images).toContainEqual({ reference: KONG, digest: pushed[KONG], state: 'renewed' });
  expect((await locked())[KONG]?.digest).toBe(pushed[KONG]);
  const again = await apictl('images', 'lock', '--update');
  expect(new Set(again.images.map(({ state }: { state: string }) => state))).toEqual(new Set(['kept']));
});

it('is asked again where it is busy, and not at all where everything is there; without it every missing image is named', async () => {
  const front = await busyRegistry(registry.address, ['library/kong', 'library/postgres']);
  const images = ['docker', 'image', 'ls', '--quiet', '--filter', `reference=${front.address}/*/*`] as const;
  await rm(join(project.root, 'images.lock'));
  try {
    const core = { images: 'official', profiles: ['core'], registry: { mirror: front.address } };
    await project.configure(core);
    const { exitCode, stdout, stderr } = await project.apictl('images', 'pull', '--json');
    expect(exitCode, stderr).toBe(0);
    const wanted = NAMES.map((name) => `${front.address}/library/${name}`).sort();
    expect(JSON.parse(stdout).pulled).toEqual(wanted);
    expect(front.refused).toHaveLength(2);
    expect(stderr).toContain('again in 1 s');
    await front.stop();
    expect(await apictl('images', 'pull')).toMatchObject({ pulled: [], present: wanted });

    const [command, ...argv] = images;
    const { stdout: ids } = await execa(command, argv);
    await execa('docker', ['image', 'rm', '--force', ...new Set(ids.split('\n'))]);
    const gone = await project.apictl('up', '--json');
    expect(gone.exitCode).toBe(5);
    expect(gone.stderr).not.toContain('service.creating');
    const { error } = JSON.parse(gone.stderr.split('\n').at(-1) ?? '');
    expect(error).toMatchObject({ code: 'IMAGES_MISSING' });
    for (const name of [KONG, NAMES[1]]) expect(error.object).toContain(`${front.address}/library/${name}`);
    expect(error.details.join('\n')).toContain('connection refused');
    expect(await containersOf(project.name)).toEqual([]);
  } finally {
    await front.stop().catch(() => {});
  }
});
