import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DeployResult, deployResultSchema } from '../../../src/app/deploy/model.ts';
import { makeProject, type TestProject } from '../../e2e/support/project.ts';
import { canRunSecondEngine, type SecondEngine, secondEngine } from '../support/second-engine.ts';

/**
 * Intent: a Swarm of one node runs the same stack, updates it without a gap, and says what went wrong when it does not. On an engine of
 * its own: when an engine leaves a Swarm, the containers of all other stacks on it lose the names of their networks.
 */

const ASKER = fileURLToPath(new URL('../support/ask-until-told.mjs', import.meta.url));
const BROKEN = `apictl/e2e-broken-${process.pid}:1`;

let project: TestProject;
let engine: SecondEngine;

const docker = async (...argv: readonly string[]): Promise<string> => (await execa('docker', argv)).stdout;
const lines = (text: string): string[] => text.split('\n').filter((line) => line !== '');
const ofStack = (): string => `label=com.docker.stack.namespace=${project.name}`;
const secretNames = async () =>
  lines(await docker('secret', 'ls', '--filter', ofStack(), '--format', '{{.Name}}'));
const configure = (backends: Readonly<Record<string, unknown>>) =>
  project.configure({ profiles: ['core'], backends: { replicas: 2, ...backends } });

async function deployed(): Promise<DeployResult> {
  const { exitCode, stdout, stderr } = await project.apictl('deploy', '--json');
  expect([exitCode, exitCode === 0 ? '' : stderr]).toEqual([0, '']);
  return deployResultSchema.parse(JSON.parse(stdout));
}

const actions = ({ services }: DeployResult): Record<string, string> =>
  Object.fromEntries(services.map(({ name, action }) => [name, action]));

/** Ids of the tasks that run, by service and slot. */
async function running(): Promise<string[]> {
  const format = '{{.ID}} {{.Name}}';
  return lines(
    await docker(
      'stack',
      'ps',
      project.name,
      '--no-trunc',
      '--filter',
      'desired-state=running',
      '--format',
      format,
    ),
  ).sort();
}

interface Asked {
  readonly failures: readonly string[];
  readonly instances: readonly string[];
  readonly asked: number;
}

const urlOf = (port: number | undefined, path: string): string => `http://127.0.0.1:${port}${path}`;

/** Asks until told to stop; what came back that was no answer of the application. */
function ask(): { stop(): Promise<Asked> } {
  const asker = engine.inside(process.execPath, ASKER, urlOf(project.ports.proxy, '/api/v1/whoami'));
  return {
    stop: async () => {
      asker.stdin?.end();
      return JSON.parse(String((await asker).stdout)) as Asked;
    },
  };
}

/** The status of an answer, or 0 where nobody answers. */
const statusOf = async (url: string): Promise<number> => {
  const script = 'fetch(process.argv[1]).then((a) => console.log(a.status), () => console.log(0))';
  return Number((await engine.inside(process.execPath, '-e', script, url)).stdout);
};

describe.runIf(canRunSecondEngine)('a Swarm', () => {
  beforeAll(async () => {
    engine = await secondEngine(`swarm${process.pid}`);
    project = await makeProject('swarm');
    await configure({});
  });

  afterAll(async () => {
    await project?.apictl('deploy', 'rm');
    await project?.destroy();
    await engine?.stop();
  });

  it('is asked for, with the command that makes one, where the engine is none', async () => {
    const { exitCode, stderr } = await project.apictl('deploy');
    expect([exitCode, stderr]).toEqual([5, expect.stringContaining('docker swarm init')]);
    await docker('swarm', 'init', '--advertise-addr', '127.0.0.1');
  });

  it('runs the stack, which answers through the gateway from every replica, and publishes nothing else', async () => {
    const result = await deployed();
    expect(new Set(Object.values(actions(result)))).toEqual(new Set(['created']));
    const asking = ask();
    expect(await statusOf(result.urls.proxy ?? '')).toBe(404);
    expect(await statusOf(urlOf(project.ports.admin, '/status'))).toBe(0);
    const { failures, instances } = await asking.stop();
    expect([failures, instances]).toEqual([[], ['backend-1', 'backend-2']]);
    expect(await secretNames()).toHaveLength(5);
  });

  it('is left alone by a second deploy', async () => {
    const before = await running();
    const result = await deployed();
    expect(new Set(Object.values(actions(result)))).toEqual(new Set(['unchanged']));
    expect(await running()).toEqual(before);
  });

  it('keeps the old replicas where a release is broken, and says which task failed and what it wrote', async () => {
    const [image = ''] = lines(
      await docker(
        'service',
        'inspect',
        `${project.name}_backend`,
        '--format',
        '{{.Spec.TaskTemplate.ContainerSpec.Image}}',
      ),
    );
    const dockerfile = `FROM ${image}\nCMD ["python3", "-c", "import sys; sys.exit('this release is broken')"]\n`;
    await execa('docker', ['build', '--quiet', '--tag', BROKEN, '-'], { input: dockerfile });
    await configure({ image: BROKEN });
    const before = await running();
    const asking = ask();
    const { exitCode, stderr } = await project.apictl('deploy', '--json');
    const { failures } = await asking.stop();
    const { error } = JSON.parse(lines(stderr).at(-1) ?? '') as {
      error: { code: string; message: string; details: string[] };
    };
    expect([exitCode, error.code, failures]).toEqual([4, 'DEPLOY_FAILED', []]);
    expect(error.message).toMatch(
      /^backend: the update was rolled back \(task \w+: task: non-zero exit \(1\)/,
    );
    expect(error.details).toEqual(
      expect.arrayContaining(['  this release is broken', 'backend runs as it did before']),
    );
    await configure({});
    expect(new Set(Object.values(actions(await deployed())))).toEqual(new Set(['unchanged']));
    // The slot whose task was tried to be replaced has its old one still.
    expect(await running()).toEqual(before);
  });

  it('gives a changed secret another name, replaces who uses it without a failed request, and removes the old one', async () => {
    const before = await secretNames();
    await writeFile(
      join(project.root, 'secrets', 'values', 'django-secret-key'),
      'another value, long enough to be one of these keys',
    );
    const asking = ask();
    const result = await deployed();
    const { failures, asked } = await asking.stop();
    expect([failures, asked > 100]).toEqual([[], true]);
    expect(actions(result)).toMatchObject({ backend: 'updated', kong: 'unchanged', postgres: 'unchanged' });
    const old = before.filter((name) => name.startsWith(`${project.name}_django-secret-key_`));
    expect([old.length, result.removedObjects]).toEqual([1, old]);
    const after = await secretNames();
    expect(after).toHaveLength(before.length);
    expect(after).not.toContain(old[0]);
  });

  it('keeps nothing of a stack that is removed but its data', async () => {
    const { exitCode, stdout, stderr } = await project.apictl('deploy', 'rm');
    expect([exitCode, exitCode === 0 ? '' : stderr]).toEqual([0, '']);
    expect(stdout).toContain('removed 6 services; the data of 4 volumes stays');
    for (const what of [
      ['ps', '--all'],
      ['secret', 'ls'],
      ['config', 'ls'],
      ['network', 'ls'],
    ]) {
      expect(await docker(...what, '--quiet', '--filter', ofStack()), what.join(' ')).toBe('');
    }
  });
});
