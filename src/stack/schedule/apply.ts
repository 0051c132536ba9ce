import type { Emit } from '../../core/events.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Compose, ComposeTarget } from '../../core/ports/compose.ts';
import type { ContainerSummary, Engine } from '../../core/ports/engine.ts';
import { Slots } from '../../core/slots.ts';
import type { Graph } from '../graph/graph.ts';
import type { StackPlan } from '../plan/plan.ts';
import { rollingTasks } from '../rollout/rolling.ts';
import type { Rotation } from '../rollout/rotation.ts';
import { CheckPace } from './check-pace.ts';
import type { EventHub } from './event-hub.ts';
import type { PassedCheck } from './passed-check.ts';
import type { PatientEngine } from './patient-engine.ts';
import type { Task } from './run-graph.ts';
import { NO_SURPRISES, runOperation, waitUntilSteady } from './run-operation.ts';

export interface ApplyPorts {
  readonly engine: Pick<Engine, 'exec' | 'stop' | 'remove'>;
  /** For what must outlive a restart of the engine. */
  readonly patient: PatientEngine;
  readonly compose: Compose;
  readonly clock: Clock;
  readonly hub: EventHub;
  readonly emit: Emit;
  /** Asked for at the first replica that is taken out of it. */
  readonly rotation: () => Promise<Rotation>;
}

/** What an earlier run saw of a service. */
export interface SeenBefore {
  /** Milliseconds that its boot took; null where no run started it. */
  readonly bootMs: number | null;
  /** The last check of ours that passed; null where none did. */
  readonly passed: PassedCheck | null;
}

export interface ApplySettings {
  readonly target: ComposeTarget;
  /** What the surge is made from: the same stack with one replica more. */
  readonly surgeTarget: ComposeTarget;
  readonly graph: Graph;
  readonly deadlineMs: number;
  readonly lockFd: number | undefined;
  /** Called once for each service as it becomes ready, with the milliseconds since `startedMs` and the check of ours that said so. */
  readonly onReady: (service: string, ms: number, passed: PassedCheck | null) => void;
  /** Called each time that a service which was ready ends or becomes unhealthy. */
  readonly onFallen: (service: string) => void;
  readonly startedMs: number;
  /** Processors of the engine's machine. */
  readonly cpus: number;
  /** Service -> what an earlier run saw of it. */
  readonly earlierRuns: ReadonlyMap<string, SeenBefore>;
}

/** Removes what a killed Compose left behind and creates all that is missing, in one call. Starts nothing. */
export async function createMissing(
  plan: StackPlan,
  ports: Pick<ApplyPorts, 'compose' | 'emit'> & { readonly engine: Pick<Engine, 'remove'> },
  settings: Pick<ApplySettings, 'target' | 'lockFd'>,
  signal: AbortSignal,
): Promise<void> {
  for (const leftover of plan.leftovers) await ports.engine.remove(leftover.id);
  const missing = plan.operations.filter(({ action }) => action === 'create');
  if (missing.length === 0) return;
  for (const { service, why } of missing) ports.emit({ type: 'service.creating', service, why });
  await ports.compose.run(
    settings.target,
    ['create', '--no-recreate', ...NO_SURPRISES, ...missing.map(({ service }) => service)],
    { signal, lockFd: settings.lockFd },
  );
  for (const { service } of missing) ports.emit({ type: 'service.created', service });
}

/** One task for each operation, for the scheduler. Decides nothing: the plan did. */
export function stackTasks(plan: StackPlan, ports: ApplyPorts, settings: ApplySettings): Task[] {
  const run = sharedRun(ports, settings);
  // What interrupts goes one at a time, from its stop until it is ready again: the others keep serving meanwhile.
  const replacements = new Slots(1);
  const ordinary = settings.graph.flatMap((node): Task[] => {
    const operation = plan.operations.find(({ service }) => service === node.name);
    if (operation === undefined || operation.drains) return [];
    const work = (signal: AbortSignal): Promise<void> => {
      const own = () => runOperation(operation, node, { ...run, signal });
      return operation.action === 'recreate' ? replacements.use(own, -settings.graph.indexOf(node)) : own();
    };
    return [{ id: node.name, dependsOn: node.dependsOn, run: work }];
  });
  return [...ordinary, ...rollingTasks(plan, run)];
}

/** One task for each of these containers, whose services were ready and fell: all of them wait side by side. */
export const steadyTasks = (
  fallen: readonly ContainerSummary[],
  ports: ApplyPorts,
  settings: ApplySettings,
): Task[] => {
  const run = sharedRun(ports, settings);
  return settings.graph.flatMap((node): Task[] =>
    fallen
      .filter(({ service }) => service === node.name)
      .map(({ id }) => ({
        id: node.name,
        dependsOn: [],
        run: (signal) => waitUntilSteady(node, id, { ...run, signal }),
      })),
  );
};

const sharedRun = (ports: ApplyPorts, settings: ApplySettings) => ({
  ports,
  settings,
  pace: new CheckPace(),
  starts: new Slots(startsAtOnce(settings.cpus)),
});

/**
 * A start keeps about one and a half processors busy for a third of a second. Side by side on a small machine all of them take
 * longer, and what others wait for would be started last as often as first.
 */
const startsAtOnce = (cpus: number): number => Math.max(1, Math.floor(cpus / 2));
