import { type Database, refusal } from './database.ts';

const PAUSE_MS = 500;

/**
 * Waits until the database answers, so that a gateway that starts together with its database needs no luck.
 *
 * @throws Error at once when PostgreSQL refuses the user, the password or the database; when it does not answer within `timeoutMs`
 */
export async function awaitDatabase(
  database: Pick<Database, 'reach'>,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  const failure = (): Promise<unknown> =>
    database.reach().then(
      () => undefined,
      (error: unknown) => error ?? new Error('no answer'),
    );
  for (let error = await failure(); error !== undefined; error = await failure()) {
    const refused = refusal(error);
    if (refused !== undefined) throw new Error(`PostgreSQL refuses this gateway: ${refused}`);
    if (signal.aborted) throw new Error('stopped while waiting for the database');
    if (Date.now() >= deadline) {
      throw new Error(`PostgreSQL did not answer within ${timeoutMs / 1000} s; check its address`);
    }
    await new Promise((resolve) => {
      setTimeout(resolve, PAUSE_MS);
    });
  }
}
