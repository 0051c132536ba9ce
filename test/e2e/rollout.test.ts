import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Status, statusSchema } from '../../src/app/status/model.ts';
import { type Load, startLoad } from './support/load.ts';
import { eventually, makeProject, type TestProject } from './support/project.ts';

let project: TestProject;
let load: Load;

const configFile = () => join(project.root, 'apictl.yaml');
const edit = async (change: (text: string) => string) =>
  writeFile(configFile(), change(await readFile(configFile(), 'utf8')));

/** Name -> id of every backend's container that runs. */
async function backends(): Promise<Record<string, string>> {
  const { stdout } = await execa('docker', [
    'ps',
    '--no-trunc',
    '--filter',
    `label=com.docker.compose.project=${project.name}`,
    '--format',
    '{{.Label "com.docker.compose.service"}} {{.ID}}',
  ]);
  const rows = stdout.split('\n').map((line) => line.split(' ') as [string, string]);
  return Object.fromEntries(rows.filter(([name]) => name.startsWith('backend-')).sort());
}

async function targets(): Promise<string[]> {
  const { stdout } = await project.apictl('status', '--json');
  const status: Status = statusSchema.parse(JSON.parse(stdout));
  return status.kong.upstreams
    .flatMap((upstream) => upstream.targets)
    .map(({ target, weight, health }) => `${target} ${weight} ${health}`)
    .sort();
}

const healthy = (...numbers: readonly number[]) => numbers.map((n) => `backend-${n}:8000 100 HEALTHY`);

/** From now on, the named ones and nobody else answer. */
const expectShares = async (...names: readonly string[]) => {
  load.shares();
  await eventually('requests to all', async () => {
    const before = load.sent();
    await eventually('some requests', async () => expect(load.sent()).toBeGreaterThan(before + 40));
    expect(Object.keys(load.shares()).sort()).toEqual(names);
  });
};

beforeAll(async () => {
  project = await makeProject('rollout');
  await project.configure({ profiles: ['core'], backends: { replicas: 2 } });
  await edit((text) => `# kept by every command\n${text}`);
  const { exitCode, stderr } = await project.apictl('up', '--json');
  if (exitCode !== 0) throw new Error(stderr);
});
afterAll(() => project?.destroy());

describe('under load', () => {
  beforeEach(() => {
    load = startLoad(`http://127.0.0.1:${project.ports.proxy}`);
  });
  afterEach(async () => {
    await load.stop();
    expect(load.failures()).toEqual([]);
    expect(load.sent()).toBeGreaterThan(100);
  });

  it('a third replica comes, gets requests, and stays at the next "up"; the others are the same containers', async () => {
    const before = await backends();
    const { exitCode, stdout, stderr } = await project.apictl('scale', 'backend=3', '--json');
    expect([exitCode, exitCode === 0 ? '' : stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toMatchObject({ from: 2, to: 3, recordedIn: configFile() });
    expect(await readFile(configFile(), 'utf8')).toMatch(/^# kept by every command\n[\s\S]*replicas: 3\n/);
    const after = await backends();
    expect(after).toMatchObject(before);
    expect(Object.keys(after)).toHaveLength(3);
    await expectShares('backend-1', 'backend-2', 'backend-3');

    // The engine may call the new one "starting" for a while; apictl asks by itself.
    expect((await project.apictl('up', '--dry-run')).stdout).not.toMatch(/^(create|recreate|remove)/m);
    expect((await project.apictl('seed', 'diff', '--exit-code')).exitCode).toBe(0);
  });

  it('replicas restart one after the other and are the same containers', async () => {
    const before = await backends();
    const { exitCode, stderr } = await project.apictl('restart', 'backend', '--rolling', '--json');
    expect([exitCode, exitCode === 0 ? '' : stderr]).toEqual([0, '']);
    expect(await backends()).toEqual(before);
    expect(await targets()).toEqual(healthy(1, 2, 3));
  });

  it('a replica too many is drained and removed', async () => {
    const { exitCode, stderr } = await project.apictl('scale', 'backend=2', '--json');
    expect([exitCode, exitCode === 0 ? '' : stderr]).toEqual([0, '']);
    expect(Object.keys(await backends())).toEqual(['backend-1', 'backend-2']);
    expect(await targets()).toEqual(healthy(1, 2));
    await expectShares('backend-1', 'backend-2');
  });

  it('a version that does not become healthy leaves everything as it is', async () => {
    const before = await backends();
    const good = await readFile(configFile(), 'utf8');
    await edit((text) =>
      text.replace(/replicas: 2\n/, '$&  command: [python3, -c, "raise SystemExit(3)"]\n'),
    );
    const { exitCode, stderr } = await project.apictl('up', '--json');
    await writeFile(configFile(), good);
    expect(exitCode).toBe(4);
    expect(stderr).toContain('as before: backend-1, backend-2');
    expect(await backends()).toEqual(before);
    expect(await targets()).toEqual(healthy(1, 2));
  });

  it('a new version replaces all, also after a run that was killed in the middle', async () => {
    const before = await backends();
    await edit((text) => text.replace(/replicas: 2\n/, '$&  environment: { RELEASE: "2" }\n'));
    const killed = project.begin(['up', '--json']);
    killed.stderr.on('data', (chunk: Buffer) => {
      if (chunk.includes('"drain backend-2"')) killed.kill('SIGKILL');
    });
    await killed;
    const { exitCode, stderr } = await project.apictl('up', '--json');
    expect([exitCode, exitCode === 0 ? '' : stderr]).toEqual([0, '']);
    const after = await backends();
    expect(Object.keys(after)).toEqual(['backend-1', 'backend-2']);
    for (const [name, id] of Object.entries(before)) expect([name, after[name]]).not.toEqual([name, id]);
    expect(await targets()).toEqual(healthy(1, 2));
  });
});
