import { load } from 'js-yaml';
import { beforeEach, describe, expect, it } from 'vitest';
import { systemRandom } from '../../../../src/adapters/random.ts';
import { peculiarX509 } from '../../../../src/adapters/x509.ts';
import { deployedStack } from '../../../../src/app/deploy/deployed.ts';
import type { DeployResult } from '../../../../src/app/deploy/model.ts';
import type { World } from '../../../../src/app/world.ts';
import { configSchema } from '../../../../src/config/schema.ts';
import type { ContainerSummary, EngineFacts } from '../../../../src/core/ports/engine.ts';
import type { LiveTask, SwarmNode } from '../../../../src/core/ports/swarm.ts';
import { DIGEST_LABEL } from '../../../../src/stack/render/labels.ts';
import type { SwarmTree } from '../../../../src/stack/render/swarm/swarm-tree.ts';
import { type CommandResult, runCommand } from '../../../fakes/command-line.ts';
import { summary } from '../../../fakes/containers.ts';
import { fakeClock } from '../../../fakes/fake-clock.ts';
import { FakeSwarm, liveService, liveTask, node } from '../../../fakes/fake-swarm.ts';
import { memoryFiles } from '../../../fakes/memory-files.ts';
import { withPackage } from '../../../fakes/packaged-files.ts';
import { packageRoot } from '../../stack/render/matrix.ts';

const ROOT = '/srv';
const FACTS = {
  apiVersion: '1.41',
  osType: 'linux',
  isSwarmManager: true,
  memoryBytes: 4 * 1024 ** 3,
  cpus: 2,
} as EngineFacts;

let swarm: FakeSwarm;
let project: ReturnType<typeof memoryFiles>;
let containers: ContainerSummary[];
let ran: string[];
/** What "docker stack" says when it fails. */
let refusal: string;
/** What comes of a stack that is handed over. */
let onDeploy: (tree: SwarmTree) => void;

const tree = (): SwarmTree =>
  load(project.content.get(`${ROOT}/.apictl/swarm.yaml`)?.toString('utf8') ?? '') as SwarmTree;

/** Every service with its tasks, as they are when all went well. */
function running({ services, secrets, configs }: SwarmTree) {
  const isJob = (name: string) => name === 'kong-migrations' || name === 'log-volumes';
  const digestOf = (name: string) => services[name]?.deploy.labels[DIGEST_LABEL] ?? '';
  const named = [...Object.entries(secrets), ...Object.entries(configs)];
  swarm.kept = [
    ...swarm.kept,
    ...named
      .filter(([, { name }]) => swarm.kept.every((object) => object.name !== name))
      .map(([key, { name }]) => ({
        kind: key in secrets ? ('secret' as const) : ('config' as const),
        id: name,
        name,
      })),
  ];
  return {
    services: Object.entries(services).map(([name, { image, deploy }]) =>
      liveService(name, digestOf(name), {
        image,
        replicas: deploy.replicas,
        objects: named.map(([, { name: object }]) => object),
      }),
    ),
    tasks: Object.entries(services).flatMap(([name, { deploy }]) =>
      Array.from({ length: deploy.replicas }, (_, index) =>
        liveTask(name, digestOf(name), {
          slot: index + 1,
          ...(isJob(name) ? { state: 'complete', desired: 'shutdown' } : {}),
        }),
      ),
    ),
  };
}

beforeEach(() => {
  swarm = new FakeSwarm();
  project = memoryFiles({
    [`${ROOT}/apictl.yaml`]: 'project: shop\nimages: embedded\nprofiles: [core]\nbackends: { replicas: 2 }\n',
  });
  containers = [];
  ran = [];
  refusal = '';
  onDeploy = (deployed) => {
    swarm.looks = [{ services: [], tasks: [] }, running(deployed)];
  };
});

function apictl(...words: readonly string[]): Promise<CommandResult> {
  const world: Partial<World> = {
    swarm,
    files: withPackage(project, packageRoot),
    workingFolder: ROOT,
    packageRoot,
    platform: 'linux',
    user: 0,
    clock: fakeClock(Date.parse('2026-11-26T12:00:00Z')),
    random: systemRandom,
    x509: peculiarX509,
    buildContexts: {
      read: async () => [
        { path: 'Dockerfile', mode: 0o644, content: { bytes: Buffer.from('FROM scratch') } },
      ],
    },
    lock: { take: async () => ({ fd: 3, release: () => {} }) },
    engine: {
      facts: async () => FACTS,
      containers: async () => containers,
      volumes: async () => [],
      image: async (reference: string) => ({
        id: reference,
        tags: [reference],
        sizeBytes: 1,
        createdMs: 0,
        labels: {},
      }),
      images: async () => [],
      tail: async (id: string) => [
        { service: '', container: id, stream: 'stderr', timestamp: '', text: `the end of ${id}` },
      ],
    } as unknown as World['engine'],
    commands: {
      run: async (argv: readonly string[]) => {
        ran.push(argv.join(' '));
        if (refusal !== '') return { exitCode: 1, stdout: '', stderr: refusal };
        if (argv[2] === 'rm') swarm.looks = [{ services: [], tasks: [] }];
        else onDeploy(tree());
        return { exitCode: 0, stdout: '', stderr: '' };
      },
      stream: () => {
        throw new Error('nothing is streamed');
      },
    },
  };
  return runCommand(world, ...words);
}

/** Without seeding: what reaches the gateway on an engine is for the e2e test. */
const deploy = (...words: readonly string[]) => apictl('--json', 'deploy', '--no-seed', ...words);
const resultOf = ({ stdout }: CommandResult) => JSON.parse(stdout) as DeployResult;
const notes = ({ events }: CommandResult, type: 'note' | 'warning') =>
  events.flatMap((event) => (event.type === type ? [event.text] : [])).join('\n');

describe('apictl deploy', () => {
  it('hands the stack over once, and tells when each service is ready', async () => {
    const done = await deploy();
    expect(done.error).toBeUndefined();
    expect(ran).toEqual([
      'docker stack deploy --prune --resolve-image never --compose-file /srv/.apictl/swarm.yaml shop',
    ]);
    const { services, urls } = resultOf(done);
    expect(services.map(({ name, action }) => `${name} ${action}`).sort()).toEqual([
      ...['backend created', 'kong created', 'kong-migrations created'],
      ...['log-volumes created', 'logging created', 'postgres created'],
    ]);
    expect(Object.keys(urls)).toEqual(['proxy', 'proxyTls']);
    const ready = done.events.flatMap((event) => (event.type === 'service.ready' ? [event.service] : []));
    expect(ready).toHaveLength(6);
    expect(notes(done, 'warning')).toContain('8000 and 8443 on every address of node first');
    expect(notes(done, 'note')).toContain('io.apictl.data=true');
    expect(swarm.members[0]?.labels).toEqual({ 'io.apictl.data': 'true' });
  });

  it('does nothing a second time', async () => {
    await deploy();
    ran = [];
    const again = await deploy();
    expect([ran, again.error]).toEqual([[], undefined]);
    expect(new Set(resultOf(again).services.map(({ action }) => action))).toEqual(new Set(['unchanged']));
    expect(again.events.filter(({ type }) => type === 'service.ready')).toEqual([]);
    expect((await apictl('deploy', '--no-seed')).stdout).toMatch(/healthy, nothing to do/);
  });

  it('says what it would do, and writes and touches nothing', async () => {
    const before = [...project.content.keys()];
    const { stdout } = await apictl('deploy', '--dry-run');
    expect(stdout).toMatch(/kong +create +it is not there/);
    expect([ran, [...project.content.keys()], swarm.members[0]?.labels]).toEqual([[], before, {}]);
  });

  it('removes the secret of before when a value changes, unless a service still uses it', async () => {
    await deploy();
    const old = tree().secrets['django-secret-key']?.name ?? '';
    project.content.set(
      `${ROOT}/secrets/values/django-secret-key`,
      Buffer.from('another value of this secret'),
    );
    const { services, removedObjects } = resultOf(await deploy());
    expect(removedObjects).toEqual([old]);
    expect(services.filter(({ action }) => action === 'updated')).toMatchObject([
      { name: 'backend', why: 'secret django-secret-key has another content' },
    ]);
    const next = tree().secrets['django-secret-key']?.name ?? '';
    swarm.inUse.add(next);
    project.content.set(
      `${ROOT}/secrets/values/django-secret-key`,
      Buffer.from('a third value of this secret'),
    );
    expect(resultOf(await deploy()).removedObjects).toEqual([]);
  });

  it('ends with the service, its task, its error and the end of its log where an update was rolled back', async () => {
    await deploy();
    const before = running(tree());
    await writeConfig('backends: { replicas: 2, command: ["false"] }');
    let failed: LiveTask | undefined;
    onDeploy = (deployed) => {
      const digest = deployed.services.backend?.deploy.labels[DIGEST_LABEL] ?? '';
      failed = liveTask('backend', digest, {
        state: 'failed',
        desired: 'shutdown',
        error: 'task: non-zero exit (1)',
      });
      const services = before.services.map((one) =>
        one.name === 'backend' ? { ...one, update: 'rollback_completed' } : one,
      );
      swarm.looks = [{ services, tasks: [...before.tasks, failed] }];
    };
    const { exitCode, error } = await deploy();
    expect([exitCode, error?.code]).toEqual([4, 'DEPLOY_FAILED']);
    expect(error?.message).toBe(
      `backend: the update was rolled back (task ${failed?.id}: task: non-zero exit (1))`,
    );
    expect(error?.details).toEqual([
      `task ${failed?.id} of backend on first: failed: task: non-zero exit (1)`,
      'last lines of backend:',
      `  the end of ${failed?.containerId}`,
      'backend runs as it did before',
      expect.stringMatching(/^ready: .*kong/),
      'not ready: backend',
    ]);
    expect(error?.hint).toContain('docker service ps --no-trunc shop_backend');
  });

  it('names the node that lacks an image', async () => {
    swarm.members = [node({ labels: { 'io.apictl.data': 'true' } }), node({ id: 'node-2', name: 'second' })];
    onDeploy = (deployed) => {
      const { services, tasks } = running(deployed);
      const rejected = { state: 'rejected', desired: 'shutdown', nodeId: 'node-2', containerId: null };
      const lacking = tasks.map((task) =>
        task.serviceId === 'id-backend' && task.slot === 2
          ? { ...task, ...rejected, error: 'No such image: apictl/backend:1' }
          : task,
      );
      swarm.looks = [{ services, tasks: lacking }];
    };
    const done = await deploy();
    expect(notes(done, 'warning')).toMatch(/on second it has to be there too/);
    expect([done.exitCode, done.error?.details[0]]).toEqual([
      4,
      expect.stringMatching(/^task \S+ of backend on second: rejected: No such image/),
    ]);
    expect(done.error?.hint).toContain('docker load');
  });

  it('ends with what is not ready when the time is over, or when no node takes a task', async () => {
    onDeploy = (deployed) => {
      const { services, tasks } = running(deployed);
      swarm.looks = [{ services, tasks: tasks.filter(({ serviceId }) => serviceId !== 'id-kong') }];
    };
    const late = await deploy('--timeout', '30');
    expect([late.exitCode, late.error?.code, late.error?.message]).toEqual([
      4,
      'DEPLOY_TIMEOUT',
      'the time is over, and kong is not ready',
    ]);
    const [look] = swarm.looks;
    const pending = liveTask('kong', tree().services.kong?.deploy.labels[DIGEST_LABEL] ?? '', {
      state: 'pending',
      error: 'no suitable node (scheduling constraints not satisfied on 1 node)',
    });
    swarm.looks = [{ services: look?.services ?? [], tasks: [...(look?.tasks ?? []), pending] }];
    const stuck = await deploy();
    expect(stuck.error?.message).toContain('kong: finds no node');
  });

  it.each([
    [{ state: 'inactive', isManager: false }, 'SWARM_INACTIVE', 'docker swarm init'],
    [{ state: 'active', isManager: false }, 'SWARM_WORKER', 'docker node promote'],
    [{ state: 'locked', isManager: false }, 'SWARM_LOCKED', 'docker swarm unlock'],
  ])('is refused by an engine that cannot be told what to run (%j)', async (facts, code, hint) => {
    swarm.self = { ...swarm.self, ...facts };
    const { exitCode, error } = await deploy();
    expect([exitCode, error?.code, error?.hint]).toEqual([5, code, expect.stringContaining(hint)]);
  });

  it('is refused where it is not clear, or not here, where the data is', async () => {
    const second = (labels: SwarmNode['labels']) => node({ id: 'node-2', name: 'second', labels });
    swarm.members = [node(), second({})];
    const unnamed = await deploy();
    expect([unnamed.exitCode, unnamed.error?.code, unnamed.error?.hint]).toEqual([
      5,
      'SWARM_DATA_NODE',
      expect.stringContaining('docker node update --label-add io.apictl.data=true first'),
    ]);
    swarm.members = [node(), second({ 'io.apictl.data': 'true' })];
    expect((await deploy()).error?.message).toContain('the data is on node second');
    expect(ran).toEqual([]);
  });

  it('says what "docker stack deploy" said where that refuses', async () => {
    onDeploy = () => {
      throw new Error('not reached');
    };
    refusal = 'network shop_kong-net: the pool is exhausted\n';
    const { exitCode, error } = await deploy();
    expect([exitCode, error?.code, error?.message]).toEqual([
      5,
      'STACK_REFUSED',
      'docker stack deploy failed: network shop_kong-net: the pool is exhausted',
    ]);
  });

  it('is refused beside containers of "apictl up", which would use the same data', async () => {
    containers = [summary({ service: 'postgres' })];
    const { exitCode, error } = await deploy();
    expect([exitCode, error?.code, error?.hint]).toEqual([
      64,
      'STACK_ON_COMPOSE',
      expect.stringContaining('apictl down'),
    ]);
  });
});

describe('apictl deploy rm', () => {
  it('takes the stack away, and says when there was none', async () => {
    await deploy();
    const { stdout } = await apictl('deploy', 'rm');
    expect(stdout).toBe('removed 6 services\n');
    expect(ran.at(-1)).toBe('docker stack rm shop');
    expect((await apictl('deploy', 'rm')).stdout).toBe('nothing was deployed\n');
  });
});

const writeConfig = async (line: string): Promise<void> => {
  project.content.set(
    `${ROOT}/apictl.yaml`,
    Buffer.from(`project: shop\nimages: embedded\nprofiles: [core]\n${line}\n`),
  );
};

describe('the commands for Compose', () => {
  it('say of a stack on Swarm what runs, and keep their hands off its data', async () => {
    await deploy();
    const down = await apictl('down', '--volumes', '--yes');
    expect([down.exitCode, down.error?.code, down.error?.hint]).toEqual([
      64,
      'STACK_ON_SWARM',
      expect.stringContaining('apictl deploy rm'),
    ]);
    const status = await apictl('status');
    expect(status.error).toBeUndefined();
    expect([status.exitCode, status.stdout]).toEqual([
      0,
      expect.stringMatching(/shop is healthy.*it runs on Docker Swarm: backend 2 of 2, /s),
    ]);
    const up = await apictl('up');
    expect([up.exitCode, up.error?.code]).toEqual([64, 'STACK_ON_SWARM']);
    const deployed = await deployedStack({ swarm }, SHOP);
    expect(deployed).toEqual({
      isComplete: true,
      services: [
        ...['backend 2 of 2', 'kong 1 of 1', 'kong-migrations done', 'log-volumes done'],
        ...['logging 1 of 1', 'postgres 1 of 1'],
      ],
    });
    swarm.looks = swarm.looks.map(({ services, tasks }) => ({ services, tasks: tasks.slice(1) }));
    expect((await deployedStack({ swarm }, SHOP))?.isComplete).toBe(false);
    swarm.self = { ...swarm.self, isManager: false };
    expect(await deployedStack({ swarm }, SHOP)).toBeNull();
  });
});

const SHOP = { config: configSchema.parse({ project: 'shop' }) };
