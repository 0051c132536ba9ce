import { createHash, createHmac, createSign, generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { JwtCredential, PluginConfig } from '../../../src/model/entities.ts';
import { consumer, plugin, route, service } from '../../proxy/entities.ts';
import { startedThings } from '../../proxy/started.ts';

const { backend, proxy } = startedThings();

const partner = consumer('partner');
const owned = { id: 'credential', created_at: 0, tags: null, consumer: { id: partner.id } };

const JWT: PluginConfig = {
  uri_param_names: ['jwt'],
  cookie_names: ['token'],
  header_names: ['authorization'],
  key_claim_name: 'iss',
  secret_is_base64: false,
  claims_to_verify: ['exp', 'nbf'],
  anonymous: null,
  run_on_preflight: true,
  maximum_expiration: 0,
  realm: null,
};

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const future = () => Math.floor(Date.now() / 1000) + 60;

function token(claims: object, secret = 'secret', alg = 'HS256'): string {
  const text = `${part({ alg, typ: 'JWT' })}.${part(claims)}`;
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
}

const claims = (more: object = {}) => ({ iss: 'key', exp: future(), nbf: 1, ...more });

async function guardedByJwt(config: PluginConfig = {}, credential: Partial<JwtCredential> = {}) {
  const { port } = await backend();
  const api = service({ port });
  return proxy({
    services: [api],
    routes: [route({ paths: ['/'], service: { id: api.id } })],
    consumers: [partner],
    jwtCredentials: [
      { ...owned, key: 'key', secret: 'secret', algorithm: 'HS256', rsa_public_key: null, ...credential },
    ],
    plugins: [plugin('jwt', { ...JWT, ...config })],
  });
}

const bearer = (text: string) => ({ headers: { authorization: `Bearer ${text}` } });

describe('a JSON Web Token', () => {
  test('lets its owner in from a header, a query argument or a cookie', async () => {
    const gateway = await guardedByJwt();
    const answers = [
      await gateway.call('/', bearer(token(claims()))),
      await gateway.call(`/?jwt=${token(claims())}`),
      await gateway.call('/', { headers: { cookie: `a=b; token=${token(claims())}` } }),
    ];
    for (const answer of answers) {
      expect(answer.echo().headers).toMatchObject({
        'x-consumer-username': 'partner',
        'x-credential-identifier': 'key',
      });
    }
  });

  test.each([
    ['', { message: 'Unauthorized' }],
    ['x.y.z', { message: 'Bad token; invalid JSON' }],
    [token(claims(), 'secret', 'none'), { message: 'Bad token; invalid alg' }],
    [token({ exp: 1 }), { message: "No mandatory 'iss' in claims" }],
    [token(claims({ iss: '' })), { message: "Invalid 'iss' in claims" }],
    [token(claims({ iss: 'other' })), { message: "No credentials found for given 'iss'" }],
    [token(claims(), 'secret', 'HS384'), { message: 'Invalid algorithm' }],
    [token(claims(), 'wrong'), { message: 'Invalid signature' }],
    [token(claims({ exp: 1, nbf: 'x' })), { exp: 'token expired', nbf: 'must be a number' }],
  ])('is refused as %s', async (text, body) => {
    const answer = await (await guardedByJwt()).call('/', text === '' ? {} : bearer(text));
    expect([answer.status, answer.json()]).toEqual([401, body]);
    expect(answer.headers['www-authenticate']).toBe(text === '' ? 'Bearer' : 'Bearer error="invalid_token"');
  });

  test('is refused beside another, and when it lives too long', async () => {
    const gateway = await guardedByJwt({ maximum_expiration: 10 });
    const two = await gateway.call(`/?jwt=${token(claims())}`, bearer(token(claims({ jti: 1 }))));
    expect(two.json()).toEqual({ message: 'Multiple tokens provided' });
    const long = await gateway.call('/', bearer(token(claims())));
    expect(long.json()).toEqual({ exp: 'exceeds maximum allowed expiration' });
  });

  test('may be signed with a private key', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const gateway = await guardedByJwt({}, { algorithm: 'RS256', rsa_public_key: pem });
    const text = `${part({ alg: 'RS256' })}.${part(claims())}`;
    const signature = createSign('sha256').update(text).sign(privateKey, 'base64url');
    expect((await gateway.call('/', bearer(`${text}.${signature}`))).status).toBe(200);
    expect((await gateway.call('/', bearer(`${text}.${part('forged')}`))).status).toBe(401);
  });

  test('is not asked of a stranger where a consumer stands for all of them', async () => {
    const gateway = await guardedByJwt({ anonymous: 'partner' });
    expect((await gateway.call('/')).echo().headers).toMatchObject({ 'x-anonymous-consumer': 'true' });
  });
});

const HMAC: PluginConfig = {
  hide_credentials: true,
  clock_skew: 300,
  anonymous: null,
  validate_request_body: true,
  enforce_headers: ['date'],
  algorithms: ['hmac-sha256'],
  realm: null,
};

async function guardedByHmac() {
  const { port } = await backend();
  const api = service({ port });
  return proxy({
    services: [api],
    routes: [route({ paths: ['/'], service: { id: api.id } })],
    consumers: [partner],
    hmacAuthCredentials: [{ ...owned, username: 'u', secret: 'secret' }],
    plugins: [plugin('hmac-auth', HMAC)],
  });
}

function signedHeaders(line: string, body: string, secret = 'secret', algorithm = 'hmac-sha256') {
  const date = new Date().toUTCString();
  const digest = `SHA-256=${createHash('sha256').update(body).digest('base64')}`;
  const text = `date: ${date}\n${line}\ndigest: ${digest}`;
  const signature = createHmac('sha256', secret).update(text).digest('base64');
  const authorization = `hmac username="u", algorithm="${algorithm}", headers="date request-line digest", signature="${signature}"`;
  return { date, digest, authorization };
}

describe('a signature over the request', () => {
  const line = 'POST /x?a=b HTTP/1.1';

  test('lets its owner in and stays with the gateway', async () => {
    const gateway = await guardedByHmac();
    const answer = await gateway.call('/x?a=b', {
      method: 'POST',
      body: 'text',
      headers: signedHeaders(line, 'text'),
    });
    expect(answer.echo()).toMatchObject({ body: 'text', headers: { 'x-credential-identifier': 'u' } });
    expect(answer.echo().headers).not.toHaveProperty('authorization');
  });

  test.each([
    ['without it', 'Unauthorized', {}],
    [
      'without a date',
      'HMAC signature cannot be verified, a valid date or x-date header is required for HMAC Authentication',
      { ...signedHeaders(line, 'text'), date: 'then' },
    ],
    [
      'by an algorithm that is not allowed',
      'HMAC signature cannot be verified',
      signedHeaders(line, 'text', 'secret', 'hmac-sha1'),
    ],
    ['with another secret', 'HMAC signature does not match', signedHeaders(line, 'text', 'other')],
    ['of another body', 'HMAC signature does not match', signedHeaders(line, 'else')],
  ])('is refused %s', async (_case, message, headers) => {
    const gateway = await guardedByHmac();
    const answer = await gateway.call('/x?a=b', { method: 'POST', body: 'text', headers });
    expect([answer.status, answer.json().message, answer.headers['www-authenticate']]).toEqual([
      401,
      message,
      'hmac',
    ]);
  });
});
