import protobuf from 'protobufjs';
import { beforeEach, describe, expect, it } from 'vitest';
import { recordsFromOtlp } from '../../src/ingest/otlp.ts';
import { LogsRequest } from '../../src/ingest/otlp-schema.ts';
import type { Service } from '../../src/service.ts';
import { ask, everythingStored, post, runningService, scratchDirectory } from '../support/scratch.ts';

const TRACE = '5b8efff798038103d269b633813fc60c';
const SPAN = 'eee19b7ec3c1b174';
const text = (key: string, stringValue: string) => ({ key, value: { stringValue } });

/** The JSON of OpenTelemetry's own examples, with what else an SDK sends. */
const REQUEST = {
  resourceLogs: [
    {
      resource: { attributes: [text('service.name', 'shop'), text('service.instance.id', 'shop-7')] },
      scopeLogs: [
        {
          scope: { name: 'my.library' },
          logRecords: [
            {
              timeUnixNano: '1795456773499123456',
              severityNumber: 17,
              severityText: 'Error',
              traceId: TRACE,
              spanId: SPAN,
              body: { stringValue: 'payment failed' },
              attributes: [
                text('http.route', '/pay'),
                { key: 'http.response.status_code', value: { intValue: '502' } },
                { key: 'big', value: { intValue: '9007199254740993' } },
                {
                  key: 'items',
                  value: { arrayValue: { values: [{ boolValue: true }, { doubleValue: 1.5 }] } },
                },
                { key: 'nested', value: { kvlistValue: { values: [text('password', 'hunter2')] } } },
              ],
            },
            { observedTimeUnixNano: '1795456773500000000', body: { stringValue: 'second' } },
          ],
        },
      ],
    },
  ],
};

/** The same request as protobuf: ids are bytes there. */
function protobufOf(request: typeof REQUEST): Uint8Array<ArrayBuffer> {
  const copy = structuredClone(request) as unknown as {
    resourceLogs: { scopeLogs: { logRecords: Record<string, unknown>[] }[] }[];
  };
  for (const record of copy.resourceLogs.flatMap(({ scopeLogs }) =>
    scopeLogs.flatMap(({ logRecords }) => logRecords),
  )) {
    for (const name of ['traceId', 'spanId']) {
      if (typeof record[name] === 'string') record[name] = Buffer.from(record[name], 'hex');
    }
  }
  return new Uint8Array(LogsRequest.encode(LogsRequest.fromObject(copy)).finish());
}

describe('OTLP logs', () => {
  let service: Service;
  const send = (body: string | Uint8Array<ArrayBuffer>, type: string) =>
    post(`${service.ingestUrl}/v1/logs`, body, { 'content-type': type });

  beforeEach(async () => {
    service = await runningService(await scratchDirectory());
  });

  it.each([
    ['JSON', JSON.stringify(REQUEST), 'application/json'],
    ['protobuf', protobufOf(REQUEST), 'application/x-protobuf'],
  ])('arrive as %s with everything that they say', async (_name, body, type) => {
    const answer = await send(body, type);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toContain(type);
    await everythingStored(service);
    const { json } = await ask(service, '/api/v1/events?service=shop&order=asc');
    expect(json.events).toHaveLength(2);
    expect(json.events[0]).toMatchObject({
      timestamp: '2026-11-23T17:59:33.499123Z',
      timestamp_raw: '1795456773499123456',
      severity_text: 'ERROR',
      body: 'payment failed',
      source: 'shop-7',
      channel: 'otlp',
      trace_id: TRACE,
      span_id: SPAN,
      'http.route': '/pay',
      'http.response.status_code': 502,
      attributes: {
        big: '9007199254740993',
        items: [true, 1.5],
        nested: { password: '[masked]' },
        'otel.scope.name': 'my.library',
      },
    });
  });

  it('are stored once when an exporter sends them again', async () => {
    await send(JSON.stringify(REQUEST), 'application/json');
    await everythingStored(service);
    await send(JSON.stringify(REQUEST), 'application/json');
    await everythingStored(service);
    expect((await ask(service, '/api/v1/pipeline')).json).toMatchObject({
      accepted: 4,
      stored: 2,
      duplicates: 2,
    });
  });

  it.each([
    ['bytes that are no protobuf', Buffer.from('ffffffffffff', 'hex'), 'application/x-protobuf'],
    ['half a message', protobufOf(REQUEST).subarray(0, 60), 'application/x-protobuf'],
    ['a list where an object belongs', '[]', 'application/json'],
    ['text where a list belongs', '{"resourceLogs":"x"}', 'application/json'],
    ['a resource that is none', '{"resourceLogs":[{"resource":1}]}', 'application/json'],
  ])('are refused as %s', async (_name, body, type) => {
    const { status, json } = await send(typeof body === 'string' ? body : new Uint8Array(body), type);
    expect(status).toBe(400);
    expect(json.error.code).toBe('BAD_OTLP');
  });

  it('are refused when their values are nested without end', async () => {
    let value: object = { stringValue: 'x' };
    for (let level = 0; level < 500; level += 1) value = { arrayValue: { values: [value] } };
    const request = { resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: value }] }] }] };
    expect((await send(JSON.stringify(request), 'application/json')).status).toBe(400);
    const field = (number: number, inner: Uint8Array) =>
      protobuf.Writer.create()
        .uint32(number * 8 + 2)
        .bytes(inner)
        .finish();
    let bytes = field(1, Buffer.from('x'));
    for (let level = 0; level < 500; level += 1) bytes = field(5, field(1, bytes));
    const nested = field(1, field(2, field(2, field(5, bytes))));
    expect((await send(new Uint8Array(nested), 'application/x-protobuf')).status).toBe(400);
  });

  it('change no prototype', () => {
    const attributes = [text('__proto__', 'polluted'), text('constructor', 'c')];
    const [first] = recordsFromOtlp({ resourceLogs: [{ scopeLogs: [{ logRecords: [{ attributes }] }] }] });
    expect(Object.getPrototypeOf(first?.record)).toBe(Object.prototype);
    expect(Object.hasOwn(first?.record ?? {}, '__proto__')).toBe(true);
  });
});
