/** What is done to a service: `keep` leaves it alone, `wait` waits for what runs already, `run` runs a job again. */
export type ServiceAction = 'create' | 'recreate' | 'restart' | 'start' | 'run' | 'wait' | 'keep' | 'stop';

/** A service of a run that is about to begin. */
export interface PlannedService {
  readonly service: string;
  readonly action: ServiceAction;
  /** Services of the same run whose end it waits for: ready when starting, stopped when stopping. */
  readonly waitsFor: readonly string[];
  /** Runs once and ends: it is ready at exit code 0. */
  readonly isJob: boolean;
}

/** What happens while a command works. Subjects emit, reporters print; nothing else writes to a stream. */
export type Event =
  | { readonly type: 'note'; readonly text: string }
  | { readonly type: 'warning'; readonly text: string }
  | { readonly type: 'step.started'; readonly step: string }
  | { readonly type: 'step.progress'; readonly step: string; readonly text: string }
  | { readonly type: 'step.done'; readonly step: string; readonly ms: number; readonly text?: string }
  /** Told once, before the first of its services is touched. */
  | { readonly type: 'stack.planned'; readonly services: readonly PlannedService[] }
  | { readonly type: 'service.creating'; readonly service: string; readonly why: string }
  | { readonly type: 'service.created'; readonly service: string }
  | { readonly type: 'service.started'; readonly service: string }
  /** `restarts`: how often the engine had to start it again before it was ready. */
  | {
      readonly type: 'service.ready';
      readonly service: string;
      readonly ms: number;
      readonly restarts?: number;
    }
  | { readonly type: 'service.failed'; readonly service: string; readonly reason: string }
  | { readonly type: 'service.skipped'; readonly service: string; readonly because: string }
  | { readonly type: 'service.stopping'; readonly service: string }
  | { readonly type: 'service.stopped'; readonly service: string }
  | { readonly type: 'url.ready'; readonly name: string; readonly url: string };

export type Emit = (event: Event) => void;

/**
 * Runs one step, telling its start and its end; a failure is told by whoever catches it, once.
 * @param outcome what is said of the result at the end, where there is something to say
 */
export async function step<T>(
  emit: Emit,
  name: string,
  now: () => number,
  work: (progress: (text: string) => void) => Promise<T>,
  outcome: (result: T) => string | undefined = () => undefined,
): Promise<T> {
  const started = now();
  emit({ type: 'step.started', step: name });
  const result = await work((text) => emit({ type: 'step.progress', step: name, text }));
  const text = outcome(result);
  emit({ type: 'step.done', step: name, ms: now() - started, ...(text === undefined ? {} : { text }) });
  return result;
}
