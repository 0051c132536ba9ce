import { messageOf } from '../../core/errors.ts';
import type { Engine } from '../../core/ports/engine.ts';

/** Long enough for a slow line to begin, short enough for a machine without one. */
const PULL_TIMEOUT_MS = 20_000;

export interface Availability {
  readonly available: boolean;
  /** Empty where they are available. */
  readonly why: string;
}

/**
 * Whether the published images can be had. All are there; or every registry that holds a missing one proves it by a real
 * pull that gets as far as sending layers. A manifest that is refused or a name that does not resolve is the answer no.
 */
export async function probePublished(
  engine: Pick<Engine, 'image' | 'pull'>,
  references: readonly string[],
  signal: AbortSignal,
  timeoutMs = PULL_TIMEOUT_MS,
): Promise<Availability> {
  const present = await Promise.all(
    references.map(async (reference) => (await engine.image(reference)) !== null),
  );
  const missing = references.filter((_reference, index) => present[index] !== true);
  const oneEach = new Map(missing.map((reference) => [registryOf(reference), reference]));
  // The first refusal is the answer; nobody waits for the others.
  const ending = new AbortController();
  const refusals: Availability[] = [];
  await Promise.all(
    [...oneEach.values()].map(async (reference) => {
      const answer = await tryPull(engine, reference, AbortSignal.any([signal, ending.signal]), timeoutMs);
      if (answer.available) return;
      refusals.push(answer);
      ending.abort();
    }),
  );
  signal.throwIfAborted();
  return refusals[0] ?? { available: true, why: '' };
}

async function tryPull(
  engine: Pick<Engine, 'pull'>,
  reference: string,
  signal: AbortSignal,
  timeoutMs: number,
): Promise<Availability> {
  const enough = new AbortController();
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    await engine.pull(
      reference,
      // The registry knows the image and sends it: the rest is the pull's own step.
      (text) => {
        if (SENDING.test(text)) enough.abort();
      },
      AbortSignal.any([signal, timeout, enough.signal]),
    );
    return { available: true, why: '' };
  } catch (thrown) {
    if (enough.signal.aborted) return { available: true, why: '' };
    const why = timeout.aborted
      ? `no answer from ${registryOf(reference)} within ${timeoutMs / 1000} s`
      : `${reference}: ${shortCause(messageOf(thrown))}`;
    return { available: false, why };
  }
}

const SENDING = /Pulling fs layer|Downloading|Extracting|Already exists|Pull complete|Status: /;

/** `quay.io` of `quay.io/prometheus/node-exporter:v1`; a name without a host is Docker Hub's. */
export function registryOf(reference: string): string {
  const [first = '', rest] = reference.split('/');
  return rest !== undefined && (/[.:]/.test(first) || first === 'localhost') ? first : 'docker.io';
}

/** The last part of a chain of causes says what really happened: `... dial tcp: lookup registry: no such host`. */
const shortCause = (text: string): string => text.split(': ').slice(-2).join(': ').trim();
