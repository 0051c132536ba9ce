/** Events -> durable in the buffer, with the books kept and refusals counted in events. */
import type { EventBuffer } from '../buffer/buffer.ts';
import { BufferClosedError, BufferDiskError, BufferFullError } from '../buffer/errors.ts';
import type { Intake } from '../event/model.ts';
import { encodeIntakes } from '../event/wire.ts';
import type { Metrics } from '../http/metrics.ts';
import { HttpProblem } from '../http/problem.ts';
import type { Books } from '../store/books.ts';

export type Deliver = (intakes: readonly Intake[]) => Promise<void>;

export interface DeliverParts {
  readonly buffer: EventBuffer;
  readonly books: Books;
  readonly metrics: Metrics;
  readonly onDiskError: (error: BufferDiskError) => void;
  readonly onDiskWorks: () => void;
}

function countBySource(intakes: readonly Intake[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { source } of intakes) counts.set(source, (counts.get(source) ?? 0) + 1);
  return counts;
}

/**
 * The returned function rejects with the buffer's own errors; then nothing was taken. It is done with the intakes and the bytes under
 * them when it returns: only their counts wait for the disk.
 */
export function createDeliver(parts: DeliverParts): Deliver {
  async function settle(durable: Promise<void>, events: number, bySource: ReadonlyMap<string, number>) {
    const startedMs = performance.now();
    try {
      await durable;
    } catch (error) {
      if (error instanceof BufferFullError) parts.metrics.error('buffer_full', events);
      if (error instanceof BufferDiskError) {
        parts.metrics.error('disk', events);
        parts.onDiskError(error);
      }
      throw error;
    }
    if (events === 0) return;
    parts.onDiskWorks();
    parts.metrics.acknowledged((performance.now() - startedMs) / 1000);
    for (const [source, count] of bySource) parts.books.accept(source, count);
  }
  return (intakes) =>
    settle(parts.buffer.append(encodeIntakes(intakes)), intakes.length, countBySource(intakes));
}

/** What a sender is told when the buffer does not take its batch. */
export function refusal(error: unknown): unknown {
  if (error instanceof BufferFullError) {
    return new HttpProblem(429, 'BUFFER_FULL', error.message, { retryAfterSeconds: 2 });
  }
  if (error instanceof BufferDiskError) {
    return new HttpProblem(503, 'DISK_REFUSES', 'the disk takes no events at the moment', {
      retryAfterSeconds: 5,
    });
  }
  if (error instanceof BufferClosedError) {
    return new HttpProblem(503, 'STOPPING', error.message, { retryAfterSeconds: 5 });
  }
  return error;
}
