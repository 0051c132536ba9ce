/** Puts a statement to the store, within its time. */
import { HttpProblem } from '../http/problem.ts';
import { QueryTimeoutError } from '../store/errors.ts';
import type { Row, Store } from '../store/port.ts';
import type { Statement } from './conditions.ts';

const QUERY_TIMEOUT_MS = 10_000;

export type Ask = (statement: Statement) => Promise<Row[]>;

/** The returned function rejects with HttpProblem 503 when the answer takes too long. */
export function asking(store: Store): Ask {
  return async ({ sql, values }) => {
    try {
      return await store.query(sql, values, QUERY_TIMEOUT_MS);
    } catch (error) {
      if (!(error instanceof QueryTimeoutError)) throw error;
      throw new HttpProblem(503, 'QUERY_TOO_SLOW', error.message, { retryAfterSeconds: 1 });
    }
  };
}
