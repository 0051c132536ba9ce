import type { Event, PlannedService } from '../../core/events.ts';

/** What a service of the run is at. `waiting` has not been touched yet. */
export type Phase =
  | 'waiting'
  | 'creating'
  | 'created'
  | 'starting'
  | 'ready'
  | 'failed'
  | 'skipped'
  | 'stopping'
  | 'stopped';

export interface ServiceProgress {
  readonly service: string;
  readonly phase: Phase;
  readonly isJob: boolean;
  /** Services of the run that have to come first. */
  readonly waitsFor: readonly string[];
  /** When the phase began. */
  readonly sinceMs: number;
  /** How long it took from its start to where it is now; absent while it is under way. */
  readonly tookMs?: number;
  /** How often the engine had to start it again before it was ready; absent before. */
  readonly restarts?: number;
}

export interface StepProgress {
  readonly step: string;
  readonly text?: string;
  readonly sinceMs: number;
}

/** All that the live view shows, made from events alone. */
export interface Progress {
  readonly startedMs: number;
  /** Services with something to do, in the order of the plan. */
  readonly services: readonly ServiceProgress[];
  /** Services that are left alone. */
  readonly unchanged: number;
  readonly isStopping: boolean;
  /** Steps under way, the oldest first. */
  readonly steps: readonly StepProgress[];
}

export const noProgress = (startedMs: number): Progress => ({
  startedMs,
  services: [],
  unchanged: 0,
  isStopping: false,
  steps: [],
});

const SETTLED: ReadonlySet<Phase> = new Set(['ready', 'failed', 'skipped', 'stopped']);

export const isSettled = ({ phase }: ServiceProgress): boolean => SETTLED.has(phase);

/** The services that keep this one waiting. */
export function keptWaitingBy(progress: Progress, { waitsFor }: ServiceProgress): string[] {
  const open = new Set(progress.services.filter((other) => !isSettled(other)).map(({ service }) => service));
  return waitsFor.filter((name) => open.has(name));
}

/** The progress after an event. Pure. */
export function follow(progress: Progress, event: Event, nowMs: number): Progress {
  switch (event.type) {
    case 'stack.planned':
      return planned(progress, event.services, nowMs);
    case 'service.creating':
      return moved(progress, event.service, 'creating', nowMs);
    case 'service.created':
      return moved(progress, event.service, 'created', nowMs);
    case 'service.started':
      return moved(progress, event.service, 'starting', nowMs);
    case 'service.stopping':
      return moved(progress, event.service, 'stopping', nowMs);
    case 'service.ready':
      return becameReady(progress, event.service, event.restarts ?? 0, nowMs);
    case 'service.failed':
      return moved(progress, event.service, 'failed', nowMs);
    case 'service.skipped':
      return moved(progress, event.service, 'skipped', nowMs);
    case 'service.stopped':
      return moved(progress, event.service, 'stopped', nowMs);
    case 'step.started':
      return { ...progress, steps: [...progress.steps, { step: event.step, sinceMs: nowMs }] };
    case 'step.progress':
      return {
        ...progress,
        steps: progress.steps.map((one) => (one.step === event.step ? { ...one, text: event.text } : one)),
      };
    case 'step.done':
      return { ...progress, steps: progress.steps.filter(({ step }) => step !== event.step) };
    case 'note':
    case 'warning':
    case 'url.ready':
      return progress;
  }
}

function planned(progress: Progress, services: readonly PlannedService[], nowMs: number): Progress {
  const busy = services.filter(({ action }) => action !== 'keep');
  return {
    ...progress,
    unchanged: services.length - busy.length,
    isStopping: busy.length > 0 && busy.every(({ action }) => action === 'stop'),
    services: busy.map(({ service, isJob, waitsFor, action }) => ({
      service,
      isJob,
      waitsFor,
      // It runs already; all that is left is to wait for its health.
      phase: action === 'wait' ? 'starting' : 'waiting',
      sinceMs: nowMs,
    })),
  };
}

/** Also a second time, where it fell and is ready again: then all of it counts. */
function becameReady(progress: Progress, service: string, restarts: number, nowMs: number): Progress {
  const before = progress.services.find((one) => one.service === service);
  const sinceStartMs =
    before?.phase === 'ready' && before.tookMs !== undefined
      ? { tookMs: before.tookMs + nowMs - before.sinceMs }
      : {};
  const after = moved(progress, service, 'ready', nowMs);
  const services = after.services.map((one) =>
    one.service === service ? { ...one, ...sinceStartMs, restarts } : one,
  );
  return { ...after, services };
}

function moved(progress: Progress, service: string, phase: Phase, nowMs: number): Progress {
  return {
    ...progress,
    services: progress.services.map((one) => {
      if (one.service !== service) return one;
      const { tookMs: _before, ...rest } = one;
      const isUnderWay = one.phase === 'starting' || one.phase === 'stopping';
      return {
        ...rest,
        phase,
        sinceMs: nowMs,
        ...(SETTLED.has(phase) && isUnderWay ? { tookMs: nowMs - one.sinceMs } : {}),
      };
    }),
  };
}
