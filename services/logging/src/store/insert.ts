/** Puts events into the table, each once. */
import { BIGINT, DOUBLE, type DuckDBConnection, DuckDBDataChunk, INTEGER, VARCHAR } from '@duckdb/node-api';
import { idToInteger } from '../event/identity.ts';
import type { Intake, LogEvent } from '../event/model.ts';
import { EVENT_COLUMNS } from './tables.ts';

/** An event with its number in the buffer. */
export interface Numbered {
  readonly sequence: number;
  readonly intake: Intake;
}

const ENGINE_TYPES = { BIGINT, INTEGER, DOUBLE, VARCHAR } as const;
const COLUMN_TYPES = EVENT_COLUMNS.map(({ type }) => ENGINE_TYPES[type]);
const ROWS_PER_CHUNK = 2048;

async function knownIds(connection: DuckDBConnection, events: readonly LogEvent[]): Promise<Set<bigint>> {
  let [fromUs, untilUs] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { timestampUs } of events) {
    fromUs = Math.min(fromUs, timestampUs);
    untilUs = Math.max(untilUs, timestampUs);
  }
  // The same event has the same time, so blocks of other times need not be looked at. The numbers are our own: no quoting.
  const ids = events.map(({ id }) => idToInteger(id)).join(',');
  const reader = await connection.runAndReadAll(
    `SELECT id FROM events WHERE ts BETWEEN ${fromUs} AND ${untilUs} AND id IN (${ids})`,
  );
  return new Set(reader.getColumns()[0] as bigint[] | undefined);
}

/** Leaves out what the store or an earlier line of this batch has already. */
export async function withoutDuplicates(
  connection: DuckDBConnection,
  batch: readonly Numbered[],
): Promise<readonly Numbered[]> {
  const redeliverable = batch.filter(({ intake }) => intake.redeliverable).map(({ intake }) => intake.event);
  if (redeliverable.length === 0) return batch;
  const seen = await knownIds(connection, redeliverable);
  return batch.filter(({ intake }) => {
    if (!intake.redeliverable) return true;
    const id = idToInteger(intake.event.id);
    if (seen.has(id)) return false;
    seen.add(id);
    return true;
  });
}

/** Appends rows inside the caller's transaction. */
export async function insertEvents(connection: DuckDBConnection, batch: readonly Numbered[]): Promise<void> {
  if (batch.length === 0) return;
  const appender = await connection.createAppender('events', 'main', 'store');
  try {
    for (let from = 0; from < batch.length; from += ROWS_PER_CHUNK) {
      const rows = batch.slice(from, from + ROWS_PER_CHUNK);
      const chunk = DuckDBDataChunk.create(COLUMN_TYPES, rows.length);
      chunk.setColumns(
        EVENT_COLUMNS.map(({ value }) => rows.map(({ intake, sequence }) => value(intake.event, sequence))),
      );
      appender.appendDataChunk(chunk);
    }
    appender.flushSync();
  } finally {
    appender.closeSync();
  }
}
