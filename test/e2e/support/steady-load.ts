import { setTimeout as delay } from 'node:timers/promises';
import { Agent, request } from 'undici';

/** One request that did not get what it should have. */
export interface Failed {
  readonly atMs: number;
  readonly what: string;
}

/** Asks a few times a second over connections that stay open, until it is stopped; answers how many were asked and which failed. */
export function steadyLoad(url: string, clients = 4, pauseMs = 40) {
  const dispatcher = new Agent({ connections: clients });
  const ending = new AbortController();
  const startedMs = Date.now();
  const failed: Failed[] = [];
  let asked = 0;
  const client = async (): Promise<void> => {
    while (!ending.signal.aborted) {
      const atMs = Date.now() - startedMs;
      asked += 1;
      try {
        const { statusCode, body } = await request(url, { dispatcher });
        const text = await body.text();
        if (statusCode !== 200) failed.push({ atMs, what: `${statusCode} ${text.slice(0, 200)}` });
      } catch (thrown) {
        failed.push({ atMs, what: String(thrown) });
      }
      await delay(pauseMs, undefined, { signal: ending.signal }).catch(() => {});
    }
  };
  const running = Promise.all(Array.from({ length: clients }, client));
  return {
    stop: async () => {
      ending.abort();
      await running;
      await dispatcher.close();
      return { asked, failed };
    },
  };
}
