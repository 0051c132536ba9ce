import { readSecret } from '../../secrets/read.ts';
import type { CheckResult } from '../../smoke/model.ts';
import { smoke as runChecks } from '../../smoke/run.ts';
import { backendNames } from '../../stack/render/backends.ts';
import { ownTrust } from '../certs/trust.ts';
import type { Project } from '../project/project.ts';
import { stackNotUp } from '../project/stack-not-up.ts';
import { stackUrls } from '../project/urls.ts';
import type { World } from '../world.ts';
import { declaredSample } from './sample.ts';

/** The alert rules that every stack has; their names stand in monitoring/prometheus/rules. */
const ALERT_RULES = ['HighErrorRate', 'LoggingHighErrorRate'];

/**
 * Proves the running stack from outside.
 * @throws ApictlError STACK_NOT_UP (4) where there is nothing to ask.
 */
export async function smoke(
  world: World,
  project: Project,
  budgetSeconds: number,
): Promise<{ readonly checks: readonly CheckResult[] }> {
  const { config, root } = project;
  const containers = await world.engine.containers(config.project);
  const running = containers.filter(({ state }) => state === 'running').map(({ service }) => service);
  const trust = await ownTrust(world, project);
  if (!running.includes('kong') || trust === null)
    throw stackNotUp('kong does not run, so there is nothing to prove');
  return runChecks({
    http: world.http,
    clock: world.clock,
    signal: world.signal,
    urls: stackUrls(config, running),
    ...trust,
    partnerKey: await readSecret(world.files, root, 'partner-api-key'),
    loggingToken: await readSecret(world.files, root, 'logging-admin-token'),
    backends: backendNames(config),
    isOwnBackend: config.backends.image !== undefined || config.backends.build !== undefined,
    sample: await declaredSample(world, project),
    alertRules: ALERT_RULES,
    newRequestId: () => `smoke-${Buffer.from(world.random.bytes(12)).toString('hex')}`,
    budgetMs: budgetSeconds * 1000,
  });
}
