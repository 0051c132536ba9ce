import { ApictlError } from '../../core/errors.ts';
import { interruption } from '../../core/interruption.ts';
import { diagnose } from '../../diagnosis/diagnose.ts';
import { ServicesNotReady } from '../../diagnosis/error.ts';
import { serviceReport } from '../../diagnosis/report.ts';
import { dependantsOf, type Graph } from '../../stack/graph/graph.ts';
import type { StackPlan } from '../../stack/plan/plan.ts';
import { NotReady } from '../../stack/schedule/not-ready.ts';
import type { Outcome } from '../../stack/schedule/run-graph.ts';
import type { Unwell } from '../failures/explain.ts';
import { explainFailures } from '../failures/failures.ts';
import type { Project } from '../project/project.ts';
import type { World } from '../world.ts';
import { withProgress } from './progress.ts';
import {
  partlyRolled,
  type RollingOutcome,
  removedSurgeReport,
  rollingLines,
  rollingOutcome,
} from './rolling-outcome.ts';

/** The run that is judged. */
export interface JudgedRun {
  readonly graph: Graph;
  readonly plan: Pick<StackPlan, 'operations' | 'surge'>;
  /** What was typed, without the program's name, to be typed again: `up`. */
  readonly command: string;
}

/**
 * Says how a run ended. Returns when all of it is done.
 * @throws ApictlError SERVICE_UNHEALTHY (4) with a report of every failure, INTERRUPTED (130 or 143), ENGINE_LOST (5) with what
 * was done and what was not, ROLLOUT_INCOMPLETE (3) where some replicas are changed and others are not, or a task's own.
 */
export async function judge(
  world: World,
  project: Project,
  { graph, plan, command }: JudgedRun,
  outcomes: readonly Outcome[],
): Promise<void> {
  const rolling = rollingOutcome(plan, outcomes);
  if (outcomes.some(({ state }) => state === 'cancelled'))
    throw interrupted(world.signal, outcomes, rolling, command);
  const failed = outcomes.flatMap((outcome) => (outcome.state === 'failed' ? [outcome.error] : []));
  if (failed.length === 0) return;
  const lost = failed.find((error) => error instanceof ApictlError && error.code === 'ENGINE_LOST');
  if (lost !== undefined) {
    const idsOf = (isDone: boolean) =>
      outcomes.filter(({ state }) => (state === 'done') === isDone).map(({ id }) => id);
    throw withProgress(lost, idsOf(true), idsOf(false));
  }
  const unwell = failed.filter((error) => error instanceof NotReady);
  // Tasks that are no service, as the seeding, have codes and words of their own.
  const others = failed.filter((error) => !(error instanceof NotReady));
  const bug = others.find((error) => !(error instanceof ApictlError));
  if (bug !== undefined) throw bug;
  const skipped = outcomes.filter((outcome) => outcome.state === 'skipped');
  for (const { id, because } of skipped) {
    if (!rolling.tasks.has(id)) world.emit({ type: 'service.skipped', service: id, because });
  }
  const own = others.filter((error) => error instanceof ApictlError);
  for (const { object, code, message } of own)
    world.emit({ type: 'service.failed', service: object ?? code, reason: message });
  if (unwell.length === 0 && own[0] !== undefined) throw partlyRolled(own[0], rolling, command);

  const containers = await world.engine.containers(project.config.project).catch(() => []);
  const failures = await explainFailures(world, project, unwell.map(unwellOf), {
    dependencies: Object.fromEntries(graph.map(({ name, dependsOn }) => [name, dependsOn])),
    containerIds: new Map(containers.map(({ service, id }) => [service, id])),
  });
  for (const { explained } of failures)
    world.emit({ type: 'service.failed', service: explained.service, reason: explained.cause });
  const behind = (service: string): string[] => {
    const dependants = dependantsOf(graph, service);
    return skipped.flatMap(({ id, because }) =>
      !rolling.tasks.has(id) && (because === service || dependants.includes(id)) ? [id] : [],
    );
  };
  const reports = failures.map(({ facts, explained }) => {
    const report = serviceReport(facts, explained, behind(explained.service));
    return report.service === plan.surge?.node.name
      ? removedSurgeReport(report, rolling.untouched, command)
      : report;
  });
  throw new ServicesNotReady(
    reports,
    [
      ...outcomes.flatMap(({ id, state }) =>
        state === 'done' && graph.some(({ name, isJob }) => name === id && !isJob) ? [id] : [],
      ),
      ...rolling.untouched,
    ],
    [...own.map(({ message }) => message), ...rollingLines(rolling)],
  );
}

const unwellOf = ({ service, containerId, readiness }: NotReady): Unwell => ({
  service,
  containerId,
  ending: readiness.state,
  exitCode: readiness.state === 'ended' ? readiness.exitCode : null,
  refusal: readiness.state === 'not-started' ? readiness.refusal : '',
  checks: readiness.state === 'not-started' ? [] : readiness.checks,
});

/** Compose's refusal to create what is missing, in the words of the diagnosis where it knows the failure. */
export function explainRefusal(thrown: unknown, plan: StackPlan): unknown {
  if (!(thrown instanceof ApictlError) || thrown.code !== 'COMPOSE_FAILED') return thrown;
  const said = thrown.details.join('\n');
  const missing = plan.operations.filter(({ action }) => action === 'create');
  const failed = missing.find(({ service }) => new RegExp(`-${service}-\\d+ +Error`).test(said));
  const service = failed?.service ?? 'a service';
  const { rule, cause, hint } = diagnose({
    service,
    ending: 'not-created',
    details: null,
    exitCode: null,
    refusal: thrown.message,
    log: [],
    upstreamLog: [],
    checks: [],
    listening: null,
    room: [],
  });
  if (rule === 'refused') return thrown;
  return new ApictlError({
    code: thrown.code,
    exitCode: thrown.exitCode,
    message: `${service} ${cause}`,
    object: `service ${service}`,
    details: thrown.details,
    hint,
    cause: thrown,
  });
}

function interrupted(
  signal: AbortSignal,
  outcomes: readonly Outcome[],
  rolling: RollingOutcome,
  command: string,
): ApictlError {
  const done = outcomes.filter(({ state }) => state === 'done').map(({ id }) => id);
  return interruption(signal, {
    message: `interrupted; what runs stays up${done.length === 0 ? '' : `: ${done.join(', ')}`}`,
    details: rollingLines(rolling),
    hint: `Run "apictl ${command}" again to finish, or "apictl down" to stop it.`,
  });
}
