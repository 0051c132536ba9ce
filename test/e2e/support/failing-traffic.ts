import { setTimeout as delay } from 'node:timers/promises';
import { request } from 'undici';

/** Requests of one round, the first of which fails. */
const ROUND = ['/drills/status/503', ...Array(4).fill('/whoami')] as readonly string[];
const PAUSE_MS = 200;

/** Some twenty requests a second, exactly one of five answered with 503, until it is stopped. @param base as `http://127.0.0.1:8000/api/v1` */
export function failingTraffic(base: string) {
  const ending = new AbortController();
  const counts = new Map<number | string, number>();
  const send = async (path: string): Promise<void> => {
    const answer = await request(`${base}${path}`).catch((thrown: Error) => thrown);
    if (!(answer instanceof Error)) await answer.body.dump();
    const what = answer instanceof Error ? answer.message : answer.statusCode;
    counts.set(what, (counts.get(what) ?? 0) + 1);
  };
  const run = async (): Promise<void> => {
    while (!ending.signal.aborted) {
      await Promise.all(ROUND.map(send));
      await delay(PAUSE_MS, undefined, { signal: ending.signal }).catch(() => {});
    }
  };
  const running = run();
  return {
    /** Status, or why there was none -> how many requests ended so. */
    stop: async (): Promise<ReadonlyMap<number | string, number>> => {
      ending.abort();
      await running;
      return counts;
    },
  };
}
