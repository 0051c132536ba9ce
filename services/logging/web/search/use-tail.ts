/** Follows the service's stream of events, and hands them on a few times a second. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { EventDocument } from '../api/answers.ts';
import { EMPTY_TAIL, receive, skip, type Tail } from '../model/tail.ts';
import { useClient } from '../shell/context.ts';

/** Faster than this nobody reads. */
const SHOW_EVERY_MS = 200;

/** `lost` is an interruption that the browser mends by itself, `refused` one that it does not. */
export type Connection = 'connecting' | 'open' | 'lost' | 'refused';

export interface LiveTail {
  readonly tail: Tail;
  readonly change: (change: (tail: Tail) => Tail) => void;
  readonly connection: Connection;
  readonly again: () => void;
}

/** @param key text and filters as a query; another key begins anew */
export function useTail(key: string): LiveTail {
  const client = useClient();
  const [tail, setTail] = useState<Tail>(EMPTY_TAIL);
  const [connection, setConnection] = useState<Connection>('connecting');
  const [round, setRound] = useState(0);
  const arrived = useRef<EventDocument[]>([]);

  useEffect(() => {
    setConnection('connecting');
    const source = new EventSource(key === '' ? '/api/v1/tail' : `/api/v1/tail?${key}`);
    source.onopen = () => setConnection('open');
    source.onerror = () => {
      const isRefused = source.readyState === EventSource.CLOSED;
      setConnection(isRefused ? 'refused' : 'lost');
      // The stream does not say why; a session that has ended is answered by the login.
      if (isRefused) client.check().catch(() => undefined);
    };
    source.addEventListener('event', ({ data }: MessageEvent<string>) => {
      arrived.current.push(JSON.parse(data) as EventDocument);
    });
    source.addEventListener('skipped', () => setTail(skip));
    const timer = setInterval(() => {
      if (arrived.current.length === 0) return;
      const batch = arrived.current;
      arrived.current = [];
      setTail((last) => receive(last, batch));
    }, SHOW_EVERY_MS);
    return () => {
      source.close();
      clearInterval(timer);
      arrived.current = [];
      setTail(({ isPaused }) => ({ ...EMPTY_TAIL, isPaused }));
    };
  }, [client, key, round]);

  return { tail, change: setTail, connection, again: () => setRound((current) => current + 1) };
}
