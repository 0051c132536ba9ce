import { type CheckHistory, withRun } from '../core/check-history.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { CheckRun, ContainerDetails, Engine, EngineEvent } from '../core/ports/engine.ts';
import type { Slots } from '../core/slots.ts';

/**
 * The three endings of waiting for a service. There is no fourth. What is not ready comes with all that its health check
 * said meanwhile: the engine itself keeps only five runs.
 */
export type Readiness =
  | { readonly state: 'ready' }
  /** It ended, or its health check cannot run: waiting longer would change nothing. */
  | { readonly state: 'ended'; readonly exitCode: number; readonly checks: CheckHistory }
  | { readonly state: 'broken-check'; readonly checks: CheckHistory }
  | { readonly state: 'deadline'; readonly checks: CheckHistory };

export interface WaitSubject {
  readonly containerId: string;
  readonly isJob: boolean;
  /** How many services wait for this one: its checks run before those of others. */
  readonly priority: number;
  readonly deadlineMs: number;
}

export interface WaitPorts {
  readonly engine: Pick<Engine, 'inspect' | 'exec'>;
  readonly clock: Clock;
  /** Shared by all services: an exec costs 50 ms of CPU, so more than two at once slow down what they watch. */
  readonly slots: Slots;
  /** Calls back for each event of the container until the answer is called. */
  readonly onEvent: (containerId: string, listener: (event: EngineEvent) => void) => () => void;
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 1_000;
const GROWTH = 1.5;
const CHECK_TIMEOUT_MS = 10_000;
/** A container that has ended is seen by its event at once; this is the net below a lost event. */
const INSPECT_EVERY_MS = 2_000;

/**
 * Waits until a started container is ready: a job by its exit code 0, a service without health check by running, any
 * other by its own health check, which is run here because the engine's first interval may be many seconds away.
 * Rejects only when the engine fails or the signal aborts.
 */
export async function waitUntilReady(
  subject: WaitSubject,
  ports: WaitPorts,
  signal: AbortSignal,
): Promise<Readiness> {
  const { clock } = ports;
  let verdict: Verdict | undefined;
  let checks: CheckHistory = [];
  // Wakes the pause below, so that an event is acted upon when it comes and not at the next look.
  let wake = new AbortController();
  const unsubscribe = ports.onEvent(subject.containerId, (event) => {
    verdict ??= verdictOf(event, subject.isJob);
    if (verdict !== undefined) wake.abort();
  });
  try {
    let pauseMs = FIRST_PAUSE_MS;
    let inspectedMs = Number.NEGATIVE_INFINITY;
    let details: ContainerDetails | undefined;
    while (verdict === undefined) {
      signal.throwIfAborted();
      if (details === undefined || clock.now() - inspectedMs >= INSPECT_EVERY_MS) {
        details = await ports.engine.inspect(subject.containerId);
        inspectedMs = clock.now();
        verdict ??= verdictOfState(details, subject.isJob);
        if (verdict !== undefined) break;
      }
      if (!subject.isJob && details.healthTest.length > 0) {
        const check = await runCheck(subject, ports, details.healthTest, signal, () => verdict !== undefined);
        verdict ??= check.verdict;
        if (check.run !== undefined) checks = withRun(checks, check.run);
        if (verdict !== undefined) break;
      }
      if (clock.now() >= subject.deadlineMs) return { state: 'deadline', checks };
      wake = new AbortController();
      await clock.sleep(
        Math.min(pauseMs, subject.deadlineMs - clock.now()),
        AbortSignal.any([signal, wake.signal]),
      );
      pauseMs = Math.min(pauseMs * GROWTH, LONGEST_PAUSE_MS);
    }
    return verdict.state === 'ready' ? verdict : { ...verdict, checks };
  } finally {
    unsubscribe();
  }
}

/** What ends the wait, before the runs of the check are added. */
type Verdict =
  | { readonly state: 'ready' }
  | { readonly state: 'ended'; readonly exitCode: number }
  | { readonly state: 'broken-check' };

function verdictOf(event: EngineEvent, isJob: boolean): Verdict | undefined {
  if (event.action === 'die') return ended(event.exitCode ?? -1, isJob);
  if (event.action === 'destroy') return { state: 'ended', exitCode: -1 };
  if (event.action === 'health_status' && event.health === 'healthy') return { state: 'ready' };
  // A first "unhealthy" is no verdict: many services recover from it before the deadline.
  return undefined;
}

function verdictOfState(details: ContainerDetails, isJob: boolean): Verdict | undefined {
  if (details.state === 'exited' || details.state === 'dead') return ended(details.exitCode, isJob);
  // The engine restarts it already: it has ended once, which is what the caller asks about.
  if (details.state === 'restarting') return { state: 'ended', exitCode: details.exitCode };
  if (details.state !== 'running') return undefined;
  if (!isJob && details.healthTest.length === 0) return { state: 'ready' };
  return details.health === 'healthy' ? { state: 'ready' } : undefined;
}

const ended = (exitCode: number, isJob: boolean): Verdict =>
  isJob && exitCode === 0 ? { state: 'ready' } : { state: 'ended', exitCode };

async function runCheck(
  subject: WaitSubject,
  ports: WaitPorts,
  test: readonly string[],
  signal: AbortSignal,
  isSettled: () => boolean,
): Promise<{ verdict?: Verdict; run?: CheckRun }> {
  const result = await ports.slots.use(async () => {
    // While this one waited for its place, an event may have settled the matter.
    if (isSettled() || signal.aborted) return null;
    return ports.engine
      .exec(subject.containerId, checkArgv(test), CHECK_TIMEOUT_MS, signal)
      .catch(() => null);
  }, subject.priority);
  // No answer: the container ends or is not up yet. The next look at its state tells which.
  if (result === null) return {};
  const run = { ...result, endMs: ports.clock.now() };
  if (result.exitCode === 0) return { verdict: { state: 'ready' }, run };
  // A shell that cannot find or run the command will not find it later either.
  if (result.exitCode === 126 || result.exitCode === 127) return { verdict: { state: 'broken-check' }, run };
  return { run };
}

/** Compose's two forms of a health check as an argument list. */
export const checkArgv = (test: readonly string[]): string[] =>
  test[0] === 'CMD-SHELL' ? ['/bin/sh', '-c', ...test.slice(1)] : test.slice(1);
