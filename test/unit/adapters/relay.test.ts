import { connect } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { loopbackRelay } from '../../../src/adapters/relay.ts';
import type { OpenRelay } from '../../../src/core/ports/relay.ts';

let relay: OpenRelay | undefined;
afterEach(() => relay?.close());

/** Sends a text and reads until the connection ends. */
const exchange = (port: number, text: string): Promise<string> =>
  new Promise((resolve) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    socket.on('data', (bytes) => {
      answer += bytes.toString();
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(answer));
  });

it('a relay carries each connection for itself, and ends it where what carries it ends', async () => {
  relay = await loopbackRelay.open(async function* (sent) {
    for await (const bytes of sent) {
      yield Buffer.from(`back: ${Buffer.from(bytes).toString()}`);
      return;
    }
  });
  const { port } = relay;
  expect(await Promise.all([exchange(port, 'one'), exchange(port, 'two')])).toEqual([
    'back: one',
    'back: two',
  ]);
});

it('a relay outlives what fails in one connection, and none of them its close', async () => {
  let carried = 0;
  relay = await loopbackRelay.open(async function* (sent) {
    carried += 1;
    if (carried === 1) throw new Error('the container is gone');
    for await (const bytes of sent) yield bytes;
  });
  expect(await exchange(relay.port, 'lost')).toBe('');
  const open = exchange(relay.port, 'kept open');
  await expect.poll(() => carried).toBe(2);
  relay.close();
  await open;
});
