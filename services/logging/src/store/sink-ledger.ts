/** How far a second destination has got, and what became of what it was offered. */
import type { DuckDBConnection } from '@duckdb/node-api';

export interface SinkLedger {
  /** Everything up to here is settled. */
  readonly throughSequence: number;
  readonly delivered: number;
  /** Delivered before, as the destination itself said. */
  readonly duplicates: number;
  /** Removed by retention before they could be sent. */
  readonly expired: number;
}

/** What became of one stretch of the store. */
export interface Settlement {
  /** Everything up to here is settled with it. */
  readonly throughSequence: number;
  readonly delivered: number;
  readonly duplicates: number;
}

/** The ledger after a stretch. To be made where nobody else changes it meanwhile. */
export function settledSink(sink: SinkLedger, settled: Settlement): SinkLedger {
  return {
    ...sink,
    throughSequence: settled.throughSequence,
    delivered: sink.delivered + settled.delivered,
    duplicates: sink.duplicates + settled.duplicates,
  };
}

export const NOTHING_SENT: SinkLedger = { throughSequence: 0, delivered: 0, duplicates: 0, expired: 0 };

export const CREATE_SINKS = `CREATE TABLE IF NOT EXISTS sinks (name VARCHAR, through_sequence BIGINT, delivered BIGINT,
  duplicates BIGINT, expired BIGINT)`;

/** The gateway's own file is Logstash's to ship; everything else is ours. */
export const SHIPPED = "NOT (channel = 'file' AND kind = 'access')";

export async function readSink(connection: DuckDBConnection, name: string): Promise<SinkLedger> {
  const reader = await connection.runAndReadAll('SELECT * FROM sinks WHERE name = $1', [name]);
  const [row] = reader.getRowObjectsJS();
  if (row === undefined) return NOTHING_SENT;
  return {
    throughSequence: Number(row.through_sequence),
    delivered: Number(row.delivered),
    duplicates: Number(row.duplicates),
    expired: Number(row.expired),
  };
}

export async function writeSink(connection: DuckDBConnection, name: string, sink: SinkLedger): Promise<void> {
  const { throughSequence, delivered, duplicates, expired } = sink;
  await connection.run('DELETE FROM sinks WHERE name = $1', [name]);
  await connection.run(
    `INSERT INTO sinks VALUES ($1, ${[throughSequence, delivered, duplicates, expired].join(', ')})`,
    [name],
  );
}
