/** Bytes that no decent client sends, on the ports of the Admin API and of the proxy: each is answered or hung up on. */
import { connect } from 'node:net';
import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningGateway } from '../../src/gateway.ts';
import { type EchoServer, startEchoServer } from '../echo-server.ts';
import { addressOf, startTestGateway } from '../gateway.ts';

const MEGABYTE = 1024 * 1024;

let gateway: RunningGateway;
let echo: EchoServer;

const ports = () => ({
  admin: gateway.admin[0]?.port ?? 0,
  proxy: gateway.proxy.listeners[0]?.port ?? 0,
});

const json = (body: string) => ({
  method: 'POST' as const,
  headers: { 'content-type': 'application/json' },
  body,
});

beforeAll(async () => {
  echo = await startEchoServer('echo-1');
  gateway = await startTestGateway();
  const admin = addressOf(gateway.admin);
  const service = { name: 'e', url: `http://127.0.0.1:${echo.port}` };
  for (const [path, body] of [
    ['/services', service],
    ['/services/e/routes', { name: 'all', paths: ['/'] }],
    ['/routes/all/plugins', { name: 'key-auth', config: { key_in_body: true, anonymous: null } }],
  ] as const) {
    const response = await request(`${admin}${path}`, json(JSON.stringify(body)));
    expect(response.statusCode, await response.body.text()).toBe(201);
  }
});

afterAll(async () => {
  await gateway?.stop();
  await echo?.close();
});

/** Sends bytes as they stand; answers everything that comes back until the other side ends. */
const sendRaw = (port: number, bytes: string | Buffer): Promise<string> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.end(bytes));
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    // A connection that is reset is an answer, too.
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(Buffer.concat(chunks).toString('latin1')));
  });

const statusesOf = (text: string): number[] =>
  [...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status));

const head = (...lines: readonly string[]): string => `${lines.join('\r\n')}\r\n\r\n`;

const CASES: readonly (readonly [string, string | Buffer])[] = [
  ['no HTTP', '\x16\x03\x01\x02\x00 not a request\r\n\r\n'],
  ['a method that is none', head('BREW / HTTP/1.1', 'host: x')],
  ['a version that is none', head('GET / HTTP/9.9', 'host: x')],
  ['a NUL in a header', head('GET / HTTP/1.1', 'host: x', 'a: b\0c')],
  ['a header without a colon', head('GET / HTTP/1.1', 'host: x', 'nonsense')],
  ['a folded header', head('GET / HTTP/1.1', 'host: x', 'a: b', ' c')],
  ['a blank before the colon', head('GET / HTTP/1.1', 'host: x', 'a : b')],
  ['two lengths', `${head('POST / HTTP/1.1', 'host: x', 'content-length: 1', 'content-length: 2')}ab`],
  ['a negative length', head('POST / HTTP/1.1', 'host: x', 'content-length: -1')],
  [
    'a length beside chunks',
    `${head('POST / HTTP/1.1', 'host: x', 'content-length: 5', 'transfer-encoding: chunked')}0\r\n\r\nGET /smuggled HTTP/1.1\r\nhost: x\r\n\r\n`,
  ],
  [
    'chunks by another name',
    `${head('POST / HTTP/1.1', 'host: x', 'transfer-encoding: xchunked')}0\r\n\r\nGET /smuggled HTTP/1.1\r\n\r\n`,
  ],
  ['a chunk of no size', `${head('POST / HTTP/1.1', 'host: x', 'transfer-encoding: chunked')}zz\r\nab\r\n`],
  ['headers without end', `GET / HTTP/1.1\r\nhost: x\r\n${'a: b\r\n'.repeat(20_000)}`],
  ['one large header', head('GET / HTTP/1.1', 'host: x', `a: ${'b'.repeat(MEGABYTE)}`)],
  ['a path without end', head(`GET /${'a'.repeat(MEGABYTE)} HTTP/1.1`, 'host: x')],
  ['escapes that are none', head('GET /%zz/%/%00/%ff%fe HTTP/1.1', 'host: x')],
  ['a path of dots', head(`GET /${'../'.repeat(2000)}etc/passwd HTTP/1.1`, 'host: x')],
  ['a target without a slash', head('GET a HTTP/1.1', 'host: x')],
  ['another host in the target', head('GET http://other.test:99999/x HTTP/1.1', 'host: x')],
  ['the whole server', head('OPTIONS * HTTP/1.1', 'host: x')],
  ['a host that is none', head('GET / HTTP/1.1', 'host: [::1')],
  ['ten thousand arguments', head(`GET /?${'a=1&'.repeat(10_000)} HTTP/1.1`, 'host: x')],
  ['an upgrade to nothing', head('GET / HTTP/1.1', 'host: x', 'connection: upgrade', 'upgrade: nothing')],
  ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
];

describe.each(['admin', 'proxy'] as const)('the %s port lives on after', (name) => {
  it.each(CASES)('%s', async (_case, bytes) => {
    const answer = await sendRaw(ports()[name], bytes);
    expect(statusesOf(answer).filter((status) => status >= 500)).toEqual([]);
    // Nothing that hides in a body is taken for a request of its own and let through.
    expect(answer).not.toContain('smuggled');
    const alive = await request(`http://127.0.0.1:${ports()[name]}/services/e`);
    await alive.body.dump();
    expect(alive.statusCode).toBe(name === 'admin' ? 200 : 401);
  });
});

const nested = (depth: number): string => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;

it('more arguments than Kong reads are refused', async () => {
  const response = await request(`${addressOf(gateway.admin)}/services`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'a=1&'.repeat(1001),
  });
  expect([response.statusCode, await response.body.json()]).toEqual([400, { message: 'Too many arguments' }]);
});

describe.each(['admin', 'proxy'] as const)('the %s port takes in stride', (name) => {
  it.each([
    ['deep lists', `${'['.repeat(200_000)}${']'.repeat(200_000)}`, 'application/json'],
    ['deep objects', `{"host":"h","tags":${nested(100_000)}}`, 'application/json'],
    ['a deep unknown field', `{"host":"h","x":${nested(100_000)}}`, 'application/json'],
    [
      'a prototype',
      '{"host":"h","__proto__":{"name":"x"},"constructor":{"prototype":{}}}',
      'application/json',
    ],
    ['a number beyond all', '{"host":"h","port":1e999,"retries":-0}', 'application/json'],
    ['half a character', Buffer.from('{"host":"\xff\xfe"}', 'latin1'), 'application/json'],
    ['deep keys of a form', `host=h&a${'[b]'.repeat(50_000)}=1`, 'application/x-www-form-urlencoded'],
    [
      'a prototype in a form',
      'host=h&__proto__[x]=1&constructor.prototype.x=1',
      'application/x-www-form-urlencoded',
    ],
    ['many fields of a form', 'a=1&'.repeat(100_000), 'application/x-www-form-urlencoded'],
    ['more than is read', `{"host":"${'h'.repeat(12 * MEGABYTE)}"}`, 'application/json'],
  ] as const)('%s', async (_case, body, type) => {
    const response = await request(`http://127.0.0.1:${ports()[name]}/services`, {
      method: 'POST',
      headers: { 'content-type': type },
      body,
    }).catch((error: Error) => error);
    // A body that is too large may be hung up on before it is all sent.
    if (response instanceof Error) expect(response.message).toMatch(/closed|ECONNRESET|EPIPE/);
    else {
      await response.body.dump();
      expect(response.statusCode).toBeLessThan(500);
    }
    expect(({} as Record<string, unknown>).x).toBeUndefined();
    const ready = await request(`${addressOf(gateway.status)}/status/ready`);
    expect(await ready.body.json()).toEqual({ message: 'ready' });
  });
});
