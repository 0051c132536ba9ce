import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { World } from '../../../src/app/world.ts';
import type { Engine } from '../../../src/core/ports/engine.ts';
import type { HeldLock, LockRequest } from '../../../src/core/ports/lock.ts';
import { realWorld } from '../../../src/real-world.ts';
import { makeCertificate } from '../../fakes/certificate-maker.ts';
import { runCommand } from '../../fakes/command-line.ts';
import { summary } from '../../fakes/containers.ts';
import { engineFacts } from '../../fakes/engine-facts.ts';
import { listedProgram } from '../../fakes/listed-program.ts';
import { declaring } from '../../fakes/seed-run.ts';

/**
 * Every command that changes the stack of a project or the files that it is made from holds the project's one lock meanwhile,
 * so that each excludes each.
 */
const CHANGES: Readonly<Record<string, readonly string[]>> = {
  up: ['up'],
  down: ['down'],
  scale: ['scale', 'backend=2'],
  restart: ['restart', 'kong'],
  seed: ['seed'],
  'seed apply': ['seed', 'apply'],
  deploy: ['deploy'],
  'deploy rm': ['deploy', 'rm'],
  render: ['render', '--images', 'embedded', '--profile', 'core'],
  'secrets set': ['secrets', 'set', 'alert-pager'],
  'secrets init': ['secrets', 'init'],
  'secrets rotate': ['secrets', 'rotate', '--all'],
  'certs issue': ['certs', 'issue'],
  'certs renew': ['certs', 'renew'],
  'certs import': ['certs', 'import', 'proxy', '--cert', 'own.crt', '--key', 'own.key'],
  'backup create': ['backup', 'create'],
  restore: ['restore', 'a.apictl'],
};

/** The others, by what they do instead. */
const WITHOUT_LOCK: Readonly<Record<string, readonly string[]>> = {
  'read and tell': [
    ...['status', 'logs', 'doctor', 'graph', 'open', 'smoke', 'completion'],
    ...['seed diff', 'seed validate', 'seed dump', 'secrets ls', 'secrets show', 'secrets verify'],
    ...['certs ls', 'certs check', 'certs trust', 'images ls', 'images save', 'backup ls', 'alerts ls'],
  ],
  'make new files, and none where one is': ['init'],
  'make and fetch images, which are named by their content': ['images build', 'images pull', 'images load'],
  'remove images that no container uses': ['images prune'],
  'write a file of the user’s in one piece': ['images lock'],
  'work in a project of their own, with a lock of its own': ['backup verify'],
  'ask Alertmanager': ['alerts test', 'alerts silence'],
};

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'apictl-locks-'));
  const receivers = '[{ name: oncall, pagerduty: { routingKeySecret: alert-pager } }]';
  await writeFile(join(root, 'apictl.yaml'), `project: shop\nalerting: { receivers: ${receivers} }\n`);
  const targets = ['backend-1:8000', 'backend-2:8000'].map((target) => `{ target: '${target}' }`);
  await mkdir(join(root, 'kong'));
  await writeFile(
    join(root, 'kong/kong.yaml'),
    declaring(`upstreams: [{ name: backend, targets: [${targets.join()}] }]`),
  );
  const { cert, key } = await makeCertificate({ subject: 'own', hosts: ['localhost', '127.0.0.1'] });
  await writeFile(join(root, 'own.crt'), cert);
  await writeFile(join(root, 'own.key'), key);
  await writeFile(join(root, 'a.apictl'), 'not looked at before the lock is held');
});
afterEach(() => rm(root, { recursive: true }));

/** The machine as it is; an engine that can be asked for what runs. Whatever would change anything fails. */
function worldOf(lock: World['lock']): Partial<World> {
  const engine: Partial<Engine> = {
    facts: async () => engineFacts({ isSwarmManager: true }),
    containers: async () => [summary({ service: 'kong' }), summary({ service: 'backend-1' })],
    volumes: async () => [],
    networks: async () => [],
    image: async () => null,
  };
  const swarm: Partial<World['swarm']> = {
    facts: async () => ({ state: 'active', isManager: true, nodeId: 'n' }) as never,
    nodes: async () => [{ id: 'n' }] as never,
  };
  const { emit: _emit, ...real } = realWorld({
    packageRoot: process.cwd(),
    workingFolder: root,
    emit: () => {},
    signal: new AbortController().signal,
  });
  return {
    ...real,
    environment: {},
    engine: onlyThese('engine', engine),
    swarm: onlyThese('swarm', swarm),
    compose: onlyThese<World['compose']>('compose', { version: async () => '2.26.1' }),
    commands: onlyThese('commands', {}),
    http: onlyThese('http', {}),
    lock,
  };
}

const onlyThese = <T extends object>(name: string, given: Partial<T>): T =>
  new Proxy(given as T, {
    get: (target, call: string) => {
      if (call in target) return target[call as keyof T];
      throw new Touched(`${name}.${call}`);
    },
  });

class Touched extends Error {}

const leaves = (command: Command, path: readonly string[] = []): string[] =>
  command.commands.flatMap((child) => {
    const name = [...path, child.name()];
    // A group that does something by itself is a command besides.
    const own = '_actionHandler' in child && child._actionHandler !== null ? [name.join(' ')] : [];
    return [...own, ...leaves(child, name)];
  });

it('is decided for every command of the program', () => {
  const program = listedProgram();
  const decided = [...Object.keys(CHANGES), ...Object.values(WITHOUT_LOCK).flat()];
  expect(decided.sort()).toEqual(leaves(program).sort());
});

const everyFile = async (): Promise<Record<string, string>> => {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(
    await Promise.all(paths.map(async (path) => [path, await readFile(path, 'latin1')])),
  );
};

describe.each(Object.entries(CHANGES))('%s', (_name, words) => {
  it('is refused while another command holds the lock, who is named, and changes nothing', async () => {
    const { lock } = realWorld({
      packageRoot: '',
      workingFolder: '',
      emit: () => {},
      signal: new AbortController().signal,
    });
    const holder = await lock.take({ path: join(root, '.apictl/lock'), command: 'anything', waitMs: 0 });
    try {
      const before = await everyFile();
      // What waits by itself is not waited for here.
      const impatient = { take: (request: LockRequest) => lock.take({ ...request, waitMs: 0 }) };
      const { exitCode, error } = await runCommand(worldOf(impatient), ...words);
      expect({ exitCode, message: error?.message }).toEqual({
        exitCode: 11,
        message: expect.stringContaining('another apictl works on this project: "apictl anything"'),
      });
      expect(await everyFile()).toEqual(before);
    } finally {
      holder.release();
    }
  });

  it('gives the lock back, also when it fails', async () => {
    const asked: string[] = [];
    let held = 0;
    const lock = {
      take: async ({ path }: LockRequest): Promise<HeldLock> => {
        asked.push(path);
        held += 1;
        return {
          fd: 3,
          release: () => {
            held -= 1;
          },
        };
      },
    };
    await runCommand(worldOf(lock), ...words).catch(() => {});
    expect(asked).toEqual([join(root, '.apictl/lock')]);
    expect(held).toBe(0);
  });
});
