import { messageOf } from '../../core/errors.ts';
import type { Engine } from '../../core/ports/engine.ts';

/** Long enough for a slow line to begin, short enough for a machine without one. */
const PULL_TIMEOUT_MS = 20_000;

/**
 * Whether the published images can be had: all are there, or the smallest attempt that proves it, a real pull of the
 * first missing one, gets as far as sending layers. A manifest that is refused or a name that does not resolve is the answer no.
 */
export async function probePublished(
  engine: Pick<Engine, 'image' | 'pull'>,
  references: readonly string[],
  signal: AbortSignal,
): Promise<{ available: boolean; why: string }> {
  const present = await Promise.all(
    references.map(async (reference) => (await engine.image(reference)) !== null),
  );
  const missing = references.find((_reference, index) => present[index] !== true);
  if (missing === undefined) return { available: true, why: '' };
  const ending = new AbortController();
  const timeout = AbortSignal.timeout(PULL_TIMEOUT_MS);
  let isComing = false;
  try {
    await engine.pull(
      missing,
      (text) => {
        // The registry knows the image and sends it: enough to know, the rest is the pull's own step.
        if (/Pulling fs layer|Downloading|Already exists|Status: /.test(text)) {
          isComing = true;
          ending.abort();
        }
      },
      AbortSignal.any([signal, timeout, ending.signal]),
    );
    return { available: true, why: '' };
  } catch (thrown) {
    signal.throwIfAborted();
    if (isComing) return { available: true, why: '' };
    if (timeout.aborted)
      return { available: false, why: `no answer from the registry within ${PULL_TIMEOUT_MS / 1000} s` };
    return { available: false, why: shortCause(messageOf(thrown)) };
  }
}

/** The last part of a chain of causes says what really happened: `... dial tcp: lookup registry: no such host`. */
const shortCause = (text: string): string => text.split(': ').slice(-2).join(': ').trim();
