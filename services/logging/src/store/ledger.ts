/** The store's books: read at start, written in the transaction of each batch. */
import type { DuckDBConnection } from '@duckdb/node-api';
import type { FilePosition } from '../event/model.ts';
import { StoreTooNewError } from './errors.ts';
import { SCHEMA_VERSION } from './tables.ts';

export interface Ledger {
  readonly storedSequence: number;
  readonly stored: number;
  readonly duplicates: number;
  readonly quarantined: number;
  readonly expired: number;
}

async function rows(connection: DuckDBConnection, sql: string): Promise<Record<string, unknown>[]> {
  return (await connection.runAndReadAll(sql)).getRowObjectsJS() as Record<string, unknown>[];
}

/** undefined for a store that has never been written to. @throws StoreTooNewError */
export async function readLedger(connection: DuckDBConnection, path: string): Promise<Ledger | undefined> {
  const [row] = await rows(connection, 'SELECT * FROM ledger');
  if (row === undefined) return undefined;
  if (Number(row.version) > SCHEMA_VERSION) throw new StoreTooNewError(path, Number(row.version));
  return {
    storedSequence: Number(row.stored_sequence),
    stored: Number(row.stored),
    duplicates: Number(row.duplicates),
    quarantined: Number(row.quarantined),
    expired: Number(row.expired),
  };
}

export async function writeLedger(connection: DuckDBConnection, ledger: Ledger): Promise<void> {
  const { storedSequence, stored, duplicates, quarantined, expired } = ledger;
  await connection.run('DELETE FROM ledger');
  await connection.run(
    `INSERT INTO ledger VALUES (${[SCHEMA_VERSION, storedSequence, stored, duplicates, quarantined, expired].join(', ')})`,
  );
}

export async function readAccepted(connection: DuckDBConnection): Promise<Map<string, number>> {
  const found = await rows(
    connection,
    'SELECT source, sum(events)::BIGINT AS events FROM accepted GROUP BY source',
  );
  return new Map(found.map((row) => [String(row.source), Number(row.events)]));
}

/** Replaces the counts of these sources. */
export async function writeAccepted(
  connection: DuckDBConnection,
  counts: ReadonlyMap<string, number>,
): Promise<void> {
  for (const [source, events] of counts) {
    await connection.run('DELETE FROM accepted WHERE source = $1', [source]);
    await connection.run('INSERT INTO accepted VALUES ($1, $2::BIGINT)', [source, BigInt(events)]);
  }
}

export async function readPositions(connection: DuckDBConnection): Promise<FilePosition[]> {
  return (await rows(connection, 'SELECT * FROM positions')).map((row) => ({
    key: String(row.key),
    path: String(row.path),
    generation: Number(row.generation),
    end: Number(row.end),
  }));
}

/** Replaces the positions of these files. */
export async function writePositions(
  connection: DuckDBConnection,
  positions: Iterable<FilePosition>,
  updatedUs: number,
): Promise<void> {
  for (const { key, path, generation, end } of positions) {
    await connection.run('DELETE FROM positions WHERE key = $1', [key]);
    await connection.run('INSERT INTO positions VALUES ($1, $2, $3::BIGINT, $4::BIGINT, $5::BIGINT)', [
      key,
      path,
      BigInt(generation),
      BigInt(end),
      BigInt(updatedUs),
    ]);
  }
}
