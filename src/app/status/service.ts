import { type CheckHistory, historyOf } from '../../core/check-history.ts';
import type { ContainerDetails, ContainerSummary } from '../../core/ports/engine.ts';
import { isFoundByName } from '../../stack/plan/plan.ts';
import { checkArgv } from '../../stack/schedule/readiness.ts';
import type { Unwell } from '../failures/explain.ts';
import type { World } from '../world.ts';
import type { ServiceStatus } from './model.ts';
import { byName } from './order.ts';

const CHECK_TIMEOUT_MS = 5_000;

/** One container as `status` tells it, and what the diagnosis has to explain of it. */
export async function serviceStatus(
  world: World,
  container: ContainerSummary,
): Promise<{
  readonly status: ServiceStatus;
  readonly unwell: Unwell | null;
  readonly isJob: boolean;
  /** What to tell where it runs and nobody can find it. */
  readonly nameless: string | null;
}> {
  const details = await world.engine.inspect(container.id);
  const [usage, { health, checks }] = await Promise.all([
    details.state === 'running' ? world.engine.usage(details) : null,
    healthNow(world, details),
  ]);
  // As everywhere in the stack: what nobody starts again runs once and ends.
  const isJob = details.restartPolicy === 'no';
  const endedWell = isJob && details.state === 'exited' && details.exitCode === 0;
  const waits = isJob && (details.state === 'running' || details.state === 'created');
  const well =
    endedWell || waits || (details.state === 'running' && (health === 'healthy' || health === 'none'));
  const status = {
    name: container.service,
    state: details.state,
    health: endedWell ? 'none' : health,
    image: container.image,
    uptimeSeconds:
      details.state === 'running' && details.startedMs !== null
        ? Math.floor((world.clock.now() - details.startedMs) / 1000)
        : 0,
    restarts: details.restarts,
    ports: portTexts(container),
    memoryBytes: Math.round(usage?.memoryBytes ?? 0),
    cpuPercent: usage?.cpuPercent ?? 0,
    problem: null,
  };
  const isHidden = details.state === 'running' && !isFoundByName(container.service, details.aliases);
  return {
    status,
    unwell: well ? null : unwellOf(details, checks),
    isJob,
    nameless: isHidden ? namelessWarning(details) : null,
  };
}

/** Where the engine has not made up its mind yet, the check is run here: nobody should wait for its interval. */
async function healthNow(
  world: World,
  details: ContainerDetails,
): Promise<{ health: ServiceStatus['health']; checks: CheckHistory }> {
  if (details.state !== 'running' || details.healthTest.length === 0) return { health: 'none', checks: [] };
  if (details.health !== 'starting') return { health: details.health, checks: [] };
  const result = await world.engine
    .exec(details.id, checkArgv(details.healthTest), CHECK_TIMEOUT_MS, world.signal)
    .catch(() => ({ exitCode: 1, output: '' }));
  const checks = historyOf([{ ...result, endMs: world.clock.now() }]);
  return { health: result.exitCode === 0 ? 'healthy' : 'starting', checks };
}

/** Compose leaves containers so, silently, when it makes their network anew. */
const namelessWarning = ({ service, name }: ContainerDetails): string =>
  `${service} runs, but its network does not know its name, so no service reaches it; "docker stop ${name}", then "apictl up" makes it anew`;

/** How an unwell service is told to the diagnosis. */
function unwellOf(details: ContainerDetails, checks: CheckHistory): Unwell {
  const ended = details.state === 'exited' || details.state === 'dead' || details.state === 'restarting';
  return {
    service: details.service,
    containerId: details.id,
    ending: ended ? 'ended' : 'unhealthy',
    exitCode: ended ? details.exitCode : null,
    refusal: '',
    checks,
  };
}

const portTexts = (container: ContainerSummary): string[] =>
  [
    ...new Set(
      container.ports.map(
        ({ hostAddress, hostPort, containerPort, protocol }) =>
          `${hostAddress}:${hostPort}->${containerPort}/${protocol}`,
      ),
    ),
  ].sort(byName);
