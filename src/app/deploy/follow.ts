import type { LiveService, LiveTask } from '../../core/ports/swarm.ts';
import { type AwaitedService, judgeService, type Verdict } from '../../stack/swarm/judge.ts';
import type { World } from '../world.ts';

const LOOK_EVERY_MS = 500;
/** How long a task may find no node before that is no matter of moments. */
const LONGEST_WITHOUT_NODE_MS = 20_000;

export interface Following {
  readonly stack: string;
  readonly services: readonly AwaitedService[];
  /** Services whose progress is told: not those that are left alone. */
  readonly told: ReadonlySet<string>;
  /** Tasks that had ended before. */
  readonly known: ReadonlySet<string>;
  readonly startedMs: number;
  readonly deadlineMs: number;
}

/** How a deploy ended. */
export interface Followed {
  /** Service -> milliseconds from the start of the run. */
  readonly ready: ReadonlyMap<string, number>;
  readonly failed: readonly FailedService[];
  /** Not ready when the following ended. */
  readonly open: readonly string[];
  readonly isLate: boolean;
}

export interface FailedService {
  readonly service: string;
  readonly why: string;
  readonly task: LiveTask | null;
  readonly isRolledBack: boolean;
}

/** Looks until every service is ready, one has failed, or the time is over. Aborts with the world's signal. */
export async function followDeploy(
  world: Pick<World, 'swarm' | 'clock' | 'emit' | 'signal'>,
  { stack, services, told, known, startedMs, deadlineMs }: Following,
): Promise<Followed> {
  const ready = new Map<string, number>();
  const started = new Set<string>();
  const withoutNode = new Map<string, number>();
  for (;;) {
    const [live, tasks] = await Promise.all([world.swarm.services(stack), world.swarm.tasks(stack)]);
    const now = world.clock.now();
    const failed: FailedService[] = [];
    for (const service of services) {
      const found = live.find(({ name }) => name === service.name);
      const verdict = stuck(found, tasks, { withoutNode, now }) ?? judgeService(service, found, tasks, known);
      if (verdict.state !== 'waiting' && told.has(service.name) && !started.has(service.name)) {
        started.add(service.name);
        world.emit({ type: 'service.started', service: service.name });
      }
      if (verdict.state === 'failed') failed.push({ service: service.name, ...verdict });
      if (verdict.state !== 'ready') ready.delete(service.name);
      else if (!ready.has(service.name)) {
        ready.set(service.name, now - startedMs);
        if (told.has(service.name))
          world.emit({ type: 'service.ready', service: service.name, ms: now - startedMs });
      }
    }
    const open = services.map(({ name }) => name).filter((name) => !ready.has(name));
    const isLate = now >= deadlineMs;
    if (failed.length > 0 || open.length === 0 || isLate) return { ready, failed, open, isLate };
    await world.clock.sleep(LOOK_EVERY_MS, world.signal);
    world.signal.throwIfAborted();
  }
}

/** A task that no node takes, where that has been so for a while: Swarm itself waits for ever. */
function stuck(
  live: LiveService | undefined,
  tasks: readonly LiveTask[],
  { withoutNode, now }: { readonly withoutNode: Map<string, number>; readonly now: number },
): Verdict | null {
  const pending = tasks.find(
    ({ serviceId, state, desired, error }) =>
      serviceId === live?.id && state === 'pending' && desired !== 'shutdown' && error !== '',
  );
  if (pending === undefined) return null;
  const sinceMs = withoutNode.get(pending.id) ?? now;
  withoutNode.set(pending.id, sinceMs);
  if (now - sinceMs < LONGEST_WITHOUT_NODE_MS) return null;
  return { state: 'failed', why: 'finds no node', task: pending, isRolledBack: false };
}
