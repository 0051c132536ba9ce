import { describe, expect, it } from 'vitest';
import { type RestartOptions, restart } from '../../../../src/app/rollout/restart.ts';
import type { World } from '../../../../src/app/world.ts';
import type { ContainerSummary } from '../../../../src/core/ports/engine.ts';
import { details, summary } from '../../../fakes/containers.ts';
import { failure } from '../../../fakes/seed-run.ts';
import { type ServedStack, servedStack } from '../../../fakes/served-stack.ts';

const dependsOn = (names: string) => ({ 'com.docker.compose.depends_on': names });

/** A stack whose containers can be stopped and started; `log` has every call in its order. */
function startable(replicas = 2): ServedStack {
  const stack = servedStack({ replicas });
  const { containers, log, world } = stack;
  const port = { hostAddress: '127.0.0.1', hostPort: 8000, containerPort: 8000, protocol: 'tcp' };
  containers.push(
    summary({ service: 'postgres' }),
    summary({ service: 'kong', ports: [port], labels: dependsOn('postgres:service_healthy:false') }),
    summary({ service: 'kong-migrations', state: 'exited' }),
  );
  const set = (id: string, state: ContainerSummary['state']): void => {
    const index = containers.findIndex((one) => one.id === id);
    const found = containers[index];
    if (found !== undefined) containers[index] = { ...found, state };
  };
  const engine = {
    ...world.engine,
    facts: async () => ({ cpus: 2 }),
    networks: async () => [],
    events: async function* () {},
    inspect: async (id: string) => {
      const found = containers.find((one) => one.id === id);
      return details({
        id,
        service: found?.service ?? '',
        state: found?.state ?? 'dead',
        health: 'healthy',
        startedMs: 1,
        restartPolicy: found?.service === 'kong-migrations' ? 'no' : 'unless-stopped',
      });
    },
    stop: async (id: string) => {
      log.push(`stop ${id}`);
      set(id, 'exited');
    },
    start: async (id: string) => {
      log.push(`start ${id}`);
      set(id, 'running');
    },
  };
  const lock = { take: async () => ({ fd: 3, release: () => log.push('release the lock') }) };
  return Object.assign(stack, { world: { ...world, engine, lock } as unknown as World });
}

const OPTIONS: RestartOptions = {
  services: [],
  rolling: false,
  timeoutSeconds: 60,
  dryRun: false,
  waitLockSeconds: 0,
};

const run = ({ world, project }: ServedStack, services: readonly string[], rolling = false) =>
  restart(world, project, { ...OPTIONS, services, rolling });

describe('a restart', () => {
  it('goes in the order of dependency, each when what it depends on is ready, whatever the order of the words', async () => {
    const stack = startable();
    const result = await run(stack, ['kong', 'postgres']);
    expect(stack.log).toEqual([
      'stop id-postgres',
      'start id-postgres',
      'stop id-kong',
      'start id-kong',
      'release the lock',
    ]);
    expect(result).toMatchObject({ rolling: false, services: [{ name: 'kong' }, { name: 'postgres' }] });
  });

  it('of "backend" is one of all replicas', async () => {
    const stack = startable();
    await run(stack, ['backend']);
    expect(stack.log.filter((line) => line.startsWith('start'))).toEqual([
      'start id-backend-1',
      'start id-backend-2',
    ]);
  });

  it('starts what does not run', async () => {
    const stack = startable();
    stack.containers.splice(0, 1, summary({ service: 'backend-1', state: 'exited' }));
    await run(stack, ['backend-1']);
    expect(stack.log).toEqual(['start id-backend-1', 'release the lock']);
  });

  it('of what is not there names what is', async () => {
    expect(await failure(run(startable(), ['kng']))).toMatchObject({
      code: 'SERVICE_UNKNOWN',
      exitCode: 64,
      hint: expect.stringContaining('Did you mean kong?'),
    });
  });

  it('of a stack that is not up says so', async () => {
    const stack = startable();
    stack.containers.splice(0);
    expect(await failure(run(stack, ['kong']))).toMatchObject({ code: 'STACK_NOT_UP', exitCode: 4 });
  });

  it('of a job is refused', async () => {
    const stack = startable();
    expect(await failure(run(stack, ['postgres', 'kong-migrations']))).toMatchObject({
      code: 'RESTART_IMPOSSIBLE',
      exitCode: 64,
    });
    expect(stack.log).toEqual(['release the lock']);
  });
});

describe('a rolling restart', () => {
  it('takes each replica out of rotation before it stops, and goes on when the gateway has it back', async () => {
    const stack = startable();
    await run(stack, ['backend'], true);
    expect(stack.log).toEqual([
      ...[1, 2].flatMap((number) => [
        `PATCH backend-${number}%3A8000 0`,
        `exec id-backend-${number}`,
        `stop id-backend-${number}`,
        `start id-backend-${number}`,
        `PATCH backend-${number}%3A8000 100`,
      ]),
      'release the lock',
    ]);
  });

  it.each([
    ['kong', 'it holds port 8000 of the host, which only one container can'],
    ['postgres', 'it runs as a single instance, which nothing stands in for'],
  ])('of %s is refused with the reason', async (service, why) => {
    const stack = startable();
    expect(await failure(run(stack, [service], true))).toMatchObject({
      code: 'ROLLING_IMPOSSIBLE',
      exitCode: 64,
      message: `${service} cannot be restarted without an interruption: ${why}; nothing was stopped`,
    });
    expect(stack.log).toEqual(['release the lock']);
  });

  it('of a single replica is refused, and says what to do first', async () => {
    expect(await failure(run(startable(1), ['backend'], true))).toMatchObject({
      code: 'ROLLING_IMPOSSIBLE',
      hint: expect.stringContaining('apictl scale backend=2'),
    });
  });

  it('whose gateway goes away in the middle is partly applied, says how far it came, and the next one finishes', async () => {
    const stack = startable(3);
    stack.kong.onRequest = (write, request) =>
      write > 0 && request.includes('backend-2') ? 'reset' : undefined;
    expect(await failure(run(stack, ['backend'], true))).toMatchObject({
      code: 'ROLLOUT_INCOMPLETE',
      exitCode: 3,
      details: ['done: backend-1', 'as before: backend-3'],
      hint: 'No request is lost. Run "apictl restart backend --rolling" again: it goes on from there.',
    });
    expect(stack.weights()).toEqual({ 'backend-1:8000': 100, 'backend-2:8000': 100, 'backend-3:8000': 100 });
    stack.kong.onRequest = () => undefined;
    await run(stack, ['backend'], true);
    expect(stack.log.filter((line) => line === 'start id-backend-3')).toHaveLength(1);
  });

  it('that was killed before any of its steps is finished by the next one', async () => {
    class Killed extends Error {}
    for (let kill = 1; kill <= 8; kill += 1) {
      const stack = startable();
      const { engine } = stack.world;
      let steps = 0;
      const step = () => {
        steps += 1;
        if (steps >= kill) throw new Killed();
      };
      stack.kong.onRequest = (write) => {
        if (write > 0) step();
        return undefined;
      };
      const world = {
        ...stack.world,
        engine: {
          ...engine,
          stop: async (id: string) => {
            step();
            await engine.stop(id);
          },
          start: async (id: string) => {
            step();
            await engine.start(id);
          },
        },
      };
      await expect(
        restart(world, stack.project, { ...OPTIONS, services: ['backend'], rolling: true }),
      ).rejects.toThrow();

      stack.kong.onRequest = () => undefined;
      stack.log.length = 0;
      await run(stack, ['backend'], true);
      expect([kill, stack.weights()]).toEqual([kill, { 'backend-1:8000': 100, 'backend-2:8000': 100 }]);
      const states = stack.containers.filter(({ service }) => service.startsWith('backend-'));
      expect([kill, states.map(({ state }) => state)]).toEqual([kill, ['running', 'running']]);
    }
  });

  it('whose gateway is away from the beginning stops nothing', async () => {
    const stack = startable();
    stack.kong.onRequest = () => 503;
    expect(await failure(run(stack, ['backend'], true))).toMatchObject({ code: 'KONG_FAILING', exitCode: 6 });
    expect(stack.log.filter((line) => line.startsWith('stop'))).toEqual([]);
  });

  it('that is interrupted while it drains leaves everything in rotation', async () => {
    const stack = startable();
    stack.inFlight = () => {
      stack.interrupt();
      return 1;
    };
    expect(await failure(run(stack, ['backend'], true))).toMatchObject({
      code: 'INTERRUPTED',
      exitCode: 130,
      hint: expect.stringContaining('apictl restart backend --rolling'),
    });
    expect(stack.weights()).toEqual({ 'backend-1:8000': 100, 'backend-2:8000': 100 });
    expect(stack.log.filter((line) => line.startsWith('stop'))).toEqual([]);
  });
});
