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

/** The returned function rejects with the buffer's own errors; then nothing was taken. */
export function createDeliver(parts: DeliverParts): Deliver {
  return async (intakes) => {
    const startedMs = performance.now();
    try {
      await parts.buffer.append(encodeIntakes(intakes));
    } catch (error) {
      if (error instanceof BufferFullError) parts.metrics.error('buffer_full', intakes.length);
      if (error instanceof BufferDiskError) {
        parts.metrics.error('disk', intakes.length);
        parts.onDiskError(error);
      }
      throw error;
    }
    if (intakes.length === 0) return;
    parts.onDiskWorks();
    parts.metrics.acknowledged((performance.now() - startedMs) / 1000);
    const bySource = new Map<string, number>();
    for (const { source } of intakes) bySource.set(source, (bySource.get(source) ?? 0) + 1);
    for (const [source, count] of bySource) parts.books.accept(source, count);
  };
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
