import { createHash, randomBytes } from 'node:crypto';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { expect, test, vi } from 'vitest';
import { type WebSocket as Socket, WebSocket, WebSocketServer } from 'ws';
import { PATIENCE } from '../../../../../test/support/patience.ts';
import { echo } from '../../proxy/backend.ts';
import { plugin, route, service } from '../../proxy/entities.ts';
import type { RunningProxy } from '../../proxy/run-proxy.ts';
import { startedThings } from '../../proxy/started.ts';

const { backend, proxy } = startedThings();

const MEBIBYTE = 1024 * 1024;

const inFrontOf = async (
  port: number,
  changes: Parameters<typeof service>[0] = {},
): Promise<RunningProxy> => {
  const api = service({ port, ...changes });
  return proxy({ services: [api], routes: [route({ paths: ['/'], service: { id: api.id } })] });
};

const raw = (port: number, bytes: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString();
    });
    socket.on('close', () => resolve(text));
    socket.on('error', reject);
    socket.write(bytes);
  });

test('a large body goes up in pieces and arrives whole', async () => {
  const { port } = await backend((request, response) => {
    const hash = createHash('sha256');
    request.on('data', (chunk: Buffer) => hash.update(chunk));
    request.on('end', () =>
      response.end(JSON.stringify([hash.digest('hex'), request.headers['transfer-encoding'] ?? ''])),
    );
  });
  const gateway = await inFrontOf(port);
  const block = randomBytes(MEBIBYTE);
  const expected = createHash('sha256');
  for (let index = 0; index < 32; index += 1) expected.update(block);
  const answer = await new Promise<string>((resolve, reject) => {
    const request = httpRequest(
      { host: '127.0.0.1', port: gateway.port, method: 'POST', agent: false },
      (response) => {
        let text = '';
        response.on('data', (chunk) => {
          text += String(chunk);
        });
        response.on('end', () => resolve(text));
      },
    );
    request.on('error', reject);
    Readable.from(Array.from({ length: 32 }, () => block)).pipe(request);
  });
  expect(JSON.parse(answer)).toEqual([expected.digest('hex'), 'chunked']);
});

test('an upstream is not read faster than the client takes its answer', async () => {
  let written = 0;
  const { port } = await backend((_request, response) => {
    response.writeHead(200);
    const push = (): void => {
      while (written < 512 * MEBIBYTE) {
        written += MEBIBYTE;
        if (!response.write(Buffer.alloc(MEBIBYTE))) break;
      }
    };
    response.on('drain', push);
    push();
  });
  const gateway = await inFrontOf(port);
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const request = httpRequest({ host: '127.0.0.1', port: gateway.port, agent: false }, resolve);
    request.on('error', reject);
    request.end();
  });
  response.on('error', () => undefined);
  response.pause();
  let before = -1;
  await vi.waitFor(
    () => {
      const isStill = written === before;
      before = written;
      expect(isStill).toBe(true);
    },
    { interval: 200, timeout: 5_000 },
  );
  expect(written).toBeLessThan(64 * MEBIBYTE);
  response.destroy();
});

test('each event of a stream reaches the client when it is sent', async () => {
  let send: (text: string) => void = () => undefined;
  let end: () => void = () => undefined;
  const { port } = await backend((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.flushHeaders();
    send = (text) => void response.write(text);
    end = () => response.end();
  });
  const gateway = await inFrontOf(port);
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const request = httpRequest({ host: '127.0.0.1', port: gateway.port, agent: false }, resolve);
    request.on('error', reject);
    request.end();
  });
  const received: string[] = [];
  response.on('data', (chunk) => received.push(String(chunk)));
  for (const event of ['data: 1\n\n', 'data: 2\n\n']) {
    send(event);
    await vi.waitFor(() => expect(received.join('')).toContain(event), PATIENCE);
  }
  end();
  await vi.waitFor(() => expect(response.complete).toBe(true), PATIENCE);
});

test('when the client goes away the upstream is told', async () => {
  let isClosed = false;
  const arrived = new Promise<void>((resolve) => {
    void backend((request) => {
      request.socket.on('close', () => {
        isClosed = true;
      });
      resolve();
    }).then(async ({ port }) => {
      const gateway = await inFrontOf(port);
      const request = httpRequest({ host: '127.0.0.1', port: gateway.port, agent: false });
      request.on('error', () => undefined);
      request.end();
      await arrived;
      request.destroy();
    });
  });
  await arrived;
  await vi.waitFor(() => expect(isClosed).toBe(true), PATIENCE);
});

test('a WebSocket passes in both directions, text and binary', async () => {
  const { port, server } = await backend();
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket: Socket, request) => {
    socket.send(`hello ${request.url} ${request.headers['x-forwarded-prefix']}`);
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
  });
  const api = service({ port });
  const gateway = await proxy({
    services: [api],
    routes: [route({ paths: ['/ws'], service: { id: api.id } })],
  });
  const client = new WebSocket(`ws://127.0.0.1:${gateway.port}/ws/chat?room=1`);
  const received: string[] = [];
  client.on('message', (data) => received.push(data.toString()));
  await vi.waitFor(() => expect(received).toEqual(['hello /chat?room=1 /ws']), PATIENCE);
  client.send('text');
  client.send(Buffer.alloc(200_000, 'b'));
  await vi.waitFor(
    () => expect(received).toEqual(['hello /chat?room=1 /ws', 'text', 'b'.repeat(200_000)]),
    PATIENCE,
  );
  client.close();
  await vi.waitFor(() => expect(sockets.clients.size).toBe(0), PATIENCE);
  sockets.close();
});

test('plugins guard WebSocket handshakes like any other request', async () => {
  const { port } = await backend();
  const api = service({ port });
  const config = { key_names: ['apikey'], key_in_header: true, key_in_query: false, run_on_preflight: true };
  const gateway = await proxy({
    services: [api],
    routes: [route({ paths: ['/'], service: { id: api.id } })],
    plugins: [plugin('key-auth', config)],
  });
  const client = new WebSocket(`ws://127.0.0.1:${gateway.port}/`);
  const message = await new Promise<string>((resolve) =>
    client.on('error', (error) => resolve(error.message)),
  );
  expect(message).toContain('401');
});

test('a handshake that the upstream declines is answered with the response of the upstream', async () => {
  const { port } = await backend(echo('echo-1'));
  const gateway = await inFrontOf(port);
  const client = new WebSocket(`ws://127.0.0.1:${gateway.port}/status/418`);
  const message = await new Promise<string>((resolve) =>
    client.on('error', (error) => resolve(error.message)),
  );
  expect(message).toContain('418');
});

test.each([
  ['two lengths that differ', 'Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcd'],
  ['a length and chunks', 'Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
  ['a coding that does not end with chunked', 'Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n'],
  ['a blank before the colon', 'Content-Length : 4\r\n\r\nabcd'],
  ['a chunk size that is no number', 'Transfer-Encoding: chunked\r\n\r\nxyz\r\n'],
])('a request with %s never reaches the upstream', async (_what, rest) => {
  const upstream = await backend();
  const gateway = await inFrontOf(upstream.port);
  const answer = await raw(gateway.port, `POST / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n${rest}`);
  expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  expect(upstream.requests.filter((request) => request.complete)).toEqual([]);
});

test('a head that is too large is answered 431', async () => {
  const gateway = await proxy({});
  const answer = await raw(gateway.port, `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(40_000)}\r\n\r\n`);
  expect(answer).toMatch(/^HTTP\/1\.1 431 /);
});

test('responses without a body keep their head and the connection', async () => {
  const { port } = await backend((request, response) => {
    response.writeHead(request.url === '/nothing' ? 204 : 200, {
      'x-a': '1',
      ...(request.method === 'HEAD' ? { 'content-length': '10' } : {}),
    });
    response.end();
  });
  const gateway = await inFrontOf(port);
  const head = await gateway.call('/', { method: 'HEAD' });
  expect([head.status, head.headers['content-length'], head.text]).toEqual([200, '10', '']);
  expect((await gateway.call('/nothing')).status).toBe(204);
});

test('several cookies of a response stay several', async () => {
  const { port } = await backend((_request, response) => {
    response.setHeader('set-cookie', ['a=1; Path=/', 'b=2']);
    response.end();
  });
  const gateway = await inFrontOf(port);
  expect((await gateway.call('/')).headers['set-cookie']).toEqual(['a=1; Path=/', 'b=2']);
});

test('stopping lets a request that is under way end and takes no further connection', async () => {
  let finish: () => void = () => undefined;
  const { port, requests } = await backend((_request, response) => {
    finish = () => response.end('done');
  });
  const gateway = await inFrontOf(port);
  const answer = gateway.call('/');
  await vi.waitFor(() => expect(requests).toHaveLength(1), PATIENCE);
  const stopped = gateway.handle.stop(5_000);
  await expect(gateway.call('/')).rejects.toThrow('ECONNREFUSED');
  finish();
  expect((await answer).text).toBe('done');
  await stopped;
});
