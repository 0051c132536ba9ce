import { ApictlError, EXIT, messageOf } from '../../core/errors.ts';
import { type Emit, step } from '../../core/events.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Engine } from '../../core/ports/engine.ts';

/** What a registry says when it is busy or the line is bad; a name that does not exist is not asked for again. */
const PASSING =
  /\b(429|500|502|503|504)\b|too many requests|timeout|timed out|connection reset|unexpected EOF/i;
const PAUSES_MS = [1_000, 4_000] as const;

export interface PullPorts {
  readonly engine: Pick<Engine, 'image' | 'pull'>;
  readonly clock: Clock;
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

/**
 * Pulls the published images that are missing, or all of them with `refresh`. Answers which. What is there is enough to start
 * with: a refresh that fails is a warning.
 * @throws ApictlError IMAGES_MISSING (5) that names every image that is not there and cannot be had
 */
export async function pullImages(
  ports: PullPorts,
  references: readonly string[],
  refresh: boolean,
): Promise<readonly string[]> {
  const pulled: string[] = [];
  const missing: { readonly reference: string; readonly why: string }[] = [];
  for (const reference of references) {
    const isThere = (await ports.engine.image(reference)) !== null;
    if (isThere && !refresh) continue;
    try {
      await step(ports.emit, `pull ${reference}`, ports.clock.now, (progress) =>
        pullPatiently(ports, reference, progress),
      );
      pulled.push(reference);
    } catch (thrown) {
      ports.signal.throwIfAborted();
      const why = messageOf(thrown);
      if (isThere) ports.emit({ type: 'warning', text: `${why}; the image that is there is used` });
      else missing.push({ reference, why });
    }
  }
  if (missing.length > 0) throw imagesMissing(missing);
  return pulled;
}

async function pullPatiently(
  { engine, clock, signal }: PullPorts,
  reference: string,
  progress: (text: string) => void,
): Promise<void> {
  for (const pauseMs of [...PAUSES_MS, null]) {
    try {
      return await engine.pull(reference, progress, signal);
    } catch (thrown) {
      if (pauseMs === null || signal.aborted || !PASSING.test(messageOf(thrown))) throw thrown;
      progress(`again in ${pauseMs / 1_000} s: ${messageOf(thrown)}`);
      await clock.sleep(pauseMs, signal);
    }
  }
}

const imagesMissing = (missing: readonly { readonly reference: string; readonly why: string }[]) =>
  new ApictlError({
    code: 'IMAGES_MISSING',
    exitCode: EXIT.engine,
    message: `${missing.length === 1 ? 'an image is' : `${missing.length} images are`} missing and cannot be pulled; nothing was started`,
    object: missing.map(({ reference }) => `image ${reference}`).join(', '),
    details: missing.map(({ why }) => why),
    hint: 'Run it again when the registry answers; on Linux "apictl up --images embedded" needs none.',
  });
