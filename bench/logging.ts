/** The logging service: how fast it takes lines, what it costs, how fast it finds them. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ingestRows } from './logging/ingest.ts';
import { searchRows } from './logging/search.ts';
import type { BenchRow } from './row.ts';

export interface LoggingBenchOptions {
  /** Of each load; the full run takes 60. */
  readonly seconds: number;
  /** In the store that is searched; the full run has ten million. */
  readonly events: number;
}

const FULL: LoggingBenchOptions = {
  seconds: Number(process.env.BENCH_LOGGING_SECONDS ?? 60),
  events: Number(process.env.BENCH_LOGGING_EVENTS ?? 10_000_000),
};

/** Needs `npm run build`: what is measured is what ships. */
export async function benchLogging(options: LoggingBenchOptions = FULL): Promise<BenchRow[]> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-logging-'));
  try {
    const ingest = await ingestRows(folder, options.seconds);
    return [...ingest, ...(await searchRows(join(folder, 'search'), options.events))];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
