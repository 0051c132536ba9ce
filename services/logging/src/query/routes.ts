/** The query API on the administration listener. */
import type { FastifyInstance } from 'fastify';
import { idToInteger } from '../event/identity.ts';
import { formatTimestampUs } from '../event/timestamp.ts';
import { HttpProblem } from '../http/problem.ts';
import { QueryTimeoutError } from '../store/errors.ts';
import type { EventStore, Row } from '../store/store.ts';
import { formatCursor } from './cursor.ts';
import { percentiles, toDocument } from './document.ts';
import { parseRange, parseSearch } from './parameters.ts';
import {
  alertStatement,
  routeStatistics,
  type Statement,
  searchStatement,
  sourceStatistics,
} from './statement.ts';

const QUERY_TIMEOUT_MS = 10_000;

export interface QueryParts {
  readonly store: EventStore;
  readonly pipeline: () => object;
  readonly nowMs: () => number;
}

function routeDocument(row: Row): object {
  const requests = Number(row.requests);
  const serverErrors = Number(row.server_errors);
  return {
    service: row.service ?? null,
    route: row.route ?? null,
    requests,
    server_errors: serverErrors,
    client_errors: Number(row.client_errors),
    error_rate: requests === 0 ? 0 : serverErrors / requests,
    duration_ms: percentiles(row.duration),
    upstream_ms: percentiles(row.upstream),
  };
}

function sourceDocument(row: Row): object {
  return {
    source: row.source,
    service: row.service ?? null,
    kind: row.kind,
    events: Number(row.events),
    errors: Number(row.errors),
    warnings: Number(row.warnings),
    last_timestamp: formatTimestampUs(Number(row.last)),
  };
}

function alertDocument(row: Row): object {
  const document = toDocument(row);
  const alert = document.attributes as Record<string, unknown>;
  return {
    id: document.id,
    fingerprint: alert.fingerprint ?? null,
    status: alert.status,
    labels: alert.labels,
    annotations: alert.annotations ?? {},
    starts_at: alert.startsAt ?? null,
    ends_at: alert.endsAt ?? null,
    received_at: document.observed_timestamp,
    receiver: alert.receiver ?? null,
  };
}

export function registerQuery(app: FastifyInstance, parts: QueryParts): void {
  const ask = async ({ sql, values }: Statement): Promise<Row[]> => {
    try {
      return await parts.store.query(sql, values, QUERY_TIMEOUT_MS);
    } catch (error) {
      if (!(error instanceof QueryTimeoutError)) throw error;
      throw new HttpProblem(503, 'QUERY_TOO_SLOW', error.message, { retryAfterSeconds: 1 });
    }
  };

  app.get('/api/v1/events', async (request) => {
    const search = parseSearch(request.query, parts.nowMs());
    const rows = await ask(searchStatement(search));
    const page = rows.slice(0, search.limit);
    const last = rows.length > search.limit ? page.at(-1) : undefined;
    return {
      events: page.map(toDocument),
      next_cursor:
        last === undefined
          ? null
          : formatCursor({ timestampUs: Number(last.ts), sequence: Number(last.seq) }),
    };
  });

  app.get<{ Params: { id: string } }>('/api/v1/events/:id', async (request) => {
    const { id } = request.params;
    if (!/^[0-9a-f]{16}$/.test(id))
      throw new HttpProblem(400, 'BAD_ID', 'an event id is 16 hexadecimal digits');
    const [row] = await ask({
      sql: 'SELECT * FROM events WHERE id = $1::BIGINT LIMIT 1',
      values: [idToInteger(id)],
    });
    if (row === undefined) throw new HttpProblem(404, 'NO_SUCH_EVENT', `no event has the id ${id}`);
    return toDocument(row);
  });

  app.get('/api/v1/stats', async (request) => {
    const range = parseRange(request.query, parts.nowMs());
    const routes = await ask(routeStatistics(range));
    const sources = await ask(sourceStatistics(range));
    return { routes: routes.map(routeDocument), sources: sources.map(sourceDocument) };
  });

  app.get('/api/v1/alerts', async (request) => ({
    alerts: (await ask(alertStatement(parseRange(request.query, parts.nowMs())))).map(alertDocument),
  }));

  app.get('/api/v1/pipeline', async () => parts.pipeline());
}
