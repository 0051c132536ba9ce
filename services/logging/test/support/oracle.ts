/**
 * Every 2xx is an obligation: the oracle remembers what was acknowledged, and looks afterwards whether all of it is found,
 * each event once. What was not acknowledged is sent again as it was, as senders do, and may be found once at most.
 */
import { expect } from 'vitest';
import type { ServiceProcess } from './service-process.ts';

const LINES_PER_BATCH = 20;
const REQUEST_TIMEOUT_MS = 5000;

export class Oracle {
  readonly #owed = new Set<string>();
  readonly #name: string;
  #next = 0;
  #refusals = 0;

  constructor(name = 'o') {
    this.#name = name;
  }

  /** Events that the service has acknowledged. */
  get owed(): number {
    return this.#owed.size;
  }

  /** Answers 429 and 503, all of which have to say when to come again. */
  get refusals(): number {
    return this.#refusals;
  }

  /**
   * Sends batches one after the other until the signal fires, each one until it is acknowledged or the signal fires.
   * @param linesPerSecond as fast as they are taken where undefined
   */
  async produce(service: ServiceProcess, signal: AbortSignal, linesPerSecond?: number): Promise<void> {
    const startedMs = performance.now();
    for (let sent = 0; !signal.aborted; sent += LINES_PER_BATCH) {
      const dueMs = linesPerSecond === undefined ? 0 : startedMs + (sent / linesPerSecond) * 1000;
      const aheadMs = dueMs - performance.now();
      if (aheadMs > 0) await new Promise((resolve) => setTimeout(resolve, aheadMs));
      const ids = Array.from({ length: LINES_PER_BATCH }, () => `${this.#name}-${this.#next++}`);
      const time = new Date().toISOString();
      const body = ids
        .map((id) =>
          JSON.stringify({ time, message: `obligation ${id}`, request_id: id, filler: 'x'.repeat(200) }),
        )
        .join('\n');
      let isTaken = false;
      while (!signal.aborted && !isTaken) {
        isTaken = await this.#offer(service, body);
        if (!isTaken) await new Promise((resolve) => setTimeout(resolve, 20));
      }
      if (isTaken) for (const id of ids) this.#owed.add(id);
    }
  }

  /** All obligations are in the store, nothing is there twice, and the books balance. */
  async settle(service: ServiceProcess): Promise<void> {
    await service.drained();
    this.expectAllOnce(await service.allRequestIds());
    const { accepted, stored, duplicates, buffered, dead_lettered, quarantined } = await service.pipeline();
    expect(stored + duplicates + buffered + dead_lettered + quarantined, 'the books').toBe(accepted);
  }

  /** Among the request ids that were found somewhere is every obligation, and none is there twice. */
  expectAllOnce(found: readonly string[]): void {
    const present = new Set<string>();
    const twice = found.filter((id) => present.has(id) || !present.add(id));
    expect(twice.slice(0, 5), 'there twice').toEqual([]);
    const lost = [...this.#owed].filter((id) => !present.has(id)).slice(0, 5);
    expect(lost, 'acknowledged and lost').toEqual([]);
  }

  async #offer(service: ServiceProcess, body: string): Promise<boolean> {
    try {
      const answer = await fetch(`${service.ingest}/v1/events`, {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/x-ndjson' },
        signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
      });
      await answer.arrayBuffer();
      if (answer.status === 202) return true;
      expect([429, 503], 'refusals are temporary').toContain(answer.status);
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
      this.#refusals += 1;
      return false;
    } catch (error) {
      // The connection was cut: whether the batch was taken is not known.
      if (error instanceof TypeError || (error instanceof DOMException && error.name === 'TimeoutError'))
        return false;
      throw error;
    }
  }
}
