import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import {
  forgetRuns,
  indexedThrough,
  indexLate,
  indexRun,
  numbersOfRequest,
} from '../../src/store/request-index.ts';
import { CREATE_TABLES } from '../../src/store/tables.ts';

const RUN = 100;

describe('the index of requests', () => {
  let connection: DuckDBConnection;
  /** Three events of each request, scattered over the numbers. */
  const insert = (from: number, through: number) =>
    connection.run(
      `INSERT INTO events (seq, request_hash) SELECT n, n * 7919 % 150 FROM range(${from}, ${through + 1}) t(n)`,
    );
  const numbers = async (sql: string): Promise<number[]> =>
    (await connection.runAndReadAll(sql)).getRowObjectsJS().map(({ seq }) => Number(seq));
  const found = (hash: number) =>
    numbers(`SELECT seq FROM events WHERE ${numbersOfRequest(`${hash}::BIGINT`)} ORDER BY seq`);
  const there = (hash: number) => numbers(`SELECT seq FROM events WHERE request_hash = ${hash} ORDER BY seq`);
  const everyRequestIsFound = async () => {
    for (let hash = 0; hash < 150; hash += 1)
      expect(await found(hash), String(hash)).toEqual(await there(hash));
  };

  beforeEach(async () => {
    const instance = await DuckDBInstance.create(':memory:');
    connection = await instance.connect();
    onTestFinished(() => {
      connection.closeSync();
      instance.closeSync();
    });
    for (const statement of CREATE_TABLES) await connection.run(statement);
  });

  it('finds every event of a request: without a run, across runs, and in what is younger', async () => {
    await insert(1, 90);
    expect(await indexRun(connection, 90, RUN)).toBe(false);
    await everyRequestIsFound();
    await insert(91, 450);
    while (await indexRun(connection, 450, RUN));
    expect(await indexedThrough(connection)).toBe(400);
    await everyRequestIsFound();
  });

  it('finds an event that was stored after its run had been sorted', async () => {
    await insert(1, 40);
    await insert(42, 250);
    while (await indexRun(connection, 250, RUN));
    await insert(41, 41);
    await indexLate(connection, [41]);
    await everyRequestIsFound();
  });

  it('forgets a run when its events have gone, and no other', async () => {
    await insert(1, 450);
    while (await indexRun(connection, 450, RUN));
    await connection.run('DELETE FROM events WHERE seq <= 230');
    await forgetRuns(connection);
    expect(await numbers('SELECT DISTINCT through AS seq FROM request_index ORDER BY seq')).toEqual([
      300, 400,
    ]);
    await everyRequestIsFound();
    await connection.run('DELETE FROM events');
    await forgetRuns(connection);
    await everyRequestIsFound();
  });

  it('keeps where it got to when its transaction is taken back', async () => {
    await insert(1, 250);
    await connection.run('BEGIN TRANSACTION');
    await indexRun(connection, 250, RUN);
    await connection.run('ROLLBACK');
    expect(await indexedThrough(connection)).toBe(0);
    await everyRequestIsFound();
  });
});
