import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { Service } from '../../src/service.ts';
import { ask, everythingStored, post, runningService, scratchDirectory, until } from '../support/scratch.ts';

const NDJSON = { 'content-type': 'application/x-ndjson' };

describe('hostile senders', () => {
  let service: Service;
  const send = (body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = NDJSON) =>
    post(`${service.ingestUrl}/v1/events`, body, headers);
  const stored = async (query = ''): Promise<Record<string, unknown>[]> => {
    await everythingStored(service);
    return (await ask(service, `/api/v1/events?order=asc&${query}`)).json.events;
  };

  beforeEach(async () => {
    service = await runningService(await scratchDirectory(), {
      LOGGING_MAX_BODY: '256KiB',
      LOGGING_MAX_INFLATED_BODY: '1MiB',
      LOGGING_MAX_LINE: '128KiB',
    });
  });

  it.each([
    ['{"a":1}\n{"a":', 2],
    ['{"a":1}\n\n[1]', 3],
    ['"text"', 1],
    ['{"a":1}{"a":2}', 1],
    ['{"a":1}\n\u0000', 2],
  ])('are told the line of %j that is at fault, and nothing of the batch is taken', async (body, line) => {
    const { status, json } = await send(body);
    expect({ status, line: json.error.line }).toEqual({ status: 400, line });
    expect(await stored()).toEqual([]);
  });

  it('get 400 for an empty body, 415 for a type or encoding that nobody knows, 413 for too much', async () => {
    expect((await send('')).status).toBe(400);
    expect((await send('\n \n')).status).toBe(400);
    expect((await send('{}', { 'content-type': 'text/html' })).status).toBe(415);
    expect((await send('{}', { ...NDJSON, 'content-encoding': 'br' })).status).toBe(415);
    expect(
      (await send(new Uint8Array([31, 139, 8, 0, 1]), { ...NDJSON, 'content-encoding': 'gzip' })).status,
    ).toBe(400);
    expect((await send(`{"m":"${'x'.repeat(140_000)}"}`)).status).toBe(413);
    expect((await send(`{"m":"x"}\n`.repeat(40_000))).status).toBe(413);
    expect(await stored()).toEqual([]);
  });

  it('cannot make a small gzip body large', async () => {
    const bomb = gzipSync(Buffer.alloc(200 * 1024 * 1024));
    const before = process.memoryUsage().rss;
    expect((await send(new Uint8Array(bomb), { ...NDJSON, 'content-encoding': 'gzip' })).status).toBe(413);
    expect(process.memoryUsage().rss - before).toBeLessThan(100 * 1024 * 1024);
  });

  it('cannot change prototypes, names or numbers', async () => {
    const line =
      '{"__proto__":{"admin":true},"constructor":{"prototype":{"x":1}},"n":9007199254740993,"e":1e400,"d":1,"d":2,"time":1795456773499}';
    expect((await send(line)).status).toBe(202);
    expect(({} as Record<string, unknown>).admin).toBeUndefined();
    const [event] = await stored();
    expect(event?.attributes).toMatchObject({ n: '9007199254740993', e: '1e400', d: 2 });
    expect(Object.hasOwn(event?.attributes as object, '__proto__')).toBe(true);
  });

  it('are refused records nested ten thousand deep, and may send ten thousand fields', async () => {
    const deep = `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`;
    expect((await send(deep.slice(0, 60_000))).status).toBe(400);
    expect((await send(deep)).status).toBe(400);
    const wide = JSON.stringify(
      Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [n.toString(36), 1])),
    );
    expect((await send(wide)).status).toBe(202);
    expect(await stored()).toHaveLength(1);
  });

  it('forge no second event with line breaks, escapes, bidi overrides or a fake level', async () => {
    const messages = [
      'a\r\nERROR b',
      '\u001b[31mred',
      'x\u2028y\u2029z',
      'nul\u0000end',
      '\u202eevil',
      '{"index":{}}\n{"x":1}',
      '<script>alert(1)</script>',
    ];
    await send(
      messages.map((message) => JSON.stringify({ message, time: '2026-11-23T17:59:33Z' })).join('\n'),
    );
    expect((await stored()).map(({ body }) => body).sort()).toEqual([...messages].sort());
  });

  it('choose no name outside of a safe alphabet for the source', async () => {
    const names = ['../_all', '_bulk', '*', 'UPPER case', 'x'.repeat(300), 'a"b\nc'];
    await send(names.map((source) => JSON.stringify({ source, message: 'm' })).join('\n'));
    for (const { source } of await stored()) expect(source).toMatch(/^[A-Za-z0-9._-]{1,64}$/);
    const metrics = await (await fetch(`${service.ingestUrl}/metrics`)).text();
    expect(
      metrics.split('\n').filter((line) => line.startsWith('logging_events_accepted_total')),
    ).not.toContainEqual(expect.stringMatching(/\*|UPPER case/));
  });

  it('keep odd times as they wrote them, beside the time of arrival', async () => {
    const times = ['1970-01-01T00:00:00Z', '2999-01-01T00:00:00Z', '2026-W47-1', 'yesterday', -5];
    const sentUs = Date.now() * 1000;
    await send(times.map((time) => JSON.stringify({ time, message: 'm' })).join('\n'));
    const events = await stored();
    expect(events.map((event) => event.timestamp_raw).sort()).toEqual(times.map(String).sort());
    for (const event of events) {
      expect(Date.parse(String(event.timestamp)) * 1000).toBeGreaterThan(sentUs - 60_000_000);
    }
  });

  it('lose no line to bytes that are no UTF-8 or to a byte order mark', async () => {
    const bytes = Buffer.concat([
      Buffer.from('\uFEFF{"message":"a'),
      Buffer.from([0xff, 0xc3, 0x28]),
      Buffer.from('b"}'),
    ]);
    expect((await send(new Uint8Array(bytes))).status).toBe(202);
    expect((await stored())[0]?.body).toMatch(/^a.*b$/);
  });

  it('give the ingest token where one is configured; health stays open', async () => {
    const root = await scratchDirectory();
    await writeFile(join(root, 'ingest-token'), 'an-ingest-token-for-tests');
    const guarded = await runningService(root, { LOGGING_INGEST_TOKEN_FILE: join(root, 'ingest-token') });
    const url = `${guarded.ingestUrl}/v1/events`;
    expect((await post(url, '{}')).status).toBe(401);
    expect(
      (await post(url, '{}', { ...NDJSON, authorization: 'Bearer an-ingest-token-for-test' })).status,
    ).toBe(401);
    expect(
      (await post(url, '{}', { ...NDJSON, authorization: 'Bearer an-ingest-token-for-tests' })).status,
    ).toBe(202);
    expect((await fetch(`${guarded.ingestUrl}/healthz`)).status).toBe(200);
  });

  it('that only open connections keep nobody else out', async () => {
    const { port } = new URL(service.ingestUrl);
    const sockets: Socket[] = [];
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy();
    });
    for (let index = 0; index < 500; index += 1) {
      const socket = connect(Number(port), '127.0.0.1');
      socket.on('error', () => undefined);
      sockets.push(socket);
      await once(socket, 'connect');
      socket.write('POST /v1/events HTTP/1.1\r\ncontent-le');
    }
    expect((await send('{"message":"good"}')).status).toBe(202);
  });

  it('that never end their headers are cut off', async () => {
    const { port } = new URL(service.ingestUrl);
    const socket = connect(Number(port), '127.0.0.1');
    socket.on('error', () => undefined);
    socket.resume();
    socket.write('POST /v1/events HTTP/1.1\r\nx: ');
    await once(socket, 'close');
    expect((await send('{"message":"good"}')).status).toBe(202);
  });

  it('that hang up in the middle leave nothing behind', async () => {
    const { port } = new URL(service.ingestUrl);
    for (let index = 0; index < 20; index += 1) {
      const socket = connect(Number(port), '127.0.0.1');
      socket.on('error', () => undefined);
      await once(socket, 'connect');
      socket.write(
        'POST /v1/events HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-ndjson\r\ncontent-length: 200000\r\n\r\n{"a"',
      );
      socket.destroy();
    }
    // The room that their bodies had been promised is free again.
    await until(
      'room for a large body',
      async () => (await send(`{"m":"x"}\n`.repeat(20_000))).status === 202,
    );
  });
});
