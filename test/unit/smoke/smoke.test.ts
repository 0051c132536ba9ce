import { describe, expect, it } from 'vitest';
import { ApictlError, EXIT } from '../../../src/core/errors.ts';
import type { HttpRequest, HttpResponse } from '../../../src/core/ports/http.ts';
import { Secret } from '../../../src/core/secret.ts';
import { SAMPLE, type SmokeInput } from '../../../src/smoke/model.ts';
import { smoke } from '../../../src/smoke/run.ts';
import { fakeClock } from '../../fakes/fake-clock.ts';

const BACKENDS = ['backend-1', 'backend-2', 'backend-3'];
const KEY = 'the-key-of-the-partner';
const TOKEN = 'the-token-of-the-log';

const URLS = {
  proxy: 'http://127.0.0.1:8000',
  proxyTls: 'https://127.0.0.1:8443',
  admin: 'http://127.0.0.1:8001',
  logging: 'http://127.0.0.1:8003',
  prometheus: 'http://127.0.0.1:9090',
  alertmanager: 'http://127.0.0.1:9093',
};

type Override = (request: HttpRequest, url: URL) => Partial<HttpResponse> | undefined;

/** A stack that is well, except for what a test overrides. */
function stack(override: Override = () => undefined) {
  const requests: HttpRequest[] = [];
  const logged: string[] = [];
  let turn = 0;
  let made = 0;
  const json = (body: unknown, status = 200, headers: Record<string, string> = {}) => ({
    status,
    headers,
    body: JSON.stringify(body),
  });
  const well = (request: HttpRequest, url: URL): Partial<HttpResponse> => {
    const { port, pathname } = url;
    if (port === '8000' || port === '8443') {
      if (port === '8443' && request.ca !== 'THE CA') {
        throw new ApictlError({
          code: 'HTTP_UNREACHABLE',
          exitCode: EXIT.unhealthy,
          message: 'not signed by a trusted authority',
        });
      }
      made += 1;
      const id = request.headers?.['x-request-id'] ?? `made-${made}`;
      if (pathname.startsWith('/partner') && request.headers?.apikey !== KEY) return json({}, 401);
      logged.push(id);
      turn += 1;
      return json({ instance: BACKENDS[turn % BACKENDS.length], requestId: id }, 200, {
        'x-request-id': id,
        'x-ratelimit-limit-minute': '6000',
      });
    }
    if (port === '8001') {
      return {
        status: 200,
        body: 'kong_http_requests_total 1\nkong_upstream_target_health 1\nkong_request_latency_ms 1',
      };
    }
    if (port === '8003') {
      if (request.headers?.authorization !== `Bearer ${TOKEN}`) return json({}, 401);
      const id = url.searchParams.get('request_id') ?? '';
      return json({ events: logged.includes(id) ? [{ kind: 'access' }, { kind: 'log' }] : [] });
    }
    if (pathname === '/api/v1/targets') {
      const activeTargets = [
        { health: 'up', scrapeUrl: 'x', lastError: '', labels: { job: 'kong', instance: 'kong:8100' } },
      ];
      return json({ data: { activeTargets } });
    }
    if (pathname === '/api/v1/rules') {
      const rules = ['HighErrorRate', 'LoggingHighErrorRate'].map((name) => ({ name, health: 'ok' }));
      return json({ data: { groups: [{ rules }] } });
    }
    return { status: 200, body: '' };
  };
  const request = async (asked: HttpRequest): Promise<HttpResponse> => {
    requests.push(asked);
    const url = new URL(asked.url);
    const partial = override(asked, url) ?? well(asked, url);
    return { status: 200, headers: {}, body: '', durationMs: 1, ...partial };
  };
  const clock = fakeClock();
  let ids = 0;
  const input: SmokeInput = {
    http: { request },
    clock,
    urls: URLS,
    ca: 'THE CA',
    partnerKey: new Secret(KEY),
    loggingToken: new Secret(TOKEN),
    backends: BACKENDS,
    isOwnBackend: false,
    sample: new Set(SAMPLE),
    alertRules: ['HighErrorRate', 'LoggingHighErrorRate'],
    newRequestId: () => {
      ids += 1;
      return `smoke-${ids}`;
    },
  };
  return { input, requests, clock };
}

const failed = async (override: Override) => {
  const { checks } = await smoke(stack(override).input);
  return checks.filter(({ ok }) => !ok).map(({ name, found }) => `${name}: ${found}`);
};

const on =
  (port: string, path: string, answer: Partial<HttpResponse>): Override =>
  (_request, url) =>
    url.port === port && url.pathname.startsWith(path) ? answer : undefined;

describe('smoke', () => {
  it('leaves out what the declared state does not have, and asks for nothing of it', async () => {
    const { input, requests } = stack();
    const sample = new Set(
      SAMPLE.filter((name) => name !== 'route partner' && name !== 'key-auth on partner'),
    );
    const { checks } = await smoke({ ...input, sample });
    expect(checks.filter(({ skipped }) => skipped === true)).toEqual(
      ['route partner without a key', 'route partner with the key'].map((name) => ({
        name,
        ok: true,
        skipped: true,
        found: 'not asked for: the declared state has no key-auth on partner as the packaged one has it',
        fix: '',
        seconds: 0,
      })),
    );
    expect(checks.every(({ ok }) => ok)).toBe(true);
    expect(requests.some(({ url }) => url.includes('/partner'))).toBe(false);
  });

  it('finds a well stack well, check by check', async () => {
    const { checks } = await smoke(stack().input);
    expect(checks.map(({ name, ok }) => `${ok} ${name}`)).toEqual([
      'true route api',
      'true route gateway-health',
      'true balancing',
      'true balancing over TLS',
      'true TLS verified',
      'true route partner without a key',
      'true route partner with the key',
      'true rate limit',
      'true request id',
      'true gateway metrics',
      'true logs',
      'true metrics targets',
      'true alert rules',
      'true alertmanager',
    ]);
    expect(checks.find(({ name }) => name === 'balancing')?.found).toBe(
      'backend-1 50, backend-2 50, backend-3 50',
    );
    expect(checks.every(({ fix }) => fix === '')).toBe(true);
  });

  it('uses the limited route with a handful of requests', async () => {
    const { input, requests } = stack();
    await smoke(input);
    expect(requests.filter(({ url }) => url.includes('/partner')).length).toBeLessThanOrEqual(5);
  });

  it('shows neither the key nor the token', async () => {
    const { checks } = await smoke(
      stack((_request, url) => (url.port === '8003' ? { status: 500 } : undefined)).input,
    );
    expect(JSON.stringify(checks)).not.toContain(KEY);
    expect(JSON.stringify(checks)).not.toContain(TOKEN);
  });

  it('checks only what runs', async () => {
    const { input } = stack();
    const { proxy, proxyTls } = URLS;
    const { checks } = await smoke({ ...input, urls: { proxy, proxyTls } });
    expect(checks.map(({ name }) => name)).not.toContain('metrics targets');
    expect(checks.map(({ name }) => name)).not.toContain('logs');
  });

  it('says that nothing runs', async () => {
    const { checks } = await smoke({ ...stack().input, urls: {} });
    expect(checks).toMatchObject([{ name: 'gateway', ok: false, fix: expect.stringContaining('apictl up') }]);
  });

  it('finds a missing route', async () => {
    expect(await failed(on('8000', '/healthz', { status: 404 }))).toEqual([
      'route gateway-health: answered 404 instead of 200',
    ]);
  });

  it('finds an open partner route', async () => {
    expect(await failed(on('8000', '/partner', { body: '{"instance":"backend-1"}' }))).toEqual([
      'route partner without a key: answered 200 instead of 401',
    ]);
  });

  it('finds a backend that gets nothing', async () => {
    let turn = 0;
    const skewed: Override = (_request, url) => {
      if (url.port !== '8000' || url.pathname !== '/api/v1/whoami') return undefined;
      turn += 1;
      const body = JSON.stringify({ instance: `backend-${1 + (turn % 2)}` });
      return { body, headers: { 'x-request-id': 'x', 'x-ratelimit-limit-minute': '1' } };
    };
    expect((await failed(skewed))[0]).toMatch(
      /^balancing: no answer from backend-3; backend-1 75; backend-2 75$/,
    );
  });

  it('finds a failing request among many', async () => {
    let turn = 0;
    const flaky: Override = (_request, url) => {
      if (url.protocol !== 'https:' || url.pathname !== '/api/v1/whoami') return undefined;
      turn += 1;
      return turn % 50 === 0 ? { status: 502 } : undefined;
    };
    expect((await failed(flaky))[0]).toMatch(/^balancing over TLS: 3 answered 502/);
  });

  it('finds a certificate that the CA did not sign', async () => {
    const { checks } = await smoke({ ...stack().input, ca: 'ANOTHER CA' });
    expect(checks.filter(({ ok }) => !ok).map(({ name }) => name)).toEqual([
      'balancing over TLS',
      'TLS verified',
    ]);
  });

  it('finds a request id that is not passed on', async () => {
    const other: Override = (request, url) =>
      url.port === '8000' && request.headers?.['x-request-id'] === 'smoke-1'
        ? { headers: { 'x-request-id': 'smoke-1' }, body: '{"instance":"backend-1","requestId":"other"}' }
        : undefined;
    expect(await failed(other)).toEqual(['request id: the backend saw another one than was sent']);
  });

  it('waits for a line that comes late, and asks for the same request', async () => {
    let asked = 0;
    const searched = new Set<string>();
    const { input } = stack((_request, url) => {
      if (url.port !== '8003') return undefined;
      asked += 1;
      searched.add(url.search);
      return asked < 4 ? { body: '{"events":[{"kind":"access"}]}' } : undefined;
    });
    const { checks } = await smoke(input);
    expect(checks.find(({ name }) => name === 'logs')).toMatchObject({ ok: true, seconds: 0.75 });
    expect(searched.size).toBe(1);
  });

  it.each([
    [true, true, /^found by its request id: 1 of the gateway; the backend’s line is not asked for/],
    [false, false, /^found by its request id: 1 of the gateway, 0 of the backend$/],
  ])(
    'wants a line of the backend, but for an application of one’s own: %s',
    async (isOwnBackend, ok, found) => {
      const { input } = stack((_request, url) =>
        url.port === '8003' ? { body: '{"events":[{"kind":"access"}]}' } : undefined,
      );
      const { checks } = await smoke({ ...input, isOwnBackend });
      const logs = checks.find(({ name }) => name === 'logs');
      expect(logs).toMatchObject({ ok, found: expect.stringMatching(found) });
    },
  );

  it('tells what it found last when the time for all checks cuts the next question off', async () => {
    const { input, clock } = stack(() => undefined);
    const request = async (asked: HttpRequest): Promise<HttpResponse> => {
      if (new URL(asked.url).port !== '8003') return input.http.request(asked);
      const takes = 400;
      await clock.sleep(Math.min(takes, asked.timeoutMs ?? takes));
      if ((asked.timeoutMs ?? takes) < takes) throw new Error('no answer within 0.09 s');
      return { status: 200, headers: {}, body: '{"events":[{"kind":"log"}]}', durationMs: takes };
    };
    const { checks } = await smoke({ ...input, http: { request }, budgetMs: 2_900 });
    expect(checks.find(({ name }) => name === 'logs')).toMatchObject({
      ok: false,
      found: 'found by its request id: 0 of the gateway, 1 of the backend',
    });
  });

  it('finds targets that are down and rules that are not loaded, and gives up in time', async () => {
    const down = {
      data: {
        activeTargets: [
          { health: 'down', scrapeUrl: 'x', lastError: 'refused', labels: { job: 'kong', instance: 'k' } },
        ],
      },
    };
    const override: Override = (_request, url) => {
      if (url.pathname === '/api/v1/targets') return { body: JSON.stringify(down) };
      if (url.pathname === '/api/v1/rules') return { body: '{"data":{"groups":[]}}' };
      return undefined;
    };
    const { input, clock } = stack(override);
    const { checks } = await smoke({ ...input, budgetMs: 50_000 });
    expect(checks.filter(({ ok }) => !ok).map(({ name, found }) => `${name}: ${found}`)).toEqual([
      'metrics targets: kong k is down (refused)',
      'alert rules: not loaded: HighErrorRate, LoggingHighErrorRate',
    ]);
    expect(clock.now()).toBeLessThanOrEqual(50_000);
  });

  it('fails what is left when the budget is over, instead of hanging', async () => {
    const { input, clock } = stack();
    const slow = async (request: HttpRequest) => {
      await clock.sleep(400);
      return input.http.request(request);
    };
    const { checks } = await smoke({ ...input, http: { request: slow }, budgetMs: 1_000 });
    expect(checks).toHaveLength(14);
    expect(checks.at(-1)).toMatchObject({
      ok: false,
      skipped: true,
      found: 'not checked: the time for all checks was over',
      fix: 'Give more time with --budget.',
    });
    expect(checks[0]).not.toHaveProperty('skipped');
  });
});
