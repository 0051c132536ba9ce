import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createHttp, type HttpAdapter } from '../../../src/adapters/http.ts';
import type { ApictlError } from '../../../src/core/errors.ts';
import { selfSigned } from '../../fakes/self-signed.ts';

let http: HttpAdapter;
const servers: Server[] = [];

beforeEach(() => {
  http = createHttp();
});

afterEach(async () => {
  await http.close();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }
});

async function serve(listener: RequestListener, tls?: { cert: string; key: string }): Promise<string> {
  const server = tls === undefined ? createServer(listener) : (createTlsServer(tls, listener) as Server);
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`;
}

const failure = async (promise: Promise<unknown>): Promise<ApictlError> =>
  promise.then(
    () => expect.unreachable('must fail'),
    (thrown) => thrown as ApictlError,
  );

describe('the HTTP adapter', () => {
  it('sends method, headers and body, and reads the answer to its end', async () => {
    const url = await serve(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      response.writeHead(207, { 'X-Method': request.method ?? '', 'x-said': request.headers['x-say'] ?? '' });
      response.write('got ');
      response.end(Buffer.concat(chunks));
    });
    const answer = await http.request({ method: 'PUT', url, headers: { 'X-Say': 'hi' }, body: 'grüß' });
    expect(answer).toMatchObject({ status: 207, body: 'got grüß' });
    expect(answer.headers).toMatchObject({ 'x-method': 'PUT', 'x-said': 'hi' });
    expect(answer.durationMs).toBeGreaterThan(0);
  });

  it('joins several values of one header', async () => {
    const url = await serve((_request, response) => {
      response.setHeader('x-many', ['a', 'b']);
      response.end();
    });
    expect((await http.request({ method: 'GET', url })).headers['x-many']).toBe('a, b');
  });

  it('gives a redirect back instead of following it', async () => {
    const url = await serve((_request, response) => {
      response.writeHead(302, { location: 'http://127.0.0.1:1/' });
      response.end();
    });
    expect((await http.request({ method: 'GET', url })).status).toBe(302);
  });

  it('keeps connections between requests', async () => {
    let connections = 0;
    const url = await serve((_request, response) => response.end('x'));
    servers.at(-1)?.on('connection', () => {
      connections += 1;
    });
    for (let i = 0; i < 20; i += 1) await http.request({ method: 'GET', url });
    // A request that follows at once may overtake the return of the first connection to the pool.
    expect(connections).toBeLessThanOrEqual(2);
  });

  it('names a refused connection with the system’s code, without the query and the password of the address', async () => {
    const url = await serve((_request, response) => response.end());
    const server = servers.pop();
    server?.close();
    const error = await failure(
      http.request({ method: 'GET', url: `${url.replace('//', '//me:hidden@')}/x?key=hidden` }),
    );
    expect(error).toMatchObject({ code: 'HTTP_UNREACHABLE', object: `${url}/x` });
    expect(error.message).toContain('refused (ECONNREFUSED)');
    expect(JSON.stringify(error)).not.toContain('hidden');
  });

  it('names a connection that is reset before the answer', async () => {
    const url = await serve((request) => request.socket.resetAndDestroy());
    const error = await failure(http.request({ method: 'GET', url }));
    expect(error.code).toBe('HTTP_UNREACHABLE');
    expect(error.message).toMatch(/was (reset|closed)/);
  });

  it('gives up when the answer does not end in time', async () => {
    const url = await serve((_request, response) => {
      response.writeHead(200);
      response.write('half');
    });
    const error = await failure(http.request({ method: 'GET', url, timeoutMs: 100 }));
    expect(error.code).toBe('HTTP_UNREACHABLE');
    expect(error.message).toContain('no answer within 0.1 s');
  });

  it('stops waiting when it is interrupted', async () => {
    const url = await serve(() => {});
    const controller = new AbortController();
    const asked = http.request({ method: 'GET', url, signal: controller.signal });
    controller.abort();
    expect(await failure(asked)).toMatchObject({ code: 'INTERRUPTED', exitCode: 130 });
  });

  it('trusts exactly the authority that a request names', async () => {
    const right = await selfSigned('127.0.0.1');
    const url = await serve((_request, response) => response.end('over TLS'), right);
    expect((await http.request({ method: 'GET', url, ca: right.cert })).body).toBe('over TLS');
    const other = await selfSigned('127.0.0.1');
    for (const ca of [other.cert, undefined]) {
      const error = await failure(http.request({ method: 'GET', url, ...(ca === undefined ? {} : { ca }) }));
      expect(error.message).toContain('not signed by a trusted authority');
    }
  });

  it('refuses a certificate for another host', async () => {
    const other = await selfSigned('127.0.0.9');
    const url = await serve((_request, response) => response.end(), other);
    const error = await failure(http.request({ method: 'GET', url, ca: other.cert }));
    expect(error.message).toContain('for another host (ERR_TLS_CERT_ALTNAME_INVALID)');
  });

  it('refuses what is not an HTTP address', async () => {
    for (const url of ['127.0.0.1:8001', 'ftp://x/', '']) {
      expect(await failure(http.request({ method: 'GET', url }))).toMatchObject({
        code: 'URL_INVALID',
        exitCode: 64,
      });
    }
  });
});
