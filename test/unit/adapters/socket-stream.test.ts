import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ChunkedBody } from '../../../src/adapters/engine/chunked-body.ts';
import { socketStream } from '../../../src/adapters/engine/socket-stream.ts';

let folder: string;
let server: Server;
let answer: (socket: Socket, request: string) => void;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'apictl-socket-'));
  server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', (bytes) => answer(socket, bytes.toString()));
  });
  await new Promise<void>((resolve) => server.listen(join(folder, 'engine.sock'), resolve));
});

afterEach(async () => {
  await new Promise((resolve) => server.close(resolve));
  await rm(folder, { recursive: true });
});

async function read(signal?: AbortSignal): Promise<string> {
  let text = '';
  for await (const piece of socketStream(join(folder, 'engine.sock'), '/v1.41/x?a=1', { signal }))
    text += piece;
  return text;
}

const CHUNKED = 'HTTP/1.1 200 OK\r\nContent-Type: x\r\nTransfer-Encoding: chunked\r\n\r\n';

describe('the answer of an engine behind a local socket', () => {
  it('is the chunks without their sizes', async () => {
    let asked = '';
    answer = (socket, request) => {
      asked = request;
      socket.end(`${CHUNKED}5\r\nhello\r\n1A;x=f\r\n${'y'.repeat(26)}\r\n0\r\n\r\n`);
    };
    expect(await read()).toBe(`hello${'y'.repeat(26)}`);
    expect(asked).toMatch(/^GET \/v1\.41\/x\?a=1 HTTP\/1\.1\r\nHost: docker\r\n/);
  });

  it('may be empty and without chunks', async () => {
    answer = (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
    expect(await read()).toBe('');
  });

  it('is over when it has the length that it says, though the connection stays', async () => {
    answer = (socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello');
    expect(await read()).toBe('hello');
  });

  it('is whole and in its order however large it is and however slow its reader', async () => {
    const lines = Array.from({ length: 200_000 }, (_, index) => `line ${index}\n`);
    answer = (socket) => {
      socket.write(CHUNKED);
      for (let from = 0; from < lines.length; from += 997) {
        const text = lines.slice(from, from + 997).join('');
        socket.write(`${text.length.toString(16)}\r\n${text}\r\n`);
      }
      socket.end('0\r\n\r\n');
    };
    let text = '';
    for await (const piece of socketStream(join(folder, 'engine.sock'), '/v1.41/x')) {
      const before = piece.toString();
      await new Promise((resolve) => setImmediate(resolve));
      // Nothing is written over it while it is in hand.
      expect(piece.toString() === before).toBe(true);
      text += before;
    }
    expect(text === lines.join('')).toBe(true);
  });

  it('that breaks off is an error: half a log is no log', async () => {
    answer = (socket) => socket.end(`${CHUNKED}5\r\nhello\r\n`);
    await expect(read()).rejects.toMatchObject({ code: 'ECONNRESET' });
    answer = (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello');
    await expect(read()).rejects.toMatchObject({ code: 'ECONNRESET' });
    answer = (socket) => socket.end('HTTP/1.1 200');
    await expect(read()).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  it('that is a refusal has its status and the engine’s words', async () => {
    answer = (socket) =>
      socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 31\r\n\r\n{"message":"No such container"}');
    await expect(read()).rejects.toMatchObject({ statusCode: 404, message: 'No such container' });
  });

  it('of an engine that is not there is an error of the system', async () => {
    await expect(
      socketStream(join(folder, 'nobody.sock'), '/')[Symbol.asyncIterator]().next(),
    ).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('comes whole and in order, in fewer pieces than the engine writes when its reader is slower', async () => {
    const lines = Array.from({ length: 2_000 }, (_, index) => `line ${index}\n`);
    answer = async (socket) => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      for (const line of lines) await new Promise((resolve) => socket.write(line, resolve));
      socket.end();
    };
    const pieces: string[] = [];
    for await (const piece of socketStream(join(folder, 'engine.sock'), '/')) {
      pieces.push(piece.toString());
      for (let turn = 0; turn < 3; turn += 1) await new Promise(setImmediate);
    }
    expect(pieces.join('')).toBe(lines.join(''));
    expect(pieces.length).toBeLessThan(lines.length / 2);
  });

  it('is not read faster than it is used', async () => {
    const bytes = 32 * 1024 * 1024;
    let engine: Socket | undefined;
    answer = (socket) => {
      engine = socket;
      socket.end(Buffer.concat([Buffer.from('HTTP/1.1 200 OK\r\n\r\n'), Buffer.alloc(bytes, 'x')]));
    };
    let read = 0;
    for await (const piece of socketStream(join(folder, 'engine.sock'), '/')) {
      if (read === 0) {
        await new Promise(setImmediate);
        expect(engine?.writableLength).toBeGreaterThan(bytes / 2);
      }
      read += piece.length;
    }
    expect(read).toBe(bytes);
  });

  it('ends when nobody wants it any more', async () => {
    const stopping = new AbortController();
    let isClosed = false;
    answer = (socket) => {
      socket.on('close', () => {
        isClosed = true;
      });
      socket.write(`${CHUNKED}5\r\nhello\r\n`, () => stopping.abort());
    };
    await expect(read(stopping.signal)).rejects.toThrow('aborted');
    await expect.poll(() => isClosed).toBe(true);
  });
});

describe('a body in chunks', () => {
  it.each([1, 2, 3, 7])('may be cut anywhere: every %i bytes', (step) => {
    const bytes = Buffer.from(`3\r\nabc\r\n00f\r\n${'d'.repeat(15)}\r\n0\r\n\r\n`);
    const body = new ChunkedBody();
    let text = '';
    for (let from = 0; from < bytes.length; from += step)
      text += body.decode(bytes.subarray(from, from + step)).toString();
    expect([text, body.isWhole]).toEqual([`abc${'d'.repeat(15)}`, true]);
  });

  it('with a size that is none is no HTTP', () => {
    expect(() => new ChunkedBody().decode(Buffer.from('zz\r\n'))).toThrow('no number');
  });
});
