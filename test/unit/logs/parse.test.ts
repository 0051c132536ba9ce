import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { logDocument, logDocumentSchema } from '../../../src/logs/document.ts';
import { parseLine } from '../../../src/logs/parse.ts';
import { at } from '../../fakes/log-engine.ts';

const accessRecords = readFileSync(
  new URL('../../fixtures/kong/samples/file-log.ndjson', import.meta.url),
  'utf8',
).trimEnd();

describe('a line of', () => {
  it.each([
    [
      'a Django backend',
      '{"timestamp":"2026-11-26T08:00:00.000Z","level":"info","logger":"backend.request","message":"GET /api/items 200","service":"backend","instance":"backend-1","version":"1","request_id":"r-1","method":"GET","status":200,"duration_ms":1.5,"query":""}',
      {
        level: 'info',
        message: 'GET /api/items 200',
        requestId: 'r-1',
        fields: { logger: 'backend.request', method: 'GET', status: '200', duration_ms: '1.5' },
      },
    ],
    [
      'the development gateway and the logging service',
      '{"time":"2026-11-26T08:00:00.000Z","level":"warn","message":"slow","target":"backend-1:8000"}',
      { level: 'warn', message: 'slow', fields: { target: 'backend-1:8000' } },
    ],
    [
      'Elasticsearch',
      '{"@timestamp":"2026-11-26T08:00:00.000Z","log.level":"ERROR","message":"boom","ecs.version":"1.2.0","log.logger":"o.e.n.Node","error.type":"java.lang.X","error.stack_trace":"java.lang.X\\n\\tat a.b(C.java:1)"}',
      { level: 'error', message: 'boom', stack: ['java.lang.X', '\tat a.b(C.java:1)'] },
    ],
    [
      'Prometheus',
      'time=2026-11-26T08:00:00.000Z level=ERROR source=main.go:600 msg="Error \\"loading\\" config" component=web',
      {
        level: 'error',
        message: 'Error "loading" config',
        fields: { source: 'main.go:600', component: 'web' },
      },
    ],
    [
      'Grafana',
      'logger=settings t=2026-11-26T08:00:00Z level=warn msg="no key" path=/etc',
      { level: 'warn', message: 'no key', fields: { logger: 'settings', path: '/etc' } },
    ],
    [
      'PostgreSQL',
      '2026-11-26 08:00:00.123 UTC [31] FATAL:  password authentication failed for user "kong"',
      {
        level: 'fatal',
        message: 'password authentication failed for user "kong"',
        fields: { pid: '31' },
      },
    ],
    [
      'PostgreSQL that goes on',
      '2026-11-26 08:00:00.123 UTC [31] DETAIL:  Role "kong" does not exist.',
      { level: null, isContinuation: true },
    ],
    [
      'Kong’s error log',
      '2026/11/26 08:00:00 [error] 7#0: *12 connect() failed, client: 1.2.3.4, request_id: "r-2"',
      { level: 'error', message: 'connect() failed, client: 1.2.3.4, request_id: "r-2"', requestId: 'r-2' },
    ],
    [
      'Kong’s access log',
      '172.18.0.1 - - [26/Nov/2026:08:00:00 +0000] "GET /api/x HTTP/1.1" 503 12 "-" "curl/8" kong_request_id: "r-3"',
      {
        level: 'error',
        message: 'GET /api/x 503',
        requestId: 'r-3',
        fields: { client: '172.18.0.1', bytes: '12' },
      },
    ],
    ['Kibana', '[2026-11-26T08:00:00.000+00:00][WARN ][plugins.x] no', { level: 'warn' }],
    ['a shell', 'panic: assignment to entry in nil map', { level: 'fatal' }],
    ['text that says no level', 'an error occurred', { level: null, message: 'an error occurred' }],
    ['half a record', '{"level":"error"', { level: null, message: '{"level":"error"' }],
    ['a record of a hostile sender', '{"__proto__":{"level":"error"},"constructor":"x"}', { level: null }],
  ])('%s', (_, text, expected) => {
    expect(parseLine(text)).toMatchObject(expected);
  });

  it('a record of the gateway, as the real Kong 3.8.1 wrote it', () => {
    const [first = ''] = accessRecords.split('\n');
    expect(parseLine(first)).toMatchObject({
      level: 'info',
      message: 'GET /api/items?limit=10&q=caf%C3%A9 200',
      requestId: '68f7f556-d640-4f32-8b36-933d25febcd7#1',
      fields: { route: 'api', target: '127.0.0.1:19203' },
    });
  });
});

describe('the document of a line', () => {
  it.each([...accessRecords.split('\n'), 'plain', '{"level":3}', ''])('has its documented shape', (text) => {
    const line = { service: 'kong', container: 'c', stream: 'stderr', timestamp: at(1), text } as const;
    const document = logDocument(line);
    expect(logDocumentSchema.parse(document)).toEqual(document);
    expect(document).toMatchObject({ time: at(1), stream: 'stderr', text });
  });
});
