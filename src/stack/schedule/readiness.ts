import { type CheckHistory, withRun } from '../../core/check-history.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { CheckRun, ContainerDetails, Engine, EngineEvent } from '../../core/ports/engine.ts';
import type { CheckPace, PacedCheck } from './check-pace.ts';
import { GOOD_LIFE_MS, hasRelapsed, isRestarted, livedWell, wasHealthy } from './lives.ts';
import { type PassedCheck, passedCheck, stillHolds } from './passed-check.ts';
import { Steadiness } from './steadiness.ts';

/**
 * The three endings of waiting for a service. There is no fourth. What is not ready comes with all that its health check
 * said meanwhile: the engine itself keeps only five runs.
 */
export type Readiness =
  /** `restarts`: how often the engine had to start it again before that. `passed`: null where no check of ours said it. */
  | { readonly state: 'ready'; readonly restarts: number; readonly passed: PassedCheck | null }
  /** It ended, or its health check cannot run: waiting longer would change nothing. */
  | { readonly state: 'ended'; readonly exitCode: number; readonly checks: CheckHistory }
  | { readonly state: 'broken-check'; readonly checks: CheckHistory }
  | { readonly state: 'deadline'; readonly checks: CheckHistory };

export interface WaitSubject {
  readonly containerId: string;
  readonly isJob: boolean;
  /** How many services wait for this one: its checks run before those of others. */
  readonly dependants: number;
  /** How long its boot took before; null where that is not known. */
  readonly expectedBootMs: number | null;
  /** The last check that passed, of an earlier run; null where none is known. */
  readonly lastPassed: PassedCheck | null;
  /** Whether it was ready in this run and then ended or became unhealthy. */
  readonly hasFlapped: boolean;
  readonly deadlineMs: number;
}

export interface WaitPorts {
  readonly engine: Pick<Engine, 'inspect' | 'exec'>;
  readonly clock: Clock;
  /** Shared by all services of a run. */
  readonly pace: CheckPace;
  /** Calls back for each event of the container until the answer is called. */
  readonly onEvent: (containerId: string, listener: (event: EngineEvent) => void) => () => void;
}

const LONGEST_CHECK_MS = 10_000;
/** What an event did not tell is found by looking; this is the net below a lost event. */
const INSPECT_EVERY_MS = 2_000;
/** Exit codes of a shell and of the engine for a command that is not there or cannot be run. */
const CANNOT_RUN: ReadonlySet<number> = new Set([126, 127]);
/** Once may be a container that ends just now. */
const BROKEN_AFTER = 2;
/** The engine could not enter the container, which says nothing of the check unless it names the command. */
const NOT_ENTERED = /^OCI runtime exec failed/;
const NAMES_COMMAND =
  /executable file not found|no such file or directory|permission denied|exec format error/i;

/**
 * Waits until a started container is ready: a job by its exit code 0, a service without health check by running, any
 * other by its health check. Where the engine runs that check often while the service boots, its event is awaited; elsewhere
 * the check is run here, because the engine's first interval may be many seconds away. One that flaps is ready when its check,
 * run here, has passed several times in a row.
 * Rejects only when the engine fails, the start does, or the signal aborts.
 * @param start starts the container, where it does not run yet; its events are listened to before, so that not even an end at once is missed
 */
export async function waitUntilReady(
  subject: WaitSubject,
  ports: WaitPorts,
  signal: AbortSignal,
  start?: () => Promise<void>,
): Promise<Readiness> {
  const wait = new Wait(subject, ports);
  const unsubscribe = ports.onEvent(subject.containerId, wait.onEvent);
  // What runs already has booted for a while: nobody knows how long, so it is looked at now.
  const paced = ports.pace.join(subject.dependants, start === undefined ? null : subject.expectedBootMs);
  try {
    await start?.();
    wait.begin();
    return await wait.untilSettled(paced, signal);
  } finally {
    unsubscribe();
    paced.leave();
  }
}

type Verdict =
  | { readonly state: 'ready'; readonly passed: PassedCheck | null }
  | { readonly state: 'ended'; readonly exitCode: number }
  | { readonly state: 'broken-check' };

class Wait {
  readonly #subject: WaitSubject;
  readonly #ports: WaitPorts;
  readonly #steadiness: Steadiness;
  #beganMs: number;
  #verdict: Verdict | undefined;
  #checks: CheckHistory = [];
  #details: ContainerDetails | undefined;
  #inspectedMs = Number.NEGATIVE_INFINITY;
  /** An end that may be followed by a restart of the engine's; the next look decides. */
  #diedMs: number | undefined;
  #lives = 1;
  #restartsSeen = 0;
  #cannotRun = 0;
  #wake = new AbortController();

  constructor(subject: WaitSubject, ports: WaitPorts) {
    this.#subject = subject;
    this.#ports = ports;
    this.#steadiness = new Steadiness(subject.hasFlapped);
    this.#beganMs = ports.clock.now();
  }

  /** The boot is counted from here. */
  begin(): void {
    this.#beganMs = this.#ports.clock.now();
  }

  readonly onEvent = (event: EngineEvent): void => {
    if (event.action === 'health_status' && event.health === 'healthy') this.#engineSaysHealthy();
    if (event.action === 'health_status' && event.health === 'unhealthy') this.#steadiness.unhealthy();
    if (event.action === 'destroy') this.#verdict ??= { state: 'ended', exitCode: -1 };
    if (event.action === 'die') this.#died(event.exitCode ?? -1);
    // A first "unhealthy" is no verdict: many services recover from it before the deadline.
    this.#wake.abort();
  };

  async untilSettled(paced: PacedCheck, signal: AbortSignal): Promise<Readiness> {
    const { clock } = this.#ports;
    for (;;) {
      await this.#look(signal);
      const isTooEarly = this.#bootingMs() < paced.firstPauseMs;
      if (this.#verdict === undefined && this.#mustCheck() && !isTooEarly) await this.#check(paced, signal);
      if (this.#verdict !== undefined) return this.#answer(this.#verdict);
      const leftMs = this.#subject.deadlineMs - clock.now();
      if (leftMs <= 0) return { state: 'deadline', checks: this.#withEngineRuns() };
      const pauseMs = this.#mustCheck()
        ? Math.max(paced.pauseMs(this.#bootingMs()), this.#steadiness.leastPauseMs)
        : INSPECT_EVERY_MS;
      // An event that came while we looked has aborted the old controller: it must not be slept over.
      if (!this.#wake.signal.aborted)
        await clock.sleep(Math.min(pauseMs, leftMs), AbortSignal.any([signal, this.#wake.signal]));
      this.#wake = new AbortController();
    }
  }

  async #look(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { clock, engine } = this.#ports;
    const isFresh = clock.now() - this.#inspectedMs < INSPECT_EVERY_MS;
    if (this.#verdict !== undefined || (isFresh && this.#diedMs === undefined)) return;
    this.#diedMs = undefined;
    const details = await engine.inspect(this.#subject.containerId);
    const before = this.#details?.startedMs ?? details.startedMs;
    if (before !== null && details.startedMs !== null && details.startedMs > before) this.#lives += 1;
    if (this.#restartsSeen < this.#restarts(details)) this.#steadiness.restarted();
    this.#restartsSeen = this.#restarts(details);
    this.#details = details;
    this.#inspectedMs = clock.now();
    this.#verdict ??= this.#verdictOfState(details);
  }

  /** By the engine's count since somebody started it, or by what was seen here where that is more. */
  #restarts(details: ContainerDetails): number {
    return Math.max(details.restarts, this.#lives - 1);
  }

  /** A service that has flapped is believed by checks of our own: the engine tells of changes alone. */
  #engineSaysHealthy(): void {
    if (!this.#steadiness.hasFlapped) this.#verdict ??= READY;
  }

  #verdictOfState(details: ContainerDetails): Verdict | undefined {
    const { isJob } = this.#subject;
    if (details.state === 'exited' || details.state === 'dead') return ended(details.exitCode, isJob);
    if (details.state === 'restarting')
      return livedWell(details) ? undefined : { state: 'ended', exitCode: details.exitCode };
    if (details.state !== 'running') return undefined;
    if (!isJob && details.healthTest.length === 0) return READY;
    if (details.health === 'healthy' && !this.#steadiness.hasFlapped) return READY;
    const passed = this.#subject.lastPassed;
    if (passed !== null && stillHolds(passed, details, this.#ports.clock.now()))
      return { state: 'ready', passed };
    if (wasHealthy(details, passed)) this.#steadiness.wasHealthyBefore();
    if (hasRelapsed(details, passed)) this.#steadiness.relapsed();
    return undefined;
  }

  /** The end is told at once, unless the container had started well and the engine starts it again. */
  #died(exitCode: number): void {
    const nowMs = this.#ports.clock.now();
    const details = this.#details;
    const livedMs = nowMs - (details?.startedMs ?? nowMs);
    if (livedMs >= GOOD_LIFE_MS && details !== undefined && isRestarted(details, exitCode)) {
      this.#diedMs = nowMs;
      this.#steadiness.restarted();
      return;
    }
    this.#verdict ??= ended(exitCode, this.#subject.isJob);
  }

  /** Whether the check has to be run here: the engine runs it too seldom, or its start period is over. */
  #mustCheck(): boolean {
    const details = this.#details;
    if (details === undefined || this.#subject.isJob || details.state !== 'running') return false;
    if (details.healthTest.length === 0) return false;
    if (this.#steadiness.hasFlapped) return true;
    return !details.engineChecksBoot || this.#bootingMs() >= details.healthStartPeriodMs;
  }

  #bootingMs(): number {
    return this.#ports.clock.now() - this.#beganMs;
  }

  async #check(paced: PacedCheck, signal: AbortSignal): Promise<void> {
    const details = this.#details;
    if (details === undefined) return;
    const timeoutMs = Math.min(details.healthTimeoutMs, LONGEST_CHECK_MS);
    const result = await paced.run(async () => {
      // While this one waited for its place, an event may have settled the matter.
      if (this.#verdict !== undefined || signal.aborted) return null;
      return this.#ports.engine
        .exec(this.#subject.containerId, checkArgv(details.healthTest), timeoutMs, signal)
        .catch(() => null);
    });
    // No answer: the container ends or is not up yet. The next look at its state tells which.
    if (result === null) return;
    if (CANNOT_RUN.has(result.exitCode)) {
      // It may be the container that ends; the next look tells.
      this.#inspectedMs = Number.NEGATIVE_INFINITY;
      if (NOT_ENTERED.test(result.output) && !NAMES_COMMAND.test(result.output)) return;
    }
    const run: CheckRun = { ...result, endMs: this.#ports.clock.now() };
    this.#checks = withRun(this.#checks, run);
    if (run.exitCode !== 0) this.#steadiness.unhealthy();
    else if (this.#steadiness.passed(run.endMs))
      this.#verdict ??= { state: 'ready', passed: passedCheck(details, run) };
    // A shell that cannot find or run the command will not find it later either.
    this.#cannotRun = CANNOT_RUN.has(run.exitCode) ? this.#cannotRun + 1 : 0;
    if (this.#cannotRun >= BROKEN_AFTER) this.#verdict ??= { state: 'broken-check' };
  }

  #answer(verdict: Verdict): Readiness {
    return verdict.state === 'ready'
      ? { ...verdict, restarts: this.#restartsSeen }
      : { ...verdict, checks: this.#withEngineRuns() };
  }

  /** What the check said: our own runs, or where there were none the engine's last five. */
  #withEngineRuns(): CheckHistory {
    return this.#checks.length > 0
      ? this.#checks
      : (this.#details?.healthLog ?? []).reduce(withRun, this.#checks);
  }
}

const READY: Verdict = { state: 'ready', passed: null };

const ended = (exitCode: number, isJob: boolean): Verdict =>
  isJob && exitCode === 0 ? READY : { state: 'ended', exitCode };

/** Compose's two forms of a health check as an argument list. */
export const checkArgv = (test: readonly string[]): string[] =>
  test[0] === 'CMD-SHELL' ? ['/bin/sh', '-c', ...test.slice(1)] : test.slice(1);
