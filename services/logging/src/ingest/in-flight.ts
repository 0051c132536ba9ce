/** Bounds the memory that bodies take while they arrive, whatever the number of connections. */
import { HttpProblem } from '../http/problem.ts';

export class InFlight {
  readonly #limitBytes: number;
  #bytes = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /**
   * Sets aside room for one body. @throws HttpProblem 429
   * @returns gives the room back; calling it twice does no harm
   */
  reserve(bytes: number): () => void {
    // A single body is always let in, or a limit smaller than it would refuse it for ever.
    if (this.#bytes > 0 && this.#bytes + bytes > this.#limitBytes) {
      throw new HttpProblem(429, 'TOO_BUSY', 'too many batches are being received at once', {
        retryAfterSeconds: 1,
      });
    }
    this.#bytes += bytes;
    let isHeld = true;
    return () => {
      if (isHeld) this.#bytes -= bytes;
      isHeld = false;
    };
  }
}
