/** What the Admin API answers beyond the recordings, as Kong's own handlers do. */
import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningGateway } from '../../src/gateway.ts';
import { rsaPair } from '../certificates.ts';
import { addressOf, startTestGateway } from '../gateway.ts';

const UNKNOWN = '5e0a5f9c-9d3b-4c0f-8a3e-1b2c3d4e5f60';

let gateway: RunningGateway;
let admin: string;

beforeAll(async () => {
  gateway = await startTestGateway();
  admin = addressOf(gateway.admin);
});

afterAll(() => gateway?.stop());

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS' | 'HEAD';

async function send(method: Method, path: string, body?: unknown, type = 'application/json') {
  const response = await request(`${admin}${path}`, {
    method,
    headers: body === undefined ? {} : { 'content-type': type },
    body: body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body),
  });
  const text = await response.body.text();
  let parsed: unknown = text;
  try {
    parsed = JSON.parse(text);
  } catch {
    // A page, or nothing.
  }
  return { status: response.statusCode, headers: response.headers, body: parsed as Record<string, unknown> };
}

const outcome = async (...given: Parameters<typeof send>) => {
  const { status, body } = await send(...given);
  return [status, body];
};

describe('paths that always answer the same', () => {
  const wasm = { message: 'this endpoint is only available when wasm is enabled' };
  const controlPlane = {
    message:
      'this endpoint is only available when Kong is configured to run as Control Plane for the cluster',
  };
  const noDatabase = {
    message: 'this endpoint is only available when Kong is configured to not use a database',
  };

  it.each([
    ['GET', '/filter-chains', 400, wasm],
    ['POST', '/routes/x/filter-chains', 400, wasm],
    ['GET', '/routes/x/filters/enabled', 400, wasm],
    ['GET', '/config', 400, noDatabase],
    ['GET', '/clustering/status', 400, controlPlane],
    ['GET', '/status/dns', 501, { message: 'not implemented with the legacy DNS client' }],
    ['GET', '/schemas/filters/x', 404, { message: "Filter 'x' not found" }],
    ['GET', '/schemas/vaults/x', 404, { message: "No vault named 'x'" }],
    ['GET', '/cache/x', 404, { message: 'Not found' }],
    ['GET', '/proxy-cache/x', 404, { message: 'Not found' }],
    ['GET', '/consumers/x/acls/x', 404, { message: 'Not found' }],
    ['GET', '/consumer_groups', 404, { message: 'Not found' }],
    ['PUT', '/debug/node/log-level/loud', 400, { message: 'unknown log level: loud' }],
    ['GET', '/status?unit=x', 400, { message: "invalid unit 'x' (expected 'k/K', 'm/M', or 'g/G')" }],
    ['GET', '/consumers?custom_id=', 400, { message: 'custom_id must be an unempty string' }],
    ['GET', '/certificates/no.test', 404, { message: 'SNI not found' }],
    ['DELETE', '/services', 405, { message: 'Method not allowed' }],
  ] as const)('%s %s', async (method, path, status, body) => {
    expect(await outcome(method, path)).toEqual([status, body]);
  });
});

describe('keys in paths', () => {
  it('that are no identifier of an entity without a name are invalid', async () => {
    expect(await outcome('GET', '/acls/gold')).toEqual([
      400,
      {
        code: 1,
        name: 'invalid primary key',
        message: `invalid primary key: '{id="expected a valid UUID"}'`,
        fields: { id: 'expected a valid UUID' },
      },
    ]);
  });

  it('that cannot be the name of anything are invalid', async () => {
    expect(await outcome('GET', '/services/a%20b')).toEqual([
      400,
      {
        code: 10,
        name: 'invalid unique name',
        message:
          "invalid value 'a b': the only accepted ascii characters are alphanumerics or ., -, _, and ~",
      },
    ]);
  });

  it('keep the identifier of what a change is sent to, whatever the change says', async () => {
    const { body: service } = await send('POST', '/services', { name: 'steady', host: 'h' });
    const [status, changed] = await outcome('PATCH', '/services/steady', { id: UNKNOWN, host: 'other' });
    expect([status, changed]).toEqual([200, { ...service, host: 'other', updated_at: expect.any(Number) }]);
    expect(await outcome('PATCH', '/services/steady', { id: 'none' })).toMatchObject([
      400,
      { fields: { id: 'expected a valid UUID' } },
    ]);
    expect((await send('GET', `/services/${UNKNOWN}`)).status).toBe(404);
  });

  it('name what a change did not find, but for a plugin whose kind was not told', async () => {
    expect((await send('PATCH', `/services/${UNKNOWN}`, { port: 1 })).body.message).toBe(
      `could not find the entity with primary key '{id="${UNKNOWN}"}'`,
    );
    expect(await outcome('PATCH', `/plugins/${UNKNOWN}`, { enabled: false })).toEqual([
      404,
      { message: 'Not found' },
    ]);
    expect((await send('PATCH', `/plugins/${UNKNOWN}`, { name: 'cors' })).body.code).toBe(6);
  });
});

describe('bodies', () => {
  it.each([
    ['', 'application/json', 400],
    ['[]', 'application/json', 400],
    ['{"host":"h"}', 'Application/JSON', 415],
    ['{"host":"h"}', 'application/json; charset=utf-8', 201],
    ['', 'text/plain', 415],
    ['host=h&tags[]=a&tags[]=b&retries=3', 'application/x-www-form-urlencoded', 201],
    ['host=h&retries=many', 'application/x-www-form-urlencoded', 400],
  ])('%j as %s are answered with %i', async (text, type, status) => {
    expect((await send('POST', '/services', text, type)).status).toBe(status);
  });

  it('of forms are read by the kind of the plugin that they change', async () => {
    const { body } = await send('POST', '/plugins', { name: 'rate-limiting', config: { minute: 1 } });
    const changed = await send(
      'PATCH',
      `/plugins/${body.id}`,
      'config.minute=7&config.hide_client_headers=true',
      'application/x-www-form-urlencoded',
    );
    expect(changed.body.config).toMatchObject({ minute: 7, hide_client_headers: true });
    await send('DELETE', `/plugins/${body.id}`);
  });
});

describe('what may be done with a path', () => {
  it('is told with the headers that a browser asks for', async () => {
    const { status, headers } = await send('OPTIONS', '/services/x');
    expect(status).toBe(204);
    expect(headers).toMatchObject({
      allow: 'DELETE, GET, HEAD, OPTIONS, PATCH, PUT',
      'access-control-allow-methods': 'DELETE, GET, HEAD, OPTIONS, PATCH, PUT',
      'access-control-allow-headers': 'Content-Type',
      'access-control-allow-origin': '*',
      'access-control-allow-credentials': 'true',
      'x-kong-admin-latency': expect.stringMatching(/^\d+$/),
      'x-kong-admin-request-id': expect.stringMatching(/^[0-9a-f]{32}$/),
    });
  });
});

describe('what a web server refuses by itself', () => {
  it.each([
    ['413 Request Entity Too Large', 'application/json', 'x'.repeat(11 * 1024 * 1024)],
    ['415 Unsupported Media Type', '', 'x'],
    ['415 Unsupported Media Type', 'text/plain', 'x'],
  ])('is answered with its page: %s for the type "%s"', async (title, type, body) => {
    const response = await request(`${admin}/services`, {
      method: 'POST',
      headers: { 'content-type': type },
      body,
    });
    expect([response.statusCode, response.headers['content-type'], await response.body.text()]).toEqual([
      Number(title.slice(0, 3)),
      'text/html; charset=UTF-8',
      expect.stringContaining(`<center><h1>${title}</h1></center>`),
    ]);
  });
});

describe('the algorithm of an upstream', () => {
  const settled = async (method: 'PUT' | 'PATCH', given: object) => {
    const { body } = await send(method, '/upstreams/hashing.test', given);
    return [body.algorithm, body.hash_on];
  };

  it('follows what is hashed on, unless it is one that never hashes', async () => {
    expect(await settled('PUT', { hash_on: 'ip' })).toEqual(['consistent-hashing', 'ip']);
    expect(await settled('PUT', { algorithm: 'round-robin', hash_on: 'ip' })).toEqual([
      'consistent-hashing',
      'ip',
    ]);
    expect(await settled('PUT', { algorithm: 'consistent-hashing', hash_on: 'none' })).toEqual([
      'round-robin',
      'none',
    ]);
    expect(await settled('PUT', { algorithm: 'least-connections', hash_on: 'ip' })).toEqual([
      'least-connections',
      'none',
    ]);
    expect(await settled('PUT', { algorithm: 'latency', hash_on: null })).toEqual(['latency', 'none']);
  });

  it('follows when only one of them is changed', async () => {
    await settled('PUT', {});
    expect(await settled('PATCH', { hash_on: 'path' })).toEqual(['consistent-hashing', 'path']);
    expect(await settled('PATCH', { algorithm: 'round-robin' })).toEqual(['consistent-hashing', 'path']);
    expect(await settled('PATCH', { algorithm: 'latency' })).toEqual(['latency', 'none']);
    expect(await settled('PATCH', { hash_on: 'none' })).toEqual(['round-robin', 'none']);
    await send('DELETE', '/upstreams/hashing.test');
  });
});

describe('a method that nothing answers to', () => {
  it('is not allowed where there is something, and not found where there is nothing', async () => {
    const outcomes = await Promise.all(
      ['/services', '/nope'].map(
        async (path) => (await fetch(`${admin}${path}`, { method: 'PROPFIND' })).status,
      ),
    );
    expect(outcomes).toEqual([405, 404]);
  });
});

describe('the parent of an entity', () => {
  it('is put to one that has none, and cannot be deleted through it', async () => {
    await send('PUT', '/routes/orphan', { paths: ['/orphan'] });
    expect((await send('GET', '/routes/orphan/service')).status).toBe(404);
    expect((await send('DELETE', '/routes/orphan/service')).status).toBe(404);
    const { status, body } = await send('PUT', '/routes/orphan/service', { name: 'found', host: 'h' });
    expect(status).toBe(200);
    expect((await send('GET', '/routes/orphan')).body.service).toEqual({ id: body.id });
    expect(await outcome('DELETE', '/routes/orphan/service')).toEqual([
      405,
      { message: 'Method not allowed' },
    ]);
    expect((await send('PATCH', '/routes/orphan/service', { port: 81 })).body.port).toBe(81);
  });

  it('may be changed by putting a child below another', async () => {
    await send('PUT', '/services/one', { host: 'h' });
    const two = await send('PUT', '/services/two', { host: 'h' });
    await send('PUT', '/services/one/routes/moving', { paths: ['/moving'] });
    const moved = await send('PUT', '/services/two/routes/moving', { paths: ['/moving'] });
    expect(moved.body.service).toEqual({ id: two.body.id });
  });
});

describe('pages below a parent', () => {
  it('lead to the next one without size and tags', async () => {
    await send('PUT', '/services/paged', { host: 'h' });
    for (const name of ['p1', 'p2']) await send('PUT', `/services/paged/routes/${name}`, { paths: ['/p'] });
    const first = await send('GET', '/services/paged/routes?size=1&tags=');
    expect(first.status).toBe(400);
    const { body } = await send('GET', '/services/paged/routes?size=1');
    expect(body.next).toBe(`/services/paged/routes?offset=${body.offset}`);
    const rest = await send('GET', String(body.next));
    expect((rest.body.data as unknown[]).length).toBe(1);
  });
});

describe('a target', () => {
  it('is changed by PUT as by PATCH, and refused in the words of a change', async () => {
    await send('PUT', '/upstreams/u.test', {});
    await send('POST', '/upstreams/u.test/targets', { target: 't.test', weight: 5 });
    const changed = await send('PUT', '/upstreams/u.test/targets/t.test:8000', { tags: ['x'] });
    expect(changed.body).toMatchObject({ target: 't.test:8000', weight: 5, tags: ['x'] });
    const refused = await send('PATCH', '/upstreams/u.test/targets/t.test:8000', { target: 'a b' });
    expect(refused.body.fields).toEqual({
      target: "Invalid target ('a b'); not a valid hostname or ip address",
    });
  });
});

describe('credentials, groups, keys, vaults and tokens', () => {
  beforeAll(async () => {
    await send('PUT', '/consumers/c', {});
  });

  it('of HMAC get a secret of their own', async () => {
    const { status, body } = await send('POST', '/consumers/c/hmac-auth', { username: 'h' });
    expect([status, typeof body.secret]).toEqual([201, 'string']);
    expect((await send('GET', '/hmac-auths/h/consumer')).body.username).toBe('c');
  });

  it('of OAuth 2.0 may keep their secret as a hash', async () => {
    const made = await send('POST', '/consumers/c/oauth2', {
      name: 'app',
      client_secret: 'secret',
      hash_secret: true,
      redirect_uris: ['https://app.test/'],
    });
    expect(made.body).toMatchObject({ client_type: 'confidential', hash_secret: true });
    expect(made.body.client_secret).toMatch(/^\$pbkdf2-sha512\$i=10000,l=32\$/);
    const token = await send('POST', '/oauth2_tokens', {
      credential: { id: made.body.id },
      expires_in: 60,
      ttl: 60,
    });
    expect(token.body).toMatchObject({ token_type: 'bearer', ttl: 60 });
    const refused = await send('POST', '/consumers/c/oauth2', { name: 'x', redirect_uris: ['nowhere'] });
    expect(refused.body.fields).toEqual({ redirect_uris: ["cannot parse 'nowhere'"] });
  });

  it('of a key refuse a life that is no number of seconds', async () => {
    expect((await send('POST', '/consumers/c/key-auth', { ttl: -1 })).body).toEqual({
      code: 11,
      name: 'invalid options',
      message: 'invalid option (ttl: must be an integer between 0 and 100000000)',
      options: { ttl: 'must be an integer between 0 and 100000000' },
    });
  });

  it('are found below their consumer by the name of the group', async () => {
    expect((await send('PUT', '/consumers/c/acls/gold', {})).body.group).toBe('gold');
    expect((await send('GET', '/consumers/c/acls/gold')).status).toBe(200);
    expect((await send('DELETE', '/consumers/c/acls/gold')).status).toBe(204);
  });

  it('stand in sets, which take them along', async () => {
    await send('PUT', '/key-sets/set', {});
    const jwk = JSON.stringify({ kty: 'oct', kid: 'other', k: 'AAAA' });
    const refused = await send('POST', '/key-sets/set/keys', { name: 'k', kid: 'k', jwk });
    expect(refused.body.fields).toEqual({ '@entity': ['kid in jwk.kid must be equal to keys.kid'] });
    const { key } = await rsaPair('key.test');
    const made = await send('POST', '/key-sets/set/keys', { name: 'k', kid: 'k', pem: { private_key: key } });
    expect(made.status).toBe(201);
    expect((await send('POST', '/key-sets/set/keys', { kid: 'k', pem: { private_key: key } })).status).toBe(
      409,
    );
    await send('DELETE', '/key-sets/set');
    expect((await send('GET', '/keys/k')).status).toBe(404);
  });

  it('are kept in vaults of the one kind that there is', async () => {
    const made = await send('PUT', '/vaults/my-env', { name: 'env', config: { prefix: 'SECRET_' } });
    expect(made.body).toMatchObject({ prefix: 'my-env', config: { prefix: 'SECRET_' } });
    expect((await send('POST', '/vaults', { name: 'aws', prefix: 'aws' })).body.fields).toEqual({
      name: "vault 'aws' is not installed",
    });
    expect((await send('POST', '/vaults', { name: 'env', prefix: 'env' })).body.fields).toEqual({
      prefix: 'must not be one of: env',
    });
  });
});

describe('certificates', () => {
  it('are put under the name of an SNI', async () => {
    const { cert, key } = await rsaPair('put.test');
    const made = await send('PUT', '/certificates/put.test', { cert, key, snis: ['also.test'] });
    expect(made.body.snis).toEqual(['also.test', 'put.test']);
    expect((await send('GET', '/certificates/also.test')).body.id).toBe(made.body.id);
    expect((await send('PATCH', '/certificates/put.test', { snis: 'put.test' })).body.snis).toEqual([
      'put.test',
    ]);
    expect((await send('GET', '/snis/put.test/certificate')).status).toBe(404);
  });

  it('of an authority must be one, and stay while a service trusts it', async () => {
    const { cert } = await rsaPair('leaf.test');
    expect((await send('POST', '/ca_certificates', { cert })).body.fields).toEqual({
      '@entity': ['certificate does not appear to be a CA because it is missing the "CA" basic constraint'],
    });
  });
});

describe('a plugin that this gateway does not serve', () => {
  it('is refused as one that is not enabled, though it is listed', async () => {
    expect((await send('GET', '/plugins/enabled')).body.enabled_plugins).toContain('zipkin');
    const { status, body } = await send('POST', '/plugins', { name: 'zipkin' });
    expect([status, body.fields]).toEqual([
      400,
      { name: "plugin 'zipkin' not enabled; add it to the 'plugins' configuration property" },
    ]);
    expect(await outcome('GET', '/schemas/plugins/zipkin')).toEqual([
      404,
      { message: "No plugin named 'zipkin'" },
    ]);
    const root = (await send('GET', '/')).body as { plugins: { available_on_server: object } };
    expect(root.plugins.available_on_server).not.toHaveProperty('zipkin');
  });
});
