/** A store with many events, made by its engine. */
import { writeAccepted, writeLedger } from '../../../src/store/ledger.ts';
import { requestHash } from '../../../src/store/tables.ts';
import { prepareStore } from './prepare-store.ts';

/**
 * Requests to eight routes, evenly over the last 23 hours: every 50th has failed, every other 20th was mistaken. The one
 * with the number `findable` can be found by its id. The books say the same.
 */
export async function fillStore(dataDir: string, events: number, findable: number): Promise<void> {
  const nowUs = Date.now() * 1000;
  const stepUs = Math.floor((23 * 3_600_000_000) / events);
  await prepareStore(dataDir, async (connection) => {
    await connection.run(`
    INSERT INTO events BY NAME
    SELECT i + 1 AS seq, i AS id, ts, ts::VARCHAR AS ts_raw, ts AS observed,
      CASE WHEN status >= 500 THEN 'ERROR' WHEN status >= 400 THEN 'WARN' ELSE 'INFO' END AS severity_text,
      CASE WHEN status >= 500 THEN 17 WHEN status >= 400 THEN 13 ELSE 9 END AS severity_number,
      'GET ' || path || ' ' || status AS body, 'kong' AS source, 'access' AS kind, 'file' AS channel,
      'backend' AS service, 'route-' || (i % 8) AS route,
      CASE WHEN i = ${findable} THEN ${requestHash(`request-${findable}`)} END AS request_hash,
      'request-' || i AS request_id, 'GET' AS method, path, status, (i % 400)::DOUBLE AS duration_ms,
      (i % 390)::DOUBLE AS upstream_ms, 2.0 AS gateway_ms, '10.0.0.1' AS client,
      '{"client_ip":"10.0.0.1"}' AS attributes
    FROM (SELECT i, ${nowUs} - (${events} - i) * ${stepUs} AS ts, '/orders/' || i AS path,
      CASE WHEN i % 50 = 0 THEN 503 WHEN i % 20 = 0 THEN 404 ELSE 200 END AS status
      FROM range(${events}) numbers(i))
  `);
    const books = { stored: events, duplicates: 0, quarantined: 0, expired: 0 };
    await writeLedger(connection, { storedSequence: events, ...books });
    await writeAccepted(connection, new Map([['kong', events]]));
  });
}
