import type { Database } from './database.ts';

const PAUSE_MS = 500;

/**
 * Waits until the database answers, so that a gateway that starts together with its database needs no luck.
 *
 * @throws Error when it does not answer within `timeoutMs`
 */
export async function awaitDatabase(
  database: Database,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await database.isReachable())) {
    if (signal.aborted) throw new Error('stopped while waiting for the database');
    if (Date.now() >= deadline) {
      throw new Error(
        `PostgreSQL did not answer within ${timeoutMs / 1000} s; check its address and the password`,
      );
    }
    await new Promise((resolve) => {
      setTimeout(resolve, PAUSE_MS);
    });
  }
}
