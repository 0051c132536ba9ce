import { request } from 'node:http';
import { connect } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { fastify } from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';
import type { Deliver } from '../../src/ingest/deliver.ts';
import { registerIngest } from '../../src/ingest/routes.ts';
import { Turns } from '../../src/ingest/turns.ts';
import { createMasker } from '../../src/mask/mask.ts';
import { NO_PATTERNS } from '../../src/mask/patterns.ts';
import { until } from '../support/scratch.ts';
import { withResolvers } from '../support/with-resolvers.ts';

describe('turns', () => {
  /** In which turn of the event loop each batch was begun, in the order of beginning. */
  async function begun(
    turns: Turns,
    sizes: readonly number[],
  ): Promise<readonly (readonly [number, number])[]> {
    let turn = 0;
    let isOver = false;
    const order: [number, number][] = [];
    const all = Promise.all(
      sizes.map(async (bytes, index) => {
        await turns.next(bytes);
        order.push([index, turn]);
      }),
    ).then(() => {
      isOver = true;
    });
    while (!isOver) {
      await nextTurn();
      turn += 1;
    }
    await all;
    const first = order[0]?.[1] ?? 0;
    return order.map(([index, at]) => [index, at - first]);
  }

  it('are given to one large batch each, in the order in which they came', async () => {
    expect(await begun(new Turns(100), [100, 250, 100])).toEqual([
      [0, 0],
      [1, 1],
      [2, 2],
    ]);
  });

  it('are shared by small batches', async () => {
    expect(await begun(new Turns(100), [40, 40, 40, 40, 0, 40])).toEqual([
      [0, 0],
      [1, 0],
      [2, 0],
      [3, 1],
      [4, 1],
      [5, 1],
    ]);
  });

  it('are given again after a while in which nobody wanted one', async () => {
    const turns = new Turns(100);
    await turns.next(100);
    await nextTurn();
    expect(await begun(turns, [100, 100])).toEqual([
      [0, 0],
      [1, 1],
    ]);
  });
});

describe('the intake', () => {
  const apps: { close: () => Promise<unknown> }[] = [];
  afterEach(async () => {
    for (const app of apps.splice(0)) await app.close();
  });

  function intake(deliver: Deliver, maxBodyBytes: number) {
    const app = fastify();
    apps.push(app);
    registerIngest(app, {
      deliver,
      token: undefined,
      masker: createMasker([], NO_PATTERNS),
      metrics: { error: () => undefined } as never,
      maxBodyBytes,
      maxInflatedBodyBytes: maxBodyBytes,
      maxLineBytes: maxBodyBytes,
      nowMs: Date.now,
    });
    return app;
  }

  /** With room for three bodies of a thousand bytes, and a disk that answers nobody until it is let go. */
  function heldIntake() {
    let held = 0;
    const { promise: disk, resolve: letGo } = withResolvers();
    const app = intake(() => {
      held += 1;
      return disk;
    }, 1000);
    return { app, held: () => held, letGo };
  }

  const batch = (bytes: number) => ({
    method: 'POST' as const,
    headers: { 'content-type': 'application/x-ndjson' },
    body: JSON.stringify({ filler: 'x'.repeat(bytes - '{"filler":""}'.length) }),
  });

  it('hears of the disk between batches that came together, so that the first is answered before the last is read', async () => {
    const order: string[] = [];
    let read = 0;
    const app = intake(async () => {
      read += 1;
      order.push(`read ${read}`);
      await nextTurn();
    }, 2 ** 20);
    await Promise.all(
      [1, 2, 3, 4].map(async (number) => {
        expect((await app.inject({ url: '/v1/events', ...batch(200_000) })).statusCode).toBe(202);
        order.push(`answered ${number}`);
      }),
    );
    expect(order.indexOf('answered 1')).toBeLessThan(order.indexOf('read 4'));
    expect(order.at(-1)).toBe('answered 4');
  });

  it('counts what it holds of senders that are gone until it is done with it, and has room again then', async () => {
    const { app, held, letGo } = heldIntake();
    let connected = 0;
    app.server.on('connection', (socket) => {
      connected += 1;
      socket.once('close', () => {
        connected -= 1;
      });
    });
    const url = `${await app.listen({ host: '127.0.0.1', port: 0 })}/v1/events`;
    const leaving = [1, 2, 3].map(() => {
      const { method, headers, body } = batch(1000);
      return request(url, { method, headers })
        .on('error', () => undefined)
        .end(body);
    });
    await until('all are held', () => held() === 3);
    for (const sender of leaving) sender.destroy();
    await until('the service has seen them go', () => connected === 0);
    expect((await fetch(url, batch(1000))).status).toBe(429);
    letGo();
    await until('there is room again', async () => (await fetch(url, batch(1000))).status === 202);
  });

  it('has room again after requests that waited behind others on a connection that is gone', async () => {
    const { app, held, letGo } = heldIntake();
    const address = new URL(await app.listen({ host: '127.0.0.1', port: 0 }));
    let answered = 0;
    const closed = new Promise((resolve) => {
      app.server.on('connection', (socket) => socket.once('close', resolve));
    });
    app.server.on('request', () => {
      answered += 1;
    });
    const sender = connect(Number(address.port), '127.0.0.1');
    const post = (path: string, more: string) =>
      `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-length: 8\r\n${more}\r\n{"a": 1}`;
    sender.write(
      post('/v1/events', '') + [1, 2].map(() => post('/nowhere', 'content-encoding: gzip\r\n')).join(''),
    );
    await until('all have come', () => held() === 1 && answered === 3);
    sender.destroy();
    await closed;

    const url = `${address.origin}/v1/events`;
    const both = Promise.all([1, 2].map(() => fetch(url, batch(1000))));
    await until('both are held', () => held() === 3);
    letGo();
    expect((await both).map(({ status }) => status)).toEqual([202, 202]);
  });
});
