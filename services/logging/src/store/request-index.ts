/**
 * Where the events of a request are, without looking at all of them. Ids of requests are random, so in the order of storing every
 * block of the table may hold any of them. Here they are sorted, run by run: in each run one block can hold a hash, and says so.
 */
import type { DuckDBConnection } from '@duckdb/node-api';

/** Events of one run. What is younger than the last run is looked through as it lies. */
const RUN_EVENTS = 262_144;

/** `through` names the run by its last number, so that a run goes when its events have gone. */
export const CREATE_REQUEST_INDEX: readonly string[] = [
  'CREATE TABLE IF NOT EXISTS request_index (through BIGINT, request_hash BIGINT, seq BIGINT)',
  // A constant for the engine's planner, changed in the transaction of each run.
  'CREATE MACRO IF NOT EXISTS indexed_through() AS 0::BIGINT',
];

/** A condition on `events` for the numbers that carry this hash. @param hash SQL for it */
export function numbersOfRequest(hash: string): string {
  return `seq IN (SELECT seq FROM request_index WHERE request_hash = ${hash}
    UNION ALL SELECT seq FROM events WHERE seq > indexed_through() AND request_hash = ${hash})`;
}

export async function indexedThrough(connection: DuckDBConnection): Promise<number> {
  const reader = await connection.runAndReadAll('SELECT indexed_through() AS through');
  return Number(reader.getRowObjectsJS()[0]?.through);
}

/**
 * Sorts one more run inside the caller's transaction.
 * @returns false when there are not enough new events for one
 */
export async function indexRun(
  connection: DuckDBConnection,
  storedSequence: number,
  runEvents = RUN_EVENTS,
): Promise<boolean> {
  const from = await indexedThrough(connection);
  const through = from + runEvents;
  if (through > storedSequence) return false;
  await connection.run(
    `INSERT INTO request_index SELECT ${through}, request_hash, seq FROM events
      WHERE seq > ${from} AND seq <= ${through} AND request_hash IS NOT NULL ORDER BY request_hash`,
  );
  await connection.run(`CREATE OR REPLACE MACRO indexed_through() AS ${through}::BIGINT`);
  return true;
}

/** For events whose run was sorted before they were stored. */
export async function indexLate(connection: DuckDBConnection, sequences: readonly number[]): Promise<void> {
  if (sequences.length === 0) return;
  await connection.run(
    `INSERT INTO request_index SELECT indexed_through(), request_hash, seq FROM events
      WHERE seq IN (${sequences.map(Math.trunc).join(', ')}) AND seq <= indexed_through() AND request_hash IS NOT NULL`,
  );
}

/** Drops the runs whose events have all been removed. */
export async function forgetRuns(connection: DuckDBConnection): Promise<void> {
  await connection.run('DELETE FROM request_index WHERE through < (SELECT min(seq) FROM events)');
}
