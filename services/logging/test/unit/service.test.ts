import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { scratchDirectory, TOKEN } from '../support/scratch.ts';
import { ServiceProcess } from '../support/service-process.ts';

const PATIENCE = { timeout: 20_000, interval: 100 };

describe('the running service', { timeout: 60_000 }, () => {
  let folder: string;
  let service: ServiceProcess;

  const post = (
    path: string,
    body: string | Uint8Array,
    headers: Record<string, string> = {},
  ): Promise<Response> => fetch(`${service.ingest}${path}`, { method: 'POST', body, headers });
  const search = async (query: string): Promise<Record<string, unknown>[]> => {
    const answer = await fetch(`${service.admin}/api/v1/events?${query}`, {
      headers: { authorization: `Bearer ${TOKEN}` },
    });
    expect(answer.status).toBe(200);
    return ((await answer.json()) as { events: Record<string, unknown>[] }).events;
  };

  beforeEach(async () => {
    folder = await scratchDirectory();
    service = await ServiceProcess.at(folder);
    await service.start();
  }, 60_000);

  it('finds everything that it acknowledged exactly once after kill -9', async () => {
    for (let batch = 0; batch < 5; batch += 1) {
      const lines = Array.from({ length: 20 }, (_, n) =>
        JSON.stringify({ message: 'kept', request_id: `r-${batch}-${n}` }),
      );
      expect((await post('/v1/events', lines.join('\n'))).status).toBe(202);
    }
    await service.end('SIGKILL');
    await service.start();
    await vi.waitFor(async () => expect(await search('q=kept&limit=1000')).toHaveLength(100), PATIENCE);
    const ids = (await search('q=kept&limit=1000')).map((event) => event.request_id);
    expect(new Set(ids).size).toBe(100);
    expect(await search('request_id=r-3-7')).toHaveLength(1);
  });

  it('follows a file, and reads no line twice after a restart', async () => {
    const path = join(folder, 'logs', 'backend-1.ndjson');
    await writeFile(path, `${JSON.stringify({ message: 'first', request_id: 'f-1' })}\n`);
    await vi.waitFor(async () => expect(await search('request_id=f-1')).toHaveLength(1), PATIENCE);
    await service.end('SIGKILL');
    await appendFile(path, `${JSON.stringify({ message: 'second', request_id: 'f-2' })}\n`);
    await service.start();
    await vi.waitFor(async () => expect(await search('request_id=f-2')).toHaveLength(1), PATIENCE);
    expect(await search('request_id=f-1')).toHaveLength(1);
    expect((await search('request_id=f-2'))[0]).toMatchObject({ source: 'backend-1' });
  });

  it('takes gzip, and refuses what it cannot read, with the line', async () => {
    const packed = gzipSync('{"message":"packed","request_id":"z-1"}');
    expect((await post('/v1/events', packed, { 'content-encoding': 'gzip' })).status).toBe(202);
    const bad = await post('/v1/events', '{"message":"fine"}\n{nonsense');
    expect(bad.status).toBe(400);
    expect(await bad.text()).toContain('line 2');
    expect((await post('/v1/alerts', '{"no":"alerts"}')).status).toBe(400);
    await vi.waitFor(async () => expect(await search('request_id=z-1')).toHaveLength(1), PATIENCE);
    expect(await search('q=fine')).toEqual([]);
  });

  it('keeps bodies apart that arrive at the same time, whether their length is declared or not', async () => {
    const bodyOf = (batch: number): string =>
      Array.from({ length: 60 }, (_, n) =>
        JSON.stringify({
          message: `apart ${batch}-${n}`,
          request_id: `${batch}-${n}`,
          filler: `${batch}`.repeat(400),
        }),
      ).join('\n');
    const chunked = (text: string): RequestInit => ({
      method: 'POST',
      body: new Blob([text]).stream(),
      duplex: 'half',
    });
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, batch) =>
        batch % 10 !== 0
          ? post('/v1/events', bodyOf(batch))
          : fetch(`${service.ingest}/v1/events`, chunked(bodyOf(batch))),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 40 }, () => 202));
    const found = async (): Promise<string[]> => {
      const pages = await Promise.all(
        Array.from({ length: 40 }, (_, batch) => search(`q=${batch}-&limit=1000`)),
      );
      return [...new Set(pages.flat().map((event) => `${event.body}|${event.request_id}`))];
    };
    await vi.waitFor(async () => expect(await found()).toHaveLength(2400), PATIENCE);
    for (const pair of await found()) {
      const [body, id] = pair.split('|');
      expect(body).toBe(`apart ${id}`);
    }
  });

  it('masks credentials before anything reaches the disk', async () => {
    const record = {
      message: 'login',
      request_id: 'm-1',
      headers: { authorization: 'Bearer very-secret-value', apikey: 'also-very-secret' },
    };
    await post('/v1/events', JSON.stringify(record));
    await vi.waitFor(async () => expect(await search('request_id=m-1')).toHaveLength(1), PATIENCE);
    expect(JSON.stringify(await search('request_id=m-1'))).not.toMatch(/very-secret/);
  });

  it('answers questions only with the token, and tells a wrong one what is wrong', async () => {
    expect((await fetch(`${service.admin}/api/v1/events`)).status).toBe(401);
    expect(
      (await fetch(`${service.admin}/api/v1/pipeline`, { headers: { authorization: 'Bearer wrong' } }))
        .status,
    ).toBe(401);
    const headers = { authorization: `Bearer ${TOKEN}` };
    const wrong = await fetch(`${service.admin}/api/v1/events?limit=0&level=loud&nonsense=1`, { headers });
    expect(wrong.status).toBe(400);
    expect(await wrong.text()).toMatch(/level.*limit/s);
  });

  it('balances its books and counts them for Prometheus', async () => {
    await post('/v1/events', '{"message":"counted"}');
    await vi.waitFor(async () => expect(await search('q=counted')).toHaveLength(1), PATIENCE);
    const answer = await fetch(`${service.admin}/api/v1/pipeline`, {
      headers: { authorization: `Bearer ${TOKEN}` },
    });
    const state = (await answer.json()) as Record<string, number>;
    expect(state.accepted).toBe(
      (state.stored ?? 0) + (state.duplicates ?? 0) + (state.quarantined ?? 0) + (state.buffered ?? 0),
    );
    const metrics = await (await fetch(`${service.ingest}/metrics`)).text();
    expect(metrics).toContain('logging_events_accepted_total{source="http"} 1');
    expect(metrics).toContain('logging_errors_total{kind="store"} 0');
    expect(metrics).toContain('logging_books_difference 0');
    expect(metrics).not.toMatch(/^logging_sink_backlog/m);
  });
});
