/** The load: lines of one kilobyte in batches over HTTP, each line with an id of its own. Run as a process of its own. */
import { Pool } from 'undici';

export interface LoadOptions {
  readonly url: string;
  readonly path: string;
  readonly seconds: number;
  readonly connections: number;
  readonly linesPerBatch: number;
  /** As fast as it is answered where undefined. */
  readonly linesPerSecond?: number;
}

export interface LoadResult {
  readonly acknowledgedLines: number;
  readonly refusedBatches: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const LINE_BYTES = 1024;
const ID_DIGITS = 12;

/** A batch whose ids are written over before each sending: printing a hundred kilobytes of JSON anew would cost more than serving them. */
class Batch {
  readonly bytes: Buffer;
  readonly #idOffsets: readonly number[];
  readonly #timeBeforeId: number;

  constructor(lines: number) {
    const start = `{"time":"${new Date().toISOString()}","level":"info","service":"shop","request_id":"`;
    const end = `","message":"order placed by customer 4711 in 12 ms","http.route":"/orders","status":200,"duration_ms":12.5,"filler":"`;
    const filler = 'lorem ipsum dolor sit amet '
      .repeat(60)
      .slice(0, LINE_BYTES - start.length - end.length - ID_DIGITS - 3);
    const line = `${start}${'0'.repeat(ID_DIGITS)}${end}${filler}"}\n`;
    this.bytes = Buffer.from(line.repeat(lines));
    this.#timeBeforeId = start.length - '{"time":"'.length;
    this.#idOffsets = Array.from({ length: lines }, (_, index) => index * line.length + start.length);
  }

  /** Gives each line its own id and all of them the time of sending. */
  renew(first: number): void {
    const time = new Date().toISOString();
    for (const [index, offset] of this.#idOffsets.entries()) {
      this.bytes.write(time, offset - this.#timeBeforeId, 'latin1');
      this.bytes.write(String(first + index).padStart(ID_DIGITS, '0'), offset, 'latin1');
    }
  }
}

const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;

export async function runLoad(options: LoadOptions): Promise<LoadResult> {
  const { linesPerBatch, linesPerSecond, connections } = options;
  const pool = new Pool(options.url, { connections, pipelining: 1 });
  const latencies: number[] = [];
  let [next, acknowledged, refused] = [(Date.now() % 1e9) * 1000, 0, 0];
  const startedMs = performance.now();
  const untilMs = startedMs + options.seconds * 1000;
  let sent = 0;

  async function sender(): Promise<void> {
    const batch = new Batch(linesPerBatch);
    for (;;) {
      if (linesPerSecond !== undefined) {
        const dueMs = startedMs + (sent / linesPerSecond) * 1000;
        sent += linesPerBatch;
        const waitMs = dueMs - performance.now();
        if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
      }
      if (performance.now() > untilMs) return;
      batch.renew(next);
      next += linesPerBatch;
      const sentMs = performance.now();
      const { statusCode, body } = await pool.request({
        method: 'POST',
        path: options.path,
        body: batch.bytes,
        headers: { 'content-type': 'application/x-ndjson' },
      });
      await body.dump();
      if (statusCode === 202) {
        acknowledged += linesPerBatch;
        latencies.push(performance.now() - sentMs);
      } else {
        refused += 1;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  }

  await Promise.all(Array.from({ length: connections }, sender));
  const seconds = (performance.now() - startedMs) / 1000;
  await pool.close();
  latencies.sort((a, b) => a - b);
  return {
    acknowledgedLines: acknowledged,
    refusedBatches: refused,
    seconds,
    p50Ms: quantile(latencies, 0.5),
    p99Ms: quantile(latencies, 0.99),
  };
}

if (process.argv[1] === import.meta.filename) {
  process.stdout.write(JSON.stringify(await runLoad(JSON.parse(process.argv[2] ?? '{}') as LoadOptions)));
}
