import { beforeEach, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { pipelineDocument } from '../../src/manage/routes.ts';
import { queryEndpoints } from '../../src/query/endpoints.ts';
import { searchTerms } from '../../src/query/terms.ts';
import type { Service } from '../../src/service.ts';
import { ask, everythingStored, post, runningService, scratchDirectory, TOKEN } from '../support/scratch.ts';

const endpoints = queryEndpoints(Date.now);

/** Asks, and holds the answer against the schema that describes it. */
async function answer<S extends z.ZodType>(service: Service, path: string, schema: S): Promise<z.output<S>> {
  const { status, json } = await ask(service, path);
  expect(status, JSON.stringify(json)).toBe(200);
  return schema.parse(json);
}

const access = (route: string, status: number, request: number, seconds: number) => ({
  started_at: Date.now() - seconds * 1000,
  client_ip: '10.0.0.1',
  request: { method: 'GET', uri: `/api/${route}?x=1`, headers: { 'x-request-id': `r-${route}-${status}` } },
  response: { status },
  latencies: { request, proxy: request - 1, kong: 1 },
  service: { name: 'backend' },
  route: { name: route },
  consumer: { username: 'partner' },
});

describe('the query API', () => {
  let service: Service;
  const find = async (query: string): Promise<string[]> => {
    const found = await answer(
      service,
      `/api/v1/events?order=asc&${query}`,
      endpoints.search.answer as z.ZodType<{ events: { body: string }[] }>,
    );
    return found.events.map(({ body }) => body);
  };

  beforeEach(async () => {
    service = await runningService(await scratchDirectory());
    const kong = [access('api', 200, 10, 50), access('api', 500, 30, 40), access('partner', 404, 5, 30)];
    await post(`${service.ingestUrl}/v1/kong`, JSON.stringify(kong), { 'content-type': 'application/json' });
    const time = (seconds: number) => new Date(Date.now() - seconds * 1000).toISOString();
    const logs = [
      {
        time: time(20),
        level: 'info',
        message: 'Order 17 placed by ALICE',
        service: 'shop',
        order: { state: 'new', 'a.b': 1 },
      },
      {
        time: time(19),
        level: 'warn',
        message: 'Order 18 is late',
        service: 'shop',
        'http.route': '/orders',
      },
      {
        time: time(18),
        level: 'error',
        message: '100%_sure "quoted" \\ back',
        service: 'shop',
        trace_id: 't-1',
      },
    ];
    await post(`${service.ingestUrl}/v1/events`, logs.map((log) => JSON.stringify(log)).join('\n'));
    await everythingStored(service);
  });

  it('finds by words, phrases and their absence, whatever the case', async () => {
    expect(await find('q=alice')).toEqual(['Order 17 placed by ALICE']);
    expect(await find('q=order+-alice')).toEqual(['Order 18 is late']);
    expect(await find('q=%22order+18%22')).toEqual(['Order 18 is late']);
    expect(await find('q=%22order+late%22')).toEqual([]);
    expect(await find(`q=${encodeURIComponent('100%_sure')}`)).toHaveLength(1);
    expect(await find(`q=${encodeURIComponent('\\')}`)).toHaveLength(1);
    expect(await find(`q=${encodeURIComponent("' OR 1=1 --")}`)).toEqual([]);
  });

  it('finds by fields', async () => {
    expect(await find('kind=access&status=5xx')).toEqual(['GET /api/api 500 30 ms']);
    expect(await find('status=404,500')).toHaveLength(2);
    expect(await find('route=api&route=partner')).toHaveLength(3);
    expect(await find('service=shop&level=warn')).toHaveLength(2);
    expect(await find('consumer=partner&method=GET&path=/api/partner')).toHaveLength(1);
    expect(await find('request_id=r-api-500')).toHaveLength(1);
    expect(await find('trace_id=t-1')).toHaveLength(1);
    expect(await find('attribute=order.state%3Dnew')).toHaveLength(1);
    expect(await find('attribute=http.route%3D/orders')).toHaveLength(1);
    expect(await find('attribute=order.state%3Dold')).toEqual([]);
  });

  it('finds by time, page by page, in both directions', async () => {
    expect(await find('since=25s')).toHaveLength(3);
    expect(await find('until=25s')).toHaveLength(3);
    const schema = endpoints.search.answer as z.ZodType<{
      events: { id: string }[];
      next_cursor: string | null;
    }>;
    for (const order of ['asc', 'desc']) {
      const ids: string[] = [];
      let cursor: string | null = '';
      while (cursor !== null) {
        const page: { events: { id: string }[]; next_cursor: string | null } = await answer(
          service,
          `/api/v1/events?limit=2&order=${order}${cursor === '' ? '' : `&cursor=${cursor}`}`,
          schema,
        );
        ids.push(...page.events.map(({ id }) => id));
        cursor = page.next_cursor;
      }
      expect(new Set(ids).size).toBe(6);
    }
  });

  it('shows one event with the names of the semantic conventions and the raw time', async () => {
    const { json } = await ask(service, '/api/v1/events?request_id=r-api-500');
    const [event] = json.events;
    const one = (await answer(
      service,
      `/api/v1/events/${event.id}`,
      endpoints.event.answer as z.ZodType,
    )) as object;
    expect(one).toEqual(event);
    expect(one).toMatchObject({
      'http.request.method': 'GET',
      'http.response.status_code': 500,
      'http.route': 'api',
      'service.name': 'backend',
      'user.name': 'partner',
      'url.path': '/api/api',
      'client.address': '10.0.0.1',
      duration_ms: 30,
      timestamp_raw: expect.stringMatching(/^\d{13}$/),
    });
    expect((await ask(service, '/api/v1/events/0000000000000000')).status).toBe(404);
    expect((await ask(service, '/api/v1/events/..%2f..%2fetc')).status).toBe(400);
  });

  it('counts over time, empty stretches included', async () => {
    const histogram = await answer(
      service,
      '/api/v1/histogram?since=60s&buckets=6',
      endpoints.histogram.answer as z.ZodType,
    );
    const { buckets } = histogram as {
      buckets: { events: number; requests: number; duration_ms: object | null }[];
    };
    expect(buckets).toHaveLength(6);
    expect(buckets.reduce((sum, { events }) => sum + events, 0)).toBe(6);
    expect(buckets.reduce((sum, { requests }) => sum + requests, 0)).toBe(3);
    expect(buckets.some(({ events }) => events === 0)).toBe(true);
    expect(buckets.find(({ requests }) => requests > 0)?.duration_ms).toMatchObject({
      p50: expect.any(Number),
    });
  });

  it('tells rates, error rates and percentiles for each route', async () => {
    const stats = (await answer(
      service,
      '/api/v1/stats?since=100s',
      endpoints.stats.answer as z.ZodType,
    )) as {
      routes: Record<string, unknown>[];
      sources: Record<string, unknown>[];
    };
    expect(stats.routes.find((route) => route['http.route'] === 'api')).toMatchObject({
      requests: 2,
      server_errors: 1,
      error_rate: 0.5,
      requests_per_second: expect.closeTo(0.02, 3),
    });
    expect(stats.sources).toContainEqual(
      expect.objectContaining({ source: 'kong', kind: 'access', events: 3 }),
    );
  });

  it('lists the values of a field and the most frequent messages', async () => {
    const values = await answer(service, '/api/v1/values?field=level', endpoints.values.answer as z.ZodType);
    expect(values).toEqual({
      values: [
        { value: 'ERROR', events: 2 },
        { value: 'INFO', events: 2 },
        { value: 'WARN', events: 2 },
      ],
    });
    const { messages } = (await answer(
      service,
      '/api/v1/messages?kind=log',
      endpoints.messages.answer as z.ZodType,
    )) as {
      messages: { message: string }[];
    };
    expect(messages.map(({ message }) => message)).toContain('Order # is late');
  });

  it.each([
    'limit=0',
    'limit=1e9',
    'limit=2000',
    'since=yesterday',
    'level=loud',
    'status=999x',
    'cursor=made-up',
    'nonsense=1',
    'kind=other',
    'attribute=nothing',
    `q=${'x'.repeat(501)}`,
    `${Array.from({ length: 21 }, () => 'route=a').join('&')}`,
  ])('refuses the query %s', async (query) => {
    const { status, json } = await ask(service, `/api/v1/events?${query}`);
    expect(status).toBe(400);
    expect(json.error.code).toBe('BAD_QUERY');
  });

  it('names every mistake of a query at once', async () => {
    const { json } = await ask(service, '/api/v1/events?limit=0&level=loud&nonsense=1');
    expect(json.error.message).toMatch(/level.*limit.*nonsense/s);
  });

  it('streams what is stored from now on, through the same filters, and goes on after an id', async () => {
    const leave = new AbortController();
    const headers = { authorization: `Bearer ${TOKEN}` };
    const open = (more: Record<string, string>) =>
      fetch(`${service.adminUrl}/api/v1/tail?service=shop&level=error`, {
        headers: { ...headers, ...more },
        signal: leave.signal,
      });
    const read = async (response: Response, until: RegExp): Promise<string> => {
      const reader = (response.body as ReadableStream<Uint8Array>).getReader();
      let text = '';
      while (!until.test(text)) text += Buffer.from((await reader.read()).value ?? []).toString();
      return text;
    };
    const live = await open({});
    expect(live.headers.get('content-type')).toBe('text/event-stream');
    const lines = ['info', 'error'].map((level) =>
      JSON.stringify({ level, service: 'shop', message: `live ${level}` }),
    );
    await post(`${service.ingestUrl}/v1/events`, lines.join('\n'));
    const text = await read(live, /live error/);
    expect(text).not.toContain('live info');
    expect(text).not.toContain('quoted');
    const again = await read(await open({ 'last-event-id': '0' }), /live error/);
    expect(again).toContain('quoted');
    leave.abort();
  });

  it('describes itself: every path, its parameters and answers', async () => {
    const { json } = await ask(service, '/api/v1/openapi.json');
    expect(json.openapi).toBe('3.1.0');
    expect(Object.keys(json.paths)).toEqual(
      expect.arrayContaining([
        '/api/v1/session',
        '/api/v1/events',
        '/api/v1/events/{id}',
        '/api/v1/tail',
        '/api/v1/settings/retention',
      ]),
    );
    const { parameters, responses } = json.paths['/api/v1/events'].get;
    expect(parameters.map((parameter: { name: string }) => parameter.name)).toEqual(
      expect.arrayContaining(['q', 'since', 'status', 'limit', 'cursor']),
    );
    expect(parameters.find((parameter: { name: string }) => parameter.name === 'limit').schema.default).toBe(
      '100',
    );
    const event = responses[200].content['application/json'].schema.properties.events.items;
    expect(Object.keys(event.properties)).toContain('http.response.status_code');
    expect(json.paths['/api/v1/session'].post.security).toEqual([]);
  });

  it('shows books that balance', async () => {
    const state = await answer(service, '/api/v1/pipeline', pipelineDocument);
    expect(state.accepted).toBe(6);
    expect(state.stored + state.duplicates + state.dead_lettered + state.quarantined + state.buffered).toBe(
      6,
    );
  });
});

describe('search terms', () => {
  it('are words, phrases and exclusions', () => {
    expect(searchTerms('One "two three" -four -"five six"')).toEqual([
      { text: 'one', isExcluded: false },
      { text: 'two three', isExcluded: false },
      { text: 'four', isExcluded: true },
      { text: 'five six', isExcluded: true },
    ]);
  });
});
