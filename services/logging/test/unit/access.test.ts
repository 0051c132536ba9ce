import { request } from 'node:http';
import { beforeEach, describe, expect, it } from 'vitest';
import { Attempts } from '../../src/access/attempts.ts';
import { isKnownHost, isSameOrigin } from '../../src/access/origin.ts';
import { Sessions } from '../../src/access/sessions.ts';
import type { Service } from '../../src/service.ts';
import { runningService, scratchDirectory, TOKEN } from '../support/scratch.ts';

/** fetch() does not let a test choose the Host header. */
function ask(url: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    request(url, { headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .on('error', reject)
      .end();
  });
}

describe('the administration listener', () => {
  let service: Service;
  const call = (method: string, path: string, headers: Record<string, string> = {}, body?: unknown) =>
    fetch(service.adminUrl + path, {
      method,
      headers: body === undefined ? headers : { 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const login = async (): Promise<{ cookie: string; csrf: string }> => {
    const answer = await call('POST', '/api/v1/session', {}, { token: TOKEN });
    expect(answer.status).toBe(200);
    const { csrf_token: csrf } = (await answer.json()) as { csrf_token: string };
    const header = answer.headers.get('set-cookie') ?? '';
    expect(header).toMatch(/HttpOnly/);
    expect(header).toMatch(/SameSite=Strict/);
    return { cookie: header.split(';', 1)[0] ?? '', csrf };
  };

  beforeEach(async () => {
    service = await runningService(await scratchDirectory());
  });

  it('lets in by the token alone, never by one in the address', async () => {
    expect((await call('GET', '/api/v1/pipeline')).status).toBe(401);
    expect((await call('GET', `/api/v1/pipeline?token=${TOKEN}`)).status).toBe(401);
    expect((await call('GET', '/%61pi/v1/pipeline')).status).toBe(401);
    expect(
      (await call('GET', '/api/v1/pipeline', { authorization: `Basic ${btoa(`x:${TOKEN}`)}` })).status,
    ).toBe(401);
    const right = await call('GET', '/api/v1/pipeline', { authorization: `Bearer ${TOKEN}` });
    expect(right.status).toBe(200);
    expect(right.headers.get('www-authenticate')).toBeNull();
  });

  it('opens a session for a browser, shows it, and ends it', async () => {
    const { cookie, csrf } = await login();
    expect((await call('GET', '/api/v1/pipeline', { cookie })).status).toBe(200);
    expect(await (await call('GET', '/api/v1/session', { cookie })).json()).toMatchObject({
      csrf_token: csrf,
    });
    expect((await call('DELETE', '/api/v1/session', { cookie, 'x-csrf-token': csrf })).status).toBe(204);
    expect((await call('GET', '/api/v1/pipeline', { cookie })).status).toBe(401);
  });

  it('changes nothing for a session without its CSRF token or from another origin', async () => {
    const { cookie, csrf } = await login();
    const body = { max_age_seconds: 3600, max_bytes: 2 ** 30 };
    const path = '/api/v1/settings/retention';
    expect((await call('PUT', path, { cookie }, body)).status).toBe(403);
    expect((await call('PUT', path, { cookie, 'x-csrf-token': `${csrf}x` }, body)).status).toBe(403);
    const foreign = { cookie, 'x-csrf-token': csrf, origin: 'https://evil.example' };
    expect((await call('PUT', path, foreign, body)).status).toBe(403);
    expect((await call('PUT', path, { cookie, 'x-csrf-token': csrf }, body)).status).toBe(200);
    expect(service.pipeline.retention.limits).toEqual({ maxAgeMs: 3_600_000, maxBytes: 2 ** 30 });
  });

  it('opens no session from a page of another origin', async () => {
    const answer = await call(
      'POST',
      '/api/v1/session',
      { origin: 'https://evil.example' },
      { token: TOKEN },
    );
    expect(answer.status).toBe(403);
    expect(answer.headers.get('set-cookie')).toBeNull();
  });

  it('does not answer under the name of another site', async () => {
    const url = `${service.adminUrl}/api/v1/pipeline`;
    const authorization = `Bearer ${TOKEN}`;
    expect(await ask(url, { authorization, host: 'rebound.example' })).toBe(421);
    expect(await ask(url, { authorization, host: 'localhost:8003' })).toBe(200);
    expect(await ask(url, { authorization, host: 'logging:8003' })).toBe(200);
  });

  it('stops comparing after ten wrong tokens from one address, the right one included', async () => {
    for (let attempt = 0; attempt < 10; attempt += 1) {
      expect((await call('POST', '/api/v1/session', {}, { token: `wrong ${attempt}` })).status).toBe(401);
    }
    const refused = await call('POST', '/api/v1/session', {}, { token: TOKEN });
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await call('GET', '/api/v1/pipeline', { authorization: `Bearer ${TOKEN}` })).status).toBe(429);
  });

  it('tells browsers to load and embed nothing', async () => {
    const { headers } = await call('GET', '/');
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    expect(headers.get('content-security-policy')).not.toContain('unsafe');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
  });

  it('says nothing of the token when it refuses one', async () => {
    const answer = await call('POST', '/api/v1/session', {}, { token: 'a-wrong-token-to-look-for', more: 1 });
    expect(answer.status).toBe(400);
    expect(await answer.text()).not.toContain('a-wrong-token');
  });
});

describe('attempts', () => {
  it('are counted for each address and forgotten with time', () => {
    let now = 0;
    const attempts = new Attempts(2, 1000, () => now);
    attempts.fail('a');
    expect(attempts.waitSeconds('a')).toBe(0);
    attempts.fail('a');
    expect(attempts.waitSeconds('a')).toBe(1);
    expect(attempts.waitSeconds('b')).toBe(0);
    now = 1000;
    expect(attempts.waitSeconds('a')).toBe(0);
    attempts.fail('a');
    expect(attempts.waitSeconds('a')).toBe(0);
  });
});

describe('sessions', () => {
  it('expire', () => {
    let now = 0;
    const sessions = new Sessions(() => now);
    const { id, session } = sessions.open();
    expect(sessions.find(id)).toBe(session);
    now = session.expiresMs;
    expect(sessions.find(id)).toBeUndefined();
  });
});

describe('origins', () => {
  it.each(['127.0.0.1:8003', '[::1]:8003', 'localhost', 'app.localhost:1', 'logging:8003'])(
    'knows the host %s',
    (host) => {
      expect(isKnownHost(host, ['logging'])).toBe(true);
    },
  );
  it.each([
    'evil.example',
    'logging.evil.example',
    'localhost.evil.example',
    '',
    'a@127.0.0.1',
    '127.0.0.1.nip.io',
  ])('does not know the host "%s"', (host) => {
    expect(isKnownHost(host, ['logging'])).toBe(false);
  });
  it('takes what no page sent, and nothing of other pages', () => {
    expect(isSameOrigin(undefined, 'h:1')).toBe(true);
    expect(isSameOrigin('http://h:1', 'h:1')).toBe(true);
    expect(isSameOrigin('http://h:2', 'h:1')).toBe(false);
    expect(isSameOrigin('null', 'h:1')).toBe(false);
  });
});
