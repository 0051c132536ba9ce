import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GeneratedService } from '../support/generated-stack.ts';
import { type GeneratedProject, makeGeneratedProject } from './support/generated-project.ts';
import { eventually, type Running } from './support/project.ts';

/** A diamond with a job in it, and a branch of its own. */
const STACK: readonly GeneratedService[] = [
  { name: 'database', seconds: 0.5 },
  { name: 'migrations', seconds: 0.2, dependsOn: ['database'], isJob: true },
  { name: 'left', seconds: 0.2, dependsOn: ['migrations'] },
  { name: 'right', seconds: 0.3, dependsOn: ['migrations'] },
  { name: 'top', seconds: 0.2, dependsOn: ['left', 'right'] },
  { name: 'apart', seconds: 0.2 },
];

const withService = (name: string, given: Partial<GeneratedService>): readonly GeneratedService[] =>
  STACK.map((service) => (service.name === name ? { ...service, ...given } : service));

let project: GeneratedProject;

beforeAll(async () => {
  project = await makeGeneratedProject('bring-up', STACK);
});

afterAll(async () => {
  await project.destroy();
});

const docker = async (...argv: readonly string[]): Promise<string> => (await execa('docker', argv)).stdout;

async function up(...options: readonly string[]) {
  const { exitCode, stdout, stderr } = await project.apictl('up', '--json', ...options);
  const events = stderr
    .split('\n')
    .filter((line) => line.startsWith('{"time"'))
    .map((line) => JSON.parse(line) as { event: string; service?: string; text?: string; restarts?: number });
  const result = exitCode === 0 ? JSON.parse(stdout) : null;
  const error = exitCode === 0 ? null : JSON.parse(stderr.split('\n').at(-1) ?? '').error;
  const actions: Record<string, string> = Object.fromEntries(
    (result?.services ?? []).map((service: { name: string; action: string }) => [
      service.name,
      service.action,
    ]),
  );
  return { exitCode, result, error, events, actions };
}

const idsByService = async (): Promise<Record<string, string>> =>
  Object.fromEntries((await project.containers()).map(({ service, id }) => [service, id]));

/** The services whose containers are others than before. */
async function replacedSince(before: Record<string, string>): Promise<string[]> {
  const now = await idsByService();
  return Object.keys(now).filter((service) => now[service] !== before[service]);
}

/** Ends the wait as soon as the command has told the event. */
const told = (running: Running, event: string, service: string): Promise<void> =>
  new Promise((resolve, reject) => {
    let text = '';
    running.stderr.on('data', (chunk: Buffer) => {
      text += chunk.toString('utf8');
      const isTold = text
        .split('\n')
        .some((line) => line.includes(`"event":"${event}"`) && line.includes(`"service":"${service}"`));
      if (isTold) resolve();
    });
    void running.then(() => reject(new Error(`ended before it told ${event} of ${service}: ${text}`)));
  });

describe('bringing up a stack', () => {
  it('starts each service when what it depends on is ready, and names the chain that it waited for', async () => {
    const { exitCode, result, events } = await up();
    expect(exitCode).toBe(0);
    expect(result.criticalPath).toEqual([
      'database',
      'migrations',
      expect.stringMatching(/left|right/),
      'top',
    ]);
    const order = events.map(({ event, service }) => `${event} ${service ?? ''}`);
    const isBefore = (first: string, second: string) => order.indexOf(first) < order.indexOf(second);
    expect(isBefore('service.ready database', 'service.started migrations')).toBe(true);
    expect(isBefore('service.ready migrations', 'service.started left')).toBe(true);
    expect(isBefore('service.ready left', 'service.started top')).toBe(true);
    expect(isBefore('service.ready right', 'service.started top')).toBe(true);
    expect(isBefore('service.started apart', 'service.ready database')).toBe(true);
  });

  it('calls no Compose and sends no request that writes when there is nothing to do', async () => {
    const before = await idsByService();
    const tools = join(project.root, 'tools');
    await mkdir(tools);
    const record = join(tools, 'calls');
    await writeFile(record, '');
    await writeFile(join(tools, 'docker'), `#!/bin/sh\necho "$*" >> ${record}\nexit 1\n`);
    await chmod(join(tools, 'docker'), 0o755);
    const ours = ['--filter', `label=com.docker.compose.project=${project.name}`];
    const writes = ['create', 'start', 'stop', 'kill', 'die', 'destroy'].flatMap((event) => [
      '--filter',
      `event=${event}`,
    ]);
    const events = execa('docker', ['events', ...ours, ...writes], { reject: false });
    const done = await project.begin(['up', '--json'], { PATH: `${tools}${delimiter}${process.env.PATH}` });
    events.kill();
    expect(done).toMatchObject({ exitCode: 0 });
    expect(await readFile(record, 'utf8')).toBe('');
    expect((await events).stdout).toBe('');
    expect(await replacedSince(before)).toEqual([]);
  });

  it('replaces a changed service and no other, and says so before', async () => {
    const before = await idsByService();
    await project.change(withService('left', { service: { environment: { COLOUR: 'blue' } } }));
    const { stdout } = await project.apictl('up', '--dry-run');
    expect(stdout).toContain('left');
    expect(await replacedSince(before)).toEqual([]);
    const { actions } = await up();
    expect(actions).toMatchObject({ left: 'recreated', top: 'unchanged', database: 'unchanged' });
    expect(await replacedSince(before)).toEqual(['left']);
    await project.change(STACK);
    await up();
  });

  it('does not run a job again that has ended with 0', async () => {
    const startOf = () =>
      docker('inspect', '--format', '{{.State.StartedAt}}', `${project.name}-migrations-1`);
    const before = await startOf();
    expect((await up()).exitCode).toBe(0);
    expect(await startOf()).toBe(before);
  });

  it('starts a container that was created and never started', async () => {
    await docker('rm', '--force', `${project.name}-apart-1`);
    const compose = join(project.root, '.apictl', 'compose.yaml');
    await docker('compose', '-p', project.name, '-f', compose, 'create', '--no-recreate', 'apart');
    expect((await up()).actions).toMatchObject({ apart: 'started' });
  });

  it('clears away what a Compose left that was killed while it replaced a container', async () => {
    await docker('stop', '--time', '0', `${project.name}-apart-1`);
    await docker('rename', `${project.name}-apart-1`, `0123456789ab_${project.name}-apart-1`);
    expect((await up()).exitCode).toBe(0);
    const names = (await project.containers()).map(({ name }) => name);
    expect(names).toContain(`${project.name}-apart-1`);
    expect(names).toHaveLength(STACK.length);
  });

  it('makes a container anew whose network does not know its name', async () => {
    const network = `${project.name}_kong-net`;
    const name = `${project.name}-apart-1`;
    await docker('network', 'disconnect', network, name);
    await docker('network', 'connect', network, name);
    const { warnings } = JSON.parse((await project.apictl('status', '--json')).stdout);
    expect(warnings).toEqual([
      `apart runs, but its network does not know its name, so no service reaches it; "docker stop ${name}", then "apictl up" makes it anew`,
    ]);
    await docker('stop', '--time', '0', name);
    expect((await up()).exitCode).toBe(0);
    const aliases = await docker(
      'inspect',
      '--format',
      `{{json (index .NetworkSettings.Networks "${network}").Aliases}}`,
      name,
    );
    expect(JSON.parse(aliases)).toContain('apart');
  });

  it('makes everything anew whose network was made anew', async () => {
    const before = await idsByService();
    const network = `${project.name}_kong-net`;
    const running = (await project.containers()).filter(({ state }) => state === 'running');
    for (const { id } of running) await docker('network', 'disconnect', '--force', network, id);
    await docker('network', 'rm', network);
    expect((await up()).exitCode).toBe(0);
    expect((await replacedSince(before)).sort()).toEqual(STACK.map(({ name }) => name).sort());
  });

  it('refuses a volume that is declared otherwise than made, before it touches anything', async () => {
    const mounts = { service: { volumes: ['data-embedded:/data'] } };
    await project.change(withService('apart', mounts));
    await up();
    const before = await idsByService();
    const override = join(project.root, 'compose.override.yaml');
    await writeFile(override, 'volumes:\n  data-embedded:\n    labels:\n      team: edge\n');
    const { exitCode, error } = await up();
    expect(exitCode).toBe(64);
    expect(error).toMatchObject({ code: 'VOLUME_CHANGED', object: `volume ${project.name}_data-embedded` });
    expect(error.message).toContain('declares');
    expect(await replacedSince(before)).toEqual([]);
    await writeFile(override, '');
    await project.change(STACK);
    expect((await up()).exitCode).toBe(0);
  });

  it('leaves alone what is no part of the stack any more, says so, and removes it with "down"', async () => {
    await project.change(STACK);
    const without = STACK.filter(({ name }) => name !== 'apart');
    const override = join(project.root, 'compose.override.yaml');
    await writeFile(override, 'services: {}\n');
    const label = `label=com.docker.compose.project=${project.name}`;
    const image = await docker('inspect', '--format', '{{.Config.Image}}', `${project.name}-apart-1`);
    await docker(
      ...['run', '--detach', '--init', '--name', `${project.name}-old-1`, '--stop-timeout', '1'],
      ...['--label', label.replace('label=', ''), '--label', 'com.docker.compose.service=old'],
      ...[image, 'sleep', '600'],
    );
    const { exitCode, events } = await up();
    expect(exitCode).toBe(0);
    expect(events.filter(({ event }) => event === 'warning').map(({ text }) => text)).toEqual([
      expect.stringContaining('old is no part of this stack any more'),
    ]);
    expect((await project.containers()).map(({ service }) => service)).toContain('old');
    expect(without).toHaveLength(STACK.length - 1);
    await project.apictl('down');
    expect(await project.containers()).toEqual([]);
  });
});

describe('a service that flaps', () => {
  it('ends once after it was ready while others come up: it is waited for until it stays healthy, and that is told', async () => {
    await project.apictl('down');
    // Its first life ends as soon as its health check has passed.
    const first =
      'test -e /tmp/once || { touch /tmp/once /tmp/ready; until test -e /tmp/asked; do sleep 0.1; done; exit 3; }';
    const test = ['CMD-SHELL', 'test -f /tmp/ready && touch /tmp/asked'];
    const healthcheck = { test, interval: '10s', timeout: '5s', start_period: '60s' };
    await project.change(withService('apart', { first, service: { healthcheck } }));
    const { exitCode, events } = await up();
    expect(exitCode).toBe(0);
    const ofApart = events.filter(({ service, text }) => service === 'apart' || text?.includes('apart'));
    const ready = ofApart.filter(({ event }) => event === 'service.ready');
    expect(ready.map(({ restarts }) => restarts)).toEqual([0, 1]);
    expect(ofApart.find(({ event }) => event === 'warning')?.text).toContain(
      'was healthy and is not any more',
    );
    await project.change(STACK);
    await project.apictl('down');
  });
});

describe('a service that fails', () => {
  it('keeps what depends on it from starting and nothing else', async () => {
    await project.change(withService('right', { first: 'echo "no such table" >&2; exit 3' }));
    const { exitCode, error } = await up();
    expect(exitCode).toBe(4);
    expect(error.message).toContain('right');
    expect(JSON.stringify(error)).toContain('no such table');
    const states = Object.fromEntries(
      (await project.containers()).map(({ service, state }) => [service, state]),
    );
    expect(states).toMatchObject({ database: 'running', left: 'running', apart: 'running', top: 'created' });
    await project.change(STACK);
    const again = await up();
    expect(again.actions).toMatchObject({ database: 'unchanged', right: 'recreated', top: 'started' });
  });
});

describe('two at once', () => {
  it('is refused with the name of who holds the lock, or waits for it', async () => {
    await project.apictl('down');
    const first = project.begin(['up', '--json']);
    await told(first, 'service.started', 'database');
    const second = await up();
    expect(second.exitCode).toBe(11);
    expect(second.error.message).toContain(`pid ${first.pid}`);
    expect(second.error.message).toContain('"apictl up"');
    const third = await up('--wait-lock', '60');
    expect(third.exitCode).toBe(0);
    expect((await first).exitCode).toBe(0);
  });

  it('leaves no lock behind when its holder is killed', async () => {
    await project.apictl('down');
    const first = project.begin(['up', '--json']);
    await told(first, 'service.started', 'database');
    first.kill('SIGKILL');
    await first;
    expect((await up('--wait-lock', '10')).exitCode).toBe(0);
  });
});

describe('an interruption', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)(
    'by %s ends with %i; what runs stays, and the next run goes on from there',
    async (signal, code) => {
      await project.apictl('down');
      const first = project.begin(['up', '--json']);
      await told(first, 'service.ready', 'database');
      first.kill(signal);
      const { exitCode, stderr } = await first;
      expect(exitCode).toBe(code);
      expect(JSON.parse(stderr.split('\n').at(-1) ?? '').error).toMatchObject({ code: 'INTERRUPTED' });
      const database = (await project.containers()).find(({ service }) => service === 'database');
      expect(database?.state).toBe('running');
      const again = await up();
      expect(again.exitCode).toBe(0);
      expect((await idsByService()).database).toBe(database?.id);
    },
  );
});

describe('the folder .apictl', () => {
  it.each([
    [
      'damaged',
      'printf "services: [" > .apictl/compose.yaml; printf "{" > .apictl/services.json; : > .apictl/lock',
    ],
    ['gone', 'rm -rf .apictl'],
    ['full of zero bytes', 'for f in .apictl/*.*; do head -c 100 /dev/zero > "$f"; done'],
    [
      'with folders in the place of its files',
      'for f in compose.yaml services.json timings; do rm -f ".apictl/$f"; mkdir ".apictl/$f"; done',
    ],
  ])('%s: the state is told all the same, and the next run makes it again', async (_how, harm) => {
    expect((await up()).exitCode).toBe(0);
    const before = await idsByService();
    await execa('sh', ['-c', harm], { cwd: project.root });
    const status = await project.apictl('status', '--json');
    expect(status.stderr).toBe('');
    expect(JSON.parse(status.stdout).state).toBe('healthy');
    expect((await up()).exitCode).toBe(0);
    expect(await replacedSince(before)).toEqual([]);
    await eventually('compose.yaml is there again', () =>
      readFile(join(project.root, '.apictl', 'compose.yaml'), 'utf8'),
    );
  });
});
