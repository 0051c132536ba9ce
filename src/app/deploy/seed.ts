import { ApictlError, EXIT } from '../../core/errors.ts';
import { step } from '../../core/events.ts';
import { backendTargets } from '../../stack/render/backends.ts';
import { DIGEST_LABEL } from '../../stack/render/labels.ts';
import type { Project } from '../project/project.ts';
import { DEFAULT_SEED, type SeedResult, seedFrom, seedInput } from '../seed/seed.ts';
import { writtenText } from '../up/seed-task.ts';
import type { World } from '../world.ts';

const ADMIN_PORT = 8001;

/** One connection to the gateway's loopback; it ends when either side does. */
const BRIDGE = [
  'bash',
  '-c',
  'exec 3<>"/dev/tcp/127.0.0.1/$1" && { (cat <&3; kill $$) & cat >&3; kill $!; }',
  'bridge',
  String(ADMIN_PORT),
];

/**
 * Makes the gateway match the declared state. Its Admin API listens on the loopback of its container alone, so each connection goes
 * through a command in there.
 * @throws ApictlError GATEWAY_ELSEWHERE (6) where its container is on another node, and what `seedFrom` does
 */
export async function seedOnSwarm(world: World, project: Project, digest: string): Promise<SeedResult> {
  const { project: stack } = project.config;
  const [services, tasks] = await Promise.all([world.swarm.services(stack), world.swarm.tasks(stack)]);
  const kong = services.find(({ name }) => name === 'kong');
  const task = tasks.find(
    ({ serviceId, state, labels }) =>
      serviceId === kong?.id && state === 'running' && labels[DIGEST_LABEL] === digest,
  );
  const container = task?.containerId ?? null;
  if (container === null) throw gatewayElsewhere();
  const relay = await world.relay.open(
    (sent) => world.engineData.run(container, BRIDGE, { input: sent }).output,
  );
  try {
    const admin = { url: `http://127.0.0.1:${relay.port}` };
    const input = await seedInput(world, project, { ...DEFAULT_SEED, admin });
    const { backend } = input.stack?.upstreams ?? {};
    const upstreams = { backend: { ...backend, targets: backendTargets(project.config, 'swarm') } };
    return await step(
      world.emit,
      'seed Kong',
      world.clock.now,
      () => seedFrom(world, { ...input, stack: { upstreams } }, DEFAULT_SEED),
      writtenText,
    );
  } finally {
    relay.close();
  }
}

const gatewayElsewhere = (): ApictlError =>
  new ApictlError({
    code: 'GATEWAY_ELSEWHERE',
    exitCode: EXIT.kong,
    message: 'no container of the gateway runs on this node, so its Admin API cannot be reached from here',
    object: 'service kong',
    hint: 'The stack runs, and its routes are as they were. Run "apictl deploy" again when the gateway runs.',
  });
