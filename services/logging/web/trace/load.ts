/** Everything that belongs to one request: what carries its id, and what carries the trace that it was part of. */
import type { EventDocument, SearchAnswer } from '../api/answers.ts';
import type { Client } from '../api/client.ts';
import { merged } from '../model/trace.ts';

/** More events than this of one request are no trace that anybody reads. */
const LIMIT = 1000;
const MAX_TRACES = 5;

export interface Found {
  readonly events: readonly EventDocument[];
  /** There are more than were asked for. */
  readonly isCut: boolean;
}

export type Key = { readonly request_id: string } | { readonly trace_id: string };

export async function loadTrace(client: Client, key: Key, signal: AbortSignal): Promise<Found> {
  const find = (by: Key): Promise<SearchAnswer> => {
    const query = new URLSearchParams({ ...by, order: 'asc', limit: String(LIMIT) });
    return client.get('/api/v1/events', { query, signal });
  };
  const first = await find(key);
  const traces = new Set(first.events.flatMap(({ trace_id }) => (trace_id === null ? [] : [trace_id])));
  const others =
    'trace_id' in key
      ? []
      : await Promise.all([...traces].slice(0, MAX_TRACES).map((trace_id) => find({ trace_id })));
  const answers = [first, ...others];
  return {
    events: merged(...answers.map(({ events }) => events)),
    isCut: answers.some(({ next_cursor }) => next_cursor !== null),
  };
}
