/** What a destination refused for good: kept whole, with the reason, until somebody sends it again. */
import type { DuckDBConnection } from '@duckdb/node-api';

export type Destination = 'store' | 'elasticsearch';

export interface DeadLetter {
  readonly sequence: number;
  readonly destination: Destination;
  readonly reason: string;
  /** Microseconds since 1970. */
  readonly atUs: number;
  /** The buffered record for the store, the document for Elasticsearch. */
  readonly payload: string;
}

export const CREATE_DEAD_LETTERS = `CREATE TABLE IF NOT EXISTS dead_letters (seq BIGINT, destination VARCHAR,
  reason VARCHAR, "at" BIGINT, payload VARCHAR)`;

const MAX_REASON_LENGTH = 1000;

export async function insertDeadLetters(
  connection: DuckDBConnection,
  letters: readonly DeadLetter[],
): Promise<void> {
  for (const { sequence, destination, reason, atUs, payload } of letters) {
    await connection.run('INSERT INTO dead_letters VALUES ($1::BIGINT, $2, $3, $4::BIGINT, $5)', [
      BigInt(sequence),
      destination,
      reason.slice(0, MAX_REASON_LENGTH),
      BigInt(atUs),
      payload,
    ]);
  }
}

/** @returns those that were still there: two who ask for the same ones at once do not both get them */
export async function deleteDeadLetters(
  connection: DuckDBConnection,
  destination: Destination,
  sequences: readonly number[],
): Promise<ReadonlySet<number>> {
  if (sequences.length === 0) return new Set();
  const reader = await connection.runAndReadAll(
    `DELETE FROM dead_letters WHERE destination = $1 AND seq IN (${sequences.map(Math.trunc).join(', ')})
      RETURNING seq`,
    [destination],
  );
  return new Set(reader.getRowObjectsJS().map(({ seq }) => Number(seq)));
}

/** How many each destination has refused and nobody has sent again. */
export async function countDeadLetters(connection: DuckDBConnection): Promise<Map<Destination, number>> {
  const reader = await connection.runAndReadAll(
    'SELECT destination, count(*) AS letters FROM dead_letters GROUP BY destination',
  );
  return new Map(
    reader
      .getRowObjectsJS()
      .map((row) => [String(row.destination) as Destination, Number(row.letters)] as const),
  );
}

export function toDeadLetter(row: Record<string, unknown>): DeadLetter {
  return {
    sequence: Number(row.seq),
    destination: String(row.destination) as Destination,
    reason: String(row.reason),
    atUs: Number(row.at),
    payload: String(row.payload),
  };
}
