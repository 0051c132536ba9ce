/** The events of a search, page by page; what is held is bounded, however much there is. */
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { EventDocument, SearchAnswer } from '../api/answers.ts';
import { Problem } from '../api/problem.ts';
import { useClient } from '../shell/context.ts';

const PAGE_SIZE = 100;
/** More rows make no page that anybody reads; from there on the search goes on with an earlier end. */
const MAX_EVENTS = 1000;

export interface Pages {
  readonly events: readonly EventDocument[];
  readonly isAsking: boolean;
  readonly problem: Problem | undefined;
  readonly hasMore: boolean;
  /** As many as are held; the rest is reached by narrowing the time. */
  readonly isFull: boolean;
  readonly more: () => void;
  readonly again: () => void;
}

interface Held {
  readonly events: readonly EventDocument[];
  readonly cursor: string | null;
  readonly isAsking: boolean;
  readonly problem: Problem | undefined;
}

const NOTHING: Held = { events: [], cursor: null, isAsking: true, problem: undefined };

/** @param key what the API is asked, as a query; another key is another search */
export function usePages(key: string): Pages {
  const client = useClient();
  const [held, setHeld] = useState<Held>(NOTHING);
  const [round, setRound] = useState(0);
  const leaving = useRef(new AbortController());

  const load = useCallback(
    (cursor: string | null, before: readonly EventDocument[]): void => {
      const { signal } = leaving.current;
      const asked = new URLSearchParams(key);
      asked.set('limit', String(PAGE_SIZE));
      if (cursor !== null) asked.set('cursor', cursor);
      setHeld((last) => ({ ...last, isAsking: true }));
      client.get<SearchAnswer>('/api/v1/events', { query: asked, signal }).then(
        ({ events, next_cursor }) => {
          if (signal.aborted) return;
          setHeld({
            events: [...before, ...events],
            cursor: next_cursor,
            isAsking: false,
            problem: undefined,
          });
        },
        (error: unknown) => {
          if (signal.aborted) return;
          if (!(error instanceof Problem)) throw error;
          setHeld((last) => ({ ...last, isAsking: false, problem: error }));
        },
      );
    },
    [client, key],
  );

  useEffect(() => {
    leaving.current = new AbortController();
    load(null, []);
    return () => leaving.current.abort();
  }, [load, round]);

  const isFull = held.events.length >= MAX_EVENTS;
  const hasMore = held.cursor !== null;
  return {
    events: held.events,
    isAsking: held.isAsking,
    problem: held.problem,
    hasMore,
    isFull,
    more: () => {
      if (hasMore && !held.isAsking && !isFull) load(held.cursor, held.events);
    },
    again: useCallback(() => setRound((current) => current + 1), []),
  };
}
