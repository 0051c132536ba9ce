import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Service } from '../../src/service.ts';
import { type FakeElasticsearch, fakeElasticsearch, PASSWORD } from '../support/fake-elasticsearch.ts';
import {
  ask,
  environmentAt,
  everythingStored,
  post,
  runningService,
  scratchDirectory,
  TOKEN,
  until,
} from '../support/scratch.ts';

const RECORDED = new URL('../../../../test/fixtures/metrics/official/logging.txt', import.meta.url);

const lines = (from: number, count: number): string =>
  Array.from({ length: count }, (_, n) =>
    JSON.stringify({ time: '2026-11-23T17:59:33Z', message: `event ${from + n}`, service: 'shop' }),
  ).join('\n');

describe('the Elasticsearch sink', () => {
  let root: string;
  let elasticsearch: FakeElasticsearch;
  let environment: Record<string, string>;
  const send = (service: Service, body: string) => post(`${service.ingestUrl}/v1/events`, body);
  const messages = (): string[] => elasticsearch.documents.map(({ document }) => String(document.message));
  const state = async (service: Service) => (await ask(service, '/api/v1/pipeline')).json.elasticsearch;
  const replay = (service: Service, body: object) =>
    post(`${service.adminUrl}/api/v1/dead-letters/replay`, JSON.stringify(body), {
      'content-type': 'application/json',
      authorization: `Bearer ${TOKEN}`,
    });

  beforeEach(async () => {
    root = await scratchDirectory();
    elasticsearch = await fakeElasticsearch();
    await environmentAt(root);
    await writeFile(join(root, 'password'), PASSWORD);
    environment = {
      LOGGING_ELASTICSEARCH_URL: elasticsearch.url,
      LOGGING_ELASTICSEARCH_PASSWORD_FILE: join(root, 'password'),
    };
  });

  it('gets service logs and what came in by HTTP, once and in order, but not the lines of the gateway’s file', async () => {
    const service = await runningService(root, environment);
    const kong = {
      started_at: Date.now(),
      request: { method: 'GET', uri: '/x' },
      response: { status: 200 },
      latencies: {},
    };
    await writeFile(join(root, 'logs', 'access.ndjson'), `${JSON.stringify(kong)}\n`);
    await writeFile(join(root, 'logs', 'backend-1.ndjson'), '{"message":"of the backend","level":"error"}\n');
    await until(
      'both files read',
      async () => (await ask(service, '/api/v1/events')).json.events.length === 2,
    );
    await send(service, lines(0, 1500));
    await until('everything shipped', async () => (await state(service)).delivered === 1501);
    expect(messages()).toEqual(['of the backend', ...Array.from({ length: 1500 }, (_, n) => `event ${n}`)]);
    expect(elasticsearch.documents[0]).toMatchObject({
      index: 'logs-apictl.service-default',
      document: {
        'log.level': 'error',
        'service.name': 'backend',
        'service.node.name': 'backend-1',
        'event.kind': 'event',
      },
    });
    expect(await state(service)).toEqual({
      delivered: 1501,
      duplicates: 0,
      expired: 0,
      dead_lettered: 0,
      pending: 0,
    });
  });

  it('is counted in the series that the dashboards are checked against', async () => {
    const service = await runningService(root, environment);
    await send(service, lines(0, 10));
    await until('everything shipped', async () => (await state(service)).delivered === 10);
    const seriesIn = (metrics: string) => (metrics.match(/^logging_sink_\w+(?:\{.*\})?(?= )/gm) ?? []).sort();
    const told = await (await fetch(`${service.ingestUrl}/metrics`)).text();
    expect(seriesIn(told)).toEqual(seriesIn(await readFile(RECORDED, 'utf8')));
  });

  it('is waited for through refusals, outages and lost answers; nothing is lost or there twice', async () => {
    elasticsearch.faults.push(503, 'reset', 'reset-after-taking');
    const service = await runningService(root, environment);
    await send(service, lines(0, 300));
    await until(
      'everything shipped',
      async () => messages().length === 300 && (await state(service)).pending === 0,
    );
    expect(new Set(messages()).size).toBe(300);
    const { delivered, duplicates } = await state(service);
    expect(delivered + duplicates).toBe(300);
    expect(duplicates).toBeGreaterThan(0);
  });

  it('keeps nobody from sending while it is away, and says so', async () => {
    const service = await runningService(root, {
      ...environment,
      LOGGING_ELASTICSEARCH_URL: 'http://127.0.0.1:9',
    });
    expect((await send(service, lines(0, 10))).status).toBe(202);
    await everythingStored(service);
    await until('the failure noticed', () => service.pipeline.shipper?.lastError !== undefined);
    const ready = await fetch(`${service.ingestUrl}/readyz`);
    expect(ready.status).toBe(200);
    expect(((await ready.json()) as { checks: Record<string, string> }).checks.elasticsearch).not.toBe('ok');
    const metrics = await (await fetch(`${service.ingestUrl}/metrics`)).text();
    // Its outage is its own: nothing that this service failed at.
    expect(metrics).toMatch(/^logging_sink_retries_total [1-9]/m);
    expect(metrics.match(/^logging_errors_total.*$/gm)?.filter((line) => !line.endsWith(' 0'))).toEqual([]);
    expect(metrics).toMatch(/^logging_sink_backlog_events \d+$/m);
    expect(metrics).toMatch(/^logging_books_difference 0$/m);
    await service.stop();
    const again = await runningService(root, environment);
    await until('everything shipped', async () => (await state(again)).delivered === 10);
    expect(new Set(messages()).size).toBe(10);
  });

  it('is waited for when its TLS cannot be spoken', async () => {
    const broken = {
      ...environment,
      LOGGING_ELASTICSEARCH_URL: elasticsearch.url.replace('http:', 'https:'),
    };
    const service = await runningService(root, broken);
    expect((await send(service, lines(0, 10))).status).toBe(202);
    await until('the failure noticed', () => service.pipeline.shipper?.lastError !== undefined);
    expect(service.pipeline.shipper?.lastError?.message).toMatch(/ssl|tls|wrong version/i);
    await service.stop();
    const again = await runningService(root, environment);
    await until('everything shipped', async () => (await state(again)).delivered === 10);
  });

  it('loses and repeats nothing when the service restarts between two requests', async () => {
    const first = await runningService(root, environment);
    await send(first, lines(0, 100));
    await until('the first shipped', async () => (await state(first)).delivered === 100);
    await first.stop();
    const second = await runningService(root, environment);
    await send(second, lines(100, 100));
    await until('the second shipped', async () => (await state(second)).delivered === 200);
    expect(messages()).toEqual(Array.from({ length: 200 }, (_, n) => `event ${n}`));
  });

  it('gets again only what it could not take at the moment', async () => {
    let busy = 3;
    elasticsearch.judge = ({ message }) =>
      message === 'event 5' && busy-- > 0
        ? { status: 429, error: { type: 'es_rejected_execution_exception', reason: 'queue is full' } }
        : undefined;
    const service = await runningService(root, environment);
    await send(service, lines(0, 20));
    await until('everything shipped', async () => (await state(service)).delivered === 20);
    expect(elasticsearch.requests.slice(1).every(({ count }) => count === 1)).toBe(true);
  });

  it('waits for a disk that is nearly full instead of giving its events up', async () => {
    let isFull = true;
    elasticsearch.judge = () =>
      isFull
        ? {
            status: 403,
            error: { type: 'cluster_block_exception', reason: 'index [x] blocked by: flood-stage watermark' },
          }
        : undefined;
    const service = await runningService(root, environment);
    await send(service, lines(0, 5));
    await until(
      'the block noticed',
      () => service.pipeline.shipper?.lastError?.message.includes('flood-stage') === true,
    );
    isFull = false;
    await until('everything shipped', async () => (await state(service)).delivered === 5);
  });

  it('leaves what it refuses as dead letters with the reason, the others through, and takes them when asked again', async () => {
    elasticsearch.judge = ({ message }) =>
      message === 'event 3'
        ? {
            status: 400,
            error: { type: 'document_parsing_exception', reason: 'object mapping tried to parse' },
          }
        : undefined;
    const service = await runningService(root, environment);
    await send(service, lines(0, 10));
    await until('the others shipped', async () => (await state(service)).delivered === 9);
    const { json } = await ask(service, '/api/v1/dead-letters?destination=elasticsearch');
    expect(json.totals).toEqual({ store: 0, elasticsearch: 1 });
    expect(json.dead_letters[0].reason).toContain('object mapping tried to parse');
    expect((await replay(service, { destination: 'elasticsearch' })).json).toMatchObject({
      tried: 1,
      taken: 0,
    });
    elasticsearch.judge = () => undefined;
    expect((await replay(service, { destination: 'elasticsearch' })).json).toEqual({
      tried: 1,
      taken: 1,
      reasons: [],
    });
    expect(await state(service)).toMatchObject({ delivered: 10, dead_lettered: 0, pending: 0 });
    expect(messages()).toContain('event 3');
  });

  it('takes a dead letter once where two ask for it at the same time', async () => {
    elasticsearch.judge = ({ message }) =>
      message === 'event 3' ? { status: 400, error: { type: 'odd', reason: 'refused' } } : undefined;
    const service = await runningService(root, environment);
    await send(service, lines(0, 10));
    await until('the others shipped', async () => (await state(service)).delivered === 9);
    elasticsearch.judge = () => undefined;
    const both = await Promise.all([1, 2].map(() => replay(service, { destination: 'elasticsearch' })));
    expect(both.map(({ status }) => status)).toEqual([200, 200]);
    expect(await state(service)).toMatchObject({ delivered: 10, dead_lettered: 0, pending: 0 });
  });

  it('gets no line of a bulk request from what an event says', async () => {
    const service = await runningService(root, environment);
    const forged = {
      time: '2026-11-23T17:59:33Z',
      message: 'x"}\n{"delete":{"_index":"*"}}\n',
      _index: '../_all',
      _id: '_bulk',
      service: 'a\nb',
    };
    await send(service, JSON.stringify(forged));
    await until('it shipped', async () => (await state(service)).delivered === 1);
    expect(elasticsearch.documents).toHaveLength(1);
    expect(elasticsearch.documents[0]?.id).toMatch(/^[0-9a-f]{16}$/);
    expect(elasticsearch.documents[0]?.index).toBe('logs-apictl.service-default');
  });

  it('is offered everything again with the right password after it was refused with a wrong one', async () => {
    await writeFile(join(root, 'password'), 'not-the-password-of-it');
    const service = await runningService(root, environment);
    await send(service, lines(0, 3));
    await until('the refusal noticed', () => service.pipeline.shipper?.lastError !== undefined);
    expect(service.pipeline.shipper?.lastError?.message).not.toContain('not-the-password');
    await service.stop();
    await writeFile(join(root, 'password'), PASSWORD);
    const again = await runningService(root, environment);
    await until('everything shipped', async () => (await state(again)).delivered === 3);
  });
});
