import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { post, runningService, scratchDirectory } from '../support/scratch.ts';

const NDJSON = { 'content-type': 'application/x-ndjson' };
const BYTE_EVERY_MS = 1_000;

/** Sends its text byte by byte until the other side has had enough. Resolves when the connection is closed. */
async function sendSlowly(url: string, head: string, endless: string): Promise<void> {
  const socket: Socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.on('error', () => undefined);
  socket.resume();
  socket.write(head);
  const timer = setInterval(() => socket.write(endless), BYTE_EVERY_MS);
  onTestFinished(() => {
    clearInterval(timer);
    socket.destroy();
  });
  await once(socket, 'close');
  clearInterval(timer);
}

it('clients that send a byte a second, as headers or as a body, are cut off, and others are served meanwhile', async () => {
  const { ingestUrl } = await runningService(await scratchDirectory());
  const line = 'POST /v1/events HTTP/1.1\r\nhost: x\r\n';
  let open = 2;
  const slow = [
    sendSlowly(ingestUrl, `${line}x-slow: `, 'a'),
    sendSlowly(
      ingestUrl,
      `${line}content-type: application/x-ndjson\r\ncontent-length: 100000\r\n\r\n{"a":"`,
      'b',
    ),
  ].map((ended) => ended.then(() => (open -= 1)));
  while (open > 0) {
    expect((await post(`${ingestUrl}/v1/events`, '{"message":"good"}', NDJSON)).status).toBe(202);
    await Promise.race([...slow.slice(-open), new Promise((resolve) => setTimeout(resolve, BYTE_EVERY_MS))]);
  }
  await Promise.all(slow);
});
