/** Questions to a store of many events, over HTTP. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { indexRun } from '../../services/logging/src/store/request-index.ts';
import { CREATE_TABLES, EVENT_COLUMNS, requestHash } from '../../services/logging/src/store/tables.ts';
import type { BenchRow } from '../row.ts';
import { startService } from './service.ts';

const RUNS = 7;
const SPAN_US = 7 * 86_400_000_000;

/** Where a value is not said, it is null. Times rise as they do in life, so that the engine can leave blocks out. */
const VALUES: Readonly<Record<string, string>> = {
  seq: 'n + 1',
  id: '(hash(n) >> 1)::BIGINT',
  ts: 'ts',
  ts_raw: '(ts // 1000)::VARCHAR',
  observed: 'ts',
  severity_text: "CASE WHEN n % 50 = 0 THEN 'ERROR' ELSE 'INFO' END",
  severity_number: 'CASE WHEN n % 50 = 0 THEN 17 ELSE 9 END',
  body: "'GET /api/items/' || (n % 5000) || ' ' || status || ' ' || duration || ' ms'",
  source: "'kong'",
  kind: "'access'",
  channel: "'file'",
  service: "'backend'",
  route: "'route-' || (n % 20)",
  request_id: 'request_id',
  method: "'GET'",
  path: "'/api/items/' || (n % 5000)",
  status: 'status',
  duration_ms: 'duration',
  upstream_ms: 'duration - 1',
  gateway_ms: '1',
  client: "'10.0.0.' || (n % 250)",
  attributes: `'{"request":{"id":"' || request_id || '","uri":"/api/items/' || (n % 5000) || '","headers":{"user-agent":"curl/8.5.0","x-request-id":"' || request_id || '","host":"127.0.0.1:8000"}},"response":{"status":' || status || ',"size":' || (200 + n % 900) || '},"latencies":{"request":' || duration || '},"word":"' || CASE WHEN n % 1000 = 7 THEN 'zanzibar' ELSE 'ordinary' END || '"}'`,
};

const requestId = (n: number): string => `7f3c1d2e-0000-4000-8000-${String(n).padStart(12, '0')}`;

/** Writes the file that the service opens: by way of its doors it would take longer than everything else. */
async function fill(data: string, events: number, nowUs: number): Promise<void> {
  await mkdir(data, { recursive: true });
  const instance = await DuckDBInstance.create(':memory:', { preserve_insertion_order: 'true' });
  const connection = await instance.connect();
  await connection.run(`ATTACH '${join(data, 'store.duckdb')}' AS store (ROW_GROUP_SIZE 16384)`);
  await connection.run('USE store');
  for (const statement of CREATE_TABLES) await connection.run(statement);
  // The hash of an id is the service's own; the one that is asked for gets the right one, the others some other number.
  const asked = requestId(Math.floor(events * 0.6));
  const columns = EVENT_COLUMNS.map(({ name }) =>
    name === 'request_hash'
      ? `CASE WHEN request_id = '${asked}' THEN ${requestHash(asked)} ELSE (hash(request_id) >> 1)::BIGINT END`
      : (VALUES[name] ?? 'NULL'),
  );
  const first = nowUs - SPAN_US;
  await connection.run(
    `INSERT INTO events SELECT ${columns.join(', ')} FROM (SELECT n, ${first} + n * ${Math.floor(SPAN_US / events)} AS ts,
      CASE WHEN n % 50 = 0 THEN 500 ELSE 200 END AS status, (n * 7919) % 400 + 3 AS duration,
      '7f3c1d2e-0000-4000-8000-' || lpad(n::VARCHAR, 12, '0') AS request_id FROM range(${events}) t(n))`,
  );
  while (await indexRun(connection, events)) await connection.run('CHECKPOINT store');
  connection.closeSync();
  instance.closeSync();
}

async function medianMs(ask: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    const startedMs = performance.now();
    await ask();
    times.push(performance.now() - startedMs);
  }
  times.sort((a, b) => a - b);
  return times[Math.floor(RUNS / 2)] ?? 0;
}

export async function searchRows(folder: string, events: number): Promise<BenchRow[]> {
  const nowUs = Date.now() * 1000;
  await fill(join(folder, 'data'), events, nowUs);
  const service = await startService(folder);
  const at = (agoHours: number): string => new Date(nowUs / 1000 - agoHours * 3_600_000).toISOString();
  try {
    const find = async (query: string, least: number): Promise<number> => {
      const found = (await service.ask(query)) as { events?: unknown[]; routes?: unknown[] };
      const count = (found.events ?? found.routes ?? []).length;
      if (count < least) throw new Error(`${query} found ${count}, at least ${least} were there`);
      return medianMs(() => service.ask(query));
    };
    const row = (what: string, ms: number, goal: string): BenchRow => ({
      what: `${what} in ${events.toLocaleString('en')} events`,
      ours: `${ms.toFixed(0)} ms`,
      peer: 'none',
      ratio: null,
      goal,
      note: `median of ${RUNS}, over HTTP`,
    });
    const id = requestId(Math.floor(events * 0.6));
    return [
      row('a request id', await find(`/api/v1/events?request_id=${id}`, 1), 'under 100 ms'),
      row(
        'a word within one hour',
        await find(`/api/v1/events?q=zanzibar&since=${at(50)}&until=${at(49)}`, 1),
        'under 300 ms',
      ),
      row(
        'p95 per route over a day',
        await find(`/api/v1/stats?since=${at(48)}&until=${at(24)}`, 20),
        'under 500 ms',
      ),
    ];
  } finally {
    await service.end();
  }
}
