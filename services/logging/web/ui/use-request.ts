/** One question to the service at a time: a newer one ends the older. */
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { Problem } from '../api/problem.ts';

export interface Request<T> {
  /** The newest answer, also while the next one is awaited. */
  readonly answer: T | undefined;
  readonly problem: Problem | undefined;
  readonly isAsking: boolean;
  readonly again: () => void;
  /** Shows what a change was answered with, and asks anew; what was asked before the change is not waited for. */
  readonly take: (answer: T) => void;
}

/**
 * @param key what is asked; another key asks anew, the same key keeps the answer
 * @param ask undefined for nothing to ask
 */
export function useRequest<T>(
  key: string,
  ask: ((signal: AbortSignal) => Promise<T>) | undefined,
): Request<T> {
  const [state, setState] = useState<Omit<Request<T>, 'again' | 'take'>>({
    answer: undefined,
    problem: undefined,
    isAsking: ask !== undefined,
  });
  const [round, setRound] = useState(0);
  const asked = useRef<AbortController>(null);
  const again = useCallback(() => setRound((current) => current + 1), []);
  const take = useCallback((answer: T) => {
    asked.current?.abort();
    setState({ answer, problem: undefined, isAsking: true });
    again();
  }, []);
  const isIdle = ask === undefined;

  useEffect(() => {
    if (ask === undefined) {
      setState((last) => ({ ...last, isAsking: false }));
      return undefined;
    }
    const leaving = new AbortController();
    asked.current = leaving;
    setState((last) => ({ ...last, isAsking: true }));
    ask(leaving.signal).then(
      (answer) => {
        if (!leaving.signal.aborted) setState({ answer, problem: undefined, isAsking: false });
      },
      (error: unknown) => {
        if (leaving.signal.aborted) return;
        if (!(error instanceof Problem)) throw error;
        setState((last) => ({ ...last, problem: error, isAsking: false }));
      },
    );
    return () => leaving.abort();
  }, [key, round, isIdle]);
  return { ...state, again, take };
}
