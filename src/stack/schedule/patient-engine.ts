import { ApictlError, EXIT } from '../../core/errors.ts';
import type { Emit } from '../../core/events.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Engine } from '../../core/ports/engine.ts';

/** An engine that restarts with a dozen containers is back after 5 to 30 s. */
const LONGEST_OUTAGE_MS = 60_000;
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 2_000;

export type PatientCalls = Pick<Engine, 'containers' | 'networks' | 'inspect' | 'start'>;

export interface PatientEngine extends PatientCalls {
  /** How many times the engine went away and came back. */
  outages(): number;
}

/**
 * The engine as a run needs it that must outlive the engine's restart: a call that finds nobody is made again until
 * somebody answers. All of them may be made twice.
 * @throws ApictlError ENGINE_LOST (5) when the engine stays away for a minute; whatever else the call throws.
 */
export function patientEngine(
  engine: PatientCalls,
  ports: { readonly clock: Clock; readonly emit: Emit },
  signal: AbortSignal,
): PatientEngine {
  let outages = 0;
  let awaySinceMs: number | undefined;
  const call = async <T>(work: () => Promise<T>): Promise<T> => {
    let pauseMs = FIRST_PAUSE_MS;
    for (;;) {
      try {
        const answer = await work();
        if (awaySinceMs !== undefined) {
          awaySinceMs = undefined;
          outages += 1;
          ports.emit({ type: 'note', text: 'the Docker Engine is back' });
        }
        return answer;
      } catch (thrown) {
        signal.throwIfAborted();
        if (!isUnreachable(thrown)) throw thrown;
        const nowMs = ports.clock.now();
        if (awaySinceMs === undefined) {
          awaySinceMs = nowMs;
          const seconds = LONGEST_OUTAGE_MS / 1_000;
          ports.emit({ type: 'warning', text: `${thrown.message}; waiting up to ${seconds} s for it` });
        }
        if (nowMs - awaySinceMs >= LONGEST_OUTAGE_MS) throw lost(thrown);
        await ports.clock.sleep(pauseMs, signal);
        pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
      }
    }
  };
  return {
    containers: (project) => call(() => engine.containers(project)),
    networks: (project) => call(() => engine.networks(project)),
    inspect: (id) => call(() => engine.inspect(id)),
    start: (id) => call(() => engine.start(id)),
    outages: () => outages,
  };
}

const isUnreachable = (thrown: unknown): thrown is ApictlError =>
  thrown instanceof ApictlError && thrown.code === 'ENGINE_UNREACHABLE';

const lost = (cause: ApictlError) =>
  new ApictlError({
    code: 'ENGINE_LOST',
    exitCode: EXIT.engine,
    message: `the Docker Engine went away and did not come back within ${LONGEST_OUTAGE_MS / 1_000} s`,
    object: cause.object,
    hint: 'Start the engine and run "apictl up" again: it goes on from there.',
    cause,
  });
