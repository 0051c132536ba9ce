import { type ClientRequest, request } from 'node:http';
import { describe, expect, it } from 'vitest';
import type { OpenStore } from '../../src/store/port.ts';
import { EventStore } from '../../src/store/store.ts';
import { TOKEN } from '../support/environment.ts';
import { post, runningService, scratchDirectory, until } from '../support/scratch.ts';
import { withResolvers } from '../support/with-resolvers.ts';

const MOST_TAILS = 20;

/** A store that keeps the questions of tails waiting until it is let go. */
function slowStore() {
  let waiting = 0;
  const { promise: held, resolve: letGo } = withResolvers();
  const open: OpenStore = async (options) => {
    const opened = await EventStore.open(options);
    const query = opened.store.query.bind(opened.store);
    opened.store.query = async (sql, values, timeoutMs) => {
      if (sql.includes('LIMIT 501')) {
        waiting += 1;
        await held;
      }
      return query(sql, values, timeoutMs);
    };
    return opened;
  };
  return { open, letGo, waiting: () => waiting };
}

describe('live tails', () => {
  it('end with their clients, also where these go while the store is asked', async () => {
    const store = slowStore();
    const service = await runningService(await scratchDirectory(), {}, store.open);
    const url = `${service.adminUrl}/api/v1/tail`;
    const headers = { authorization: `Bearer ${TOKEN}` };
    const status = (asked: ClientRequest) =>
      new Promise<number>((resolve, reject) => {
        asked
          .on('response', ({ statusCode = 0 }) => resolve(statusCode))
          .on('error', reject)
          .end();
      });
    const clients = Array.from({ length: MOST_TAILS }, () => request(url, { headers, agent: false }));
    expect(new Set(await Promise.all(clients.map(status)))).toEqual(new Set([200]));
    await post(`${service.ingestUrl}/v1/events`, '{"message":"something to show"}');
    await until('every tail has asked', () => store.waiting() === MOST_TAILS);
    for (const client of clients) client.on('error', () => undefined).destroy();
    // Answered after the service has seen the others go.
    expect((await fetch(url, { headers })).status).toBe(429);
    store.letGo();
    await until('there is room for a tail', async () => {
      const leaving = new AbortController();
      const answer = await fetch(url, { headers, signal: leaving.signal });
      leaving.abort();
      return answer.status === 200;
    });
  });
});
