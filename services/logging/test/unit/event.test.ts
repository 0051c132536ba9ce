import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { alertIdentity, describeAlert, splitNotification } from '../../src/event/alert.ts';
import { parseJson } from '../../src/event/json.ts';
import { describeKong, isKongRecord } from '../../src/event/kong.ts';
import { claimedSource, describeLog } from '../../src/event/log.ts';
import type { JsonObject } from '../../src/event/model.ts';
import { formatTimestampUs, isPlausible, parseTimestampUs } from '../../src/event/timestamp.ts';
import { entry, intake, throughTheBuffer } from '../support/intakes.ts';

const kong = readFileSync(new URL('../fixtures/kong-access.ndjson', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as JsonObject);

describe('events', () => {
  it('reads what Kong says about a request', () => {
    expect(isKongRecord(kong[0] ?? {})).toBe(true);
    expect(describeKong(kong[0] ?? {})).toMatchObject({
      timestampUs: 1_795_456_773_499_000,
      timestampRaw: '1795456773499',
      source: 'kong',
      kind: 'access',
      service: 'backend',
      route: 'api',
      method: 'GET',
      path: '/api/items',
      status: 200,
      durationMs: 2,
      upstreamMs: 2,
      gatewayMs: 0,
      client: '127.0.0.1',
      requestId: '68f7f556-d640-4f32-8b36-933d25febcd7#1',
      severityText: 'INFO',
    });
  });

  it('reads a consumer, a refusal by the gateway and a request without a route', () => {
    expect(describeKong(kong[3] ?? {}).consumer).toBe('partner');
    const refused = describeKong(kong[5] ?? {});
    expect(refused).toMatchObject({ status: 401, severityText: 'WARN', upstreamMs: null });
    expect(refused.requestId).toBe('68f7f556-d640-4f32-8b36-933d25febcd7#5');
    expect(describeKong(kong[6] ?? {})).toMatchObject({ status: 404, route: null, service: null });
    expect(describeKong(kong[1] ?? {}).severityText).toBe('ERROR');
  });

  it('reads a backend record and takes the file for its source, not the text in it', () => {
    const record = {
      timestamp: '2026-11-23T17:59:33.499Z',
      level: 'warning',
      message: 'slow',
      service: 'backend',
      instance: 'kong',
      request_id: 'r-1',
      trace_id: 't-1',
    };
    expect(describeLog(record, 'backend-2')).toMatchObject({
      source: 'backend-2',
      service: 'backend',
      severityText: 'WARN',
      severityNumber: 13,
      body: 'slow',
      requestId: 'r-1',
      traceId: 't-1',
      kind: 'log',
    });
    expect(claimedSource({ source: '../x\n"y' })).toBe('.._x_y');
  });

  it('reads OpenTelemetry names, flat or nested', () => {
    const flat = {
      'service.name': 's',
      'http.response.status_code': 503,
      body: { stringValue: 'b' },
      severityNumber: 18,
    };
    expect(describeLog(flat, 'http')).toMatchObject({
      service: 's',
      status: 503,
      body: 'b',
      severityNumber: 18,
    });
    const nested = { service: { name: 's' }, http: { response: { status_code: '404' } } };
    expect(describeLog(nested, 'http')).toMatchObject({
      service: 's',
      status: 404,
      severityText: 'WARN',
    });
  });

  it('reads times in the forms that loggers use', () => {
    const expected = Date.UTC(2026, 10, 23, 17, 59, 33, 499) * 1000;
    for (const text of [
      '2026-11-23T17:59:33.499Z',
      '2026-11-23T18:59:33.499+01:00',
      '2026-11-23 17:59:33,499',
      '2026-11-23T17:59:33.499000000Z',
      1795456773499,
      1795456773.499,
      '1795456773499000000',
    ]) {
      expect(parseTimestampUs(text), String(text)).toBe(expected);
    }
    expect(parseTimestampUs('2026-11-23T17:59:33.499123Z')).toBe(expected + 123);
    expect(formatTimestampUs(expected + 123)).toBe('2026-11-23T17:59:33.499123Z');
  });

  it('takes nothing for a time that is none, and believes no absurd one', () => {
    for (const text of ['2026-W47-1', 'yesterday', '', {}, null, Number.NaN, '2026-13-45T00:00:00Z']) {
      expect(parseTimestampUs(text)).toBeUndefined();
    }
    const nowUs = Date.UTC(2026, 10, 23) * 1000;
    expect(isPlausible(0, nowUs)).toBe(false);
    expect(isPlausible(Date.UTC(2099, 0, 1) * 1000, nowUs)).toBe(false);
    const odd = entry({ time: '1970-01-01T00:00:00Z' }, nowUs).event;
    expect(odd).toMatchObject({ timestampUs: nowUs, timestampRaw: '1970-01-01T00:00:00Z' });
  });

  it('alters no number that a double cannot hold', () => {
    expect(
      parseJson('{"a":9007199254740993,"b":1e400,"c":1.5,"d":"9007199254740993","e":[12345678901234567890]}'),
    ).toEqual({
      a: '9007199254740993',
      b: '1e400',
      c: 1.5,
      d: '9007199254740993',
      e: ['12345678901234567890'],
    });
    expect(() => parseJson('{"a":9007199254740993')).toThrow(SyntaxError);
  });

  it('gives the same record the same id, other records and other occurrences others', () => {
    const record = { time: '2026-11-23T17:59:33Z', message: 'm' };
    expect(entry(record).event.id).toBe(entry(record).event.id);
    expect(entry(record).event.id).not.toBe(entry({ ...record, message: 'n' }).event.id);
    expect(entry(record).redeliverable).toBe(true);
  });

  it('survives the way through the buffer, record text and odd characters included', () => {
    const before = intake({ message: 'a\u0000b\n\u2028\u202e\ud800 ü', nested: { list: [1, null] } });
    expect(throughTheBuffer(before)).toEqual(before);
    const position = { key: 'k', path: '/p/ü', generation: 2, end: 77 };
    const line = { ...before, channel: 'file', position, notes: { 'log.unparsable': 'not JSON' } } as const;
    expect(throughTheBuffer(line)).toEqual(line);
  });

  it('makes one event of a firing alert however often it is repeated', () => {
    const body = {
      version: '4',
      receiver: 'logging',
      alerts: [
        {
          status: 'firing',
          labels: { alertname: 'GatewayErrors', severity: 'critical' },
          annotations: { summary: 'too many 5xx' },
          startsAt: '2026-11-23T18:00:00Z',
          endsAt: '0001-01-01T00:00:00Z',
          fingerprint: 'f1',
        },
      ],
    };
    const [alert] = splitNotification(body);
    expect(describeAlert(alert ?? {})).toMatchObject({
      body: 'GatewayErrors firing: too many 5xx',
      severityText: 'FATAL',
      source: 'alertmanager',
    });
    expect(alertIdentity(alert ?? {})).toBe(alertIdentity({ ...alert, receiver: 'x' }));
    expect(alertIdentity(alert ?? {})).not.toBe(alertIdentity({ ...alert, status: 'resolved' }));
    expect(() => splitNotification({ alerts: [{ status: 'firing' }] })).toThrow(/alert 1 has no labels/);
  });
});
