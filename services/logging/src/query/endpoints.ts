/** The operations of the query API: what they take and what they answer. */
import { z } from 'zod';
import type { Endpoint } from '../api/endpoint.ts';
import {
  alertsAnswer,
  histogramAnswer,
  messagesAnswer,
  searchAnswer,
  statsAnswer,
  valuesAnswer,
} from './answers.ts';
import { type Cursor, parseCursor } from './cursor.ts';
import { eventDocument } from './documents.ts';
import { converted, count, filterShape, rangeShape } from './parameters.ts';
import { LISTED_COLUMNS } from './statement.ts';

const LISTED = Object.keys(LISTED_COLUMNS) as (keyof typeof LISTED_COLUMNS)[];

/** @param nowMs what "15m" is counted back from */
export function queryEndpoints(nowMs: () => number) {
  const filters = filterShape(nowMs);
  const range = rangeShape(nowMs);
  return {
    search: define({
      method: 'GET',
      path: '/api/v1/events',
      summary: 'Search, page by page',
      query: z.strictObject({
        ...filters,
        order: z.enum(['asc', 'desc']).default('desc').describe('By time.'),
        limit: count(1, 1000, 100),
        cursor: converted(
          (text): Cursor | undefined => parseCursor(text),
          'is no cursor of an earlier answer',
        )
          .optional()
          .describe('next_cursor of the page before.'),
      }),
      answer: searchAnswer,
    }),
    event: define({
      method: 'GET',
      path: '/api/v1/events/:id',
      summary: 'One event',
      answer: eventDocument,
    }),
    tail: define({
      method: 'GET',
      path: '/api/v1/tail',
      summary:
        'Events as they are stored, as server-sent events named "event"; Last-Event-ID goes on where it was',
      query: z.strictObject(filters),
      answer: undefined,
      stream: 'text/event-stream',
    }),
    histogram: define({
      method: 'GET',
      path: '/api/v1/histogram',
      summary: 'Counts and latency percentiles over time; the last hour where no range is given',
      query: z.strictObject({ ...filters, buckets: count(1, 500, 60) }),
      answer: histogramAnswer,
    }),
    values: define({
      method: 'GET',
      path: '/api/v1/values',
      summary: 'The most frequent values of a field',
      query: z.strictObject({ ...filters, field: z.enum(LISTED), limit: count(1, 200, 50) }),
      answer: valuesAnswer,
    }),
    stats: define({
      method: 'GET',
      path: '/api/v1/stats',
      summary:
        'Rates, error rates and latency percentiles per service and route; events per source; the last hour where no range is given',
      query: z.strictObject(range),
      answer: statsAnswer,
    }),
    messages: define({
      method: 'GET',
      path: '/api/v1/messages',
      summary: 'The most frequent messages; the last hour where no range is given',
      query: z.strictObject({ ...filters, limit: count(1, 200, 20) }),
      answer: messagesAnswer,
    }),
    alerts: define({
      method: 'GET',
      path: '/api/v1/alerts',
      summary: 'The newest notification of each alert',
      query: z.strictObject(range),
      answer: alertsAnswer,
    }),
  };
}

/** Keeps the schemas' own types. */
function define<Q extends z.ZodObject | undefined = undefined>(endpoint: Endpoint<Q>): Endpoint<Q> {
  return endpoint;
}
