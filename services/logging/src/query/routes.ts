/** The query API on the administration listener. */
import type { Api } from '../api/endpoint.ts';
import { idToInteger } from '../event/identity.ts';
import { formatTimestampUs } from '../event/timestamp.ts';
import { HttpProblem } from '../http/problem.ts';
import type { Store } from '../store/port.ts';
import { asking } from './ask.ts';
import { formatCursor } from './cursor.ts';
import { toAlert, toBuckets, toEvent, toMessage, toRoute, toSource } from './documents.ts';
import { queryEndpoints } from './endpoints.ts';
import { closedRange } from './parameters.ts';
import {
  alertStatement,
  histogramStatement,
  messageStatement,
  routeStatistics,
  searchStatement,
  sourceStatistics,
  valuesStatement,
} from './statement.ts';
import { Tails } from './tail.ts';

export interface QueryParts {
  readonly store: Store;
  readonly nowMs: () => number;
  /** Fires when the service stops, so that live tails end. */
  readonly stopping: AbortSignal;
}

export function registerQuery(api: Api, parts: QueryParts): void {
  const { store, nowMs } = parts;
  const ask = asking(store);
  const endpoints = queryEndpoints(nowMs);
  const tails = new Tails(store, ask, parts.stopping);

  api.add(endpoints.search, async ({ query }) => {
    const rows = await ask(searchStatement(query));
    const page = rows.slice(0, query.limit);
    const last = rows.length > query.limit ? page.at(-1) : undefined;
    const cursor = last && formatCursor({ timestampUs: Number(last.ts), sequence: Number(last.seq) });
    return { events: page.map(toEvent), next_cursor: cursor ?? null };
  });

  api.add(endpoints.event, async ({ request }) => {
    const { id } = request.params as { readonly id: string };
    if (!/^[0-9a-f]{16}$/.test(id))
      throw new HttpProblem(400, 'BAD_ID', 'an event id is 16 hexadecimal digits');
    const [row] = await ask({
      sql: 'SELECT * FROM events WHERE id = $1::BIGINT LIMIT 1',
      values: [idToInteger(id)],
    });
    if (row === undefined) throw new HttpProblem(404, 'NO_SUCH_EVENT', `no event has the id ${id}`);
    return toEvent(row);
  });

  api.add(endpoints.tail, async ({ query, request, reply }) => tails.serve(query, request, reply));

  api.add(endpoints.histogram, async ({ query }) => {
    const { since, until } = ordered(closedRange(query, nowMs()));
    const widthUs = Math.max(1000, Math.ceil((until - since) / query.buckets));
    const rows = await ask(histogramStatement({ ...query, since, until }, since, widthUs));
    const count = Math.ceil((until - since) / widthUs);
    return {
      ...shown({ since, until }),
      bucket_seconds: widthUs / 1e6,
      buckets: toBuckets(rows, since, widthUs, count),
    };
  });

  api.add(endpoints.values, async ({ query }) => {
    const rows = await ask(valuesStatement(query, query.field, query.limit));
    return { values: rows.map(({ value, events }) => ({ value: String(value), events: Number(events) })) };
  });

  api.add(endpoints.stats, async ({ query }) => {
    const range = ordered(closedRange(query, nowMs()));
    const seconds = (range.until - range.since) / 1e6;
    const routes = await ask(routeStatistics(range));
    const sources = await ask(sourceStatistics(range));
    return {
      ...shown(range),
      routes: routes.map((row) => toRoute(row, seconds)),
      sources: sources.map((row) => toSource(row, seconds)),
    };
  });

  api.add(endpoints.messages, async ({ query }) => {
    const range = ordered(closedRange(query, nowMs()));
    const rows = await ask(messageStatement({ ...query, ...range }, query.limit));
    return { ...shown(range), messages: rows.map(toMessage) };
  });

  api.add(endpoints.alerts, async ({ query }) => ({
    alerts: (await ask(alertStatement(query))).map(toAlert),
  }));
}

interface Range {
  readonly since: number;
  readonly until: number;
}

function ordered(range: Range): Range {
  if (range.since < range.until) return range;
  throw new HttpProblem(400, 'BAD_QUERY', 'since is not before until');
}

function shown({ since, until }: Range): { since: string; until: string } {
  return { since: formatTimestampUs(since), until: formatTimestampUs(until) };
}
