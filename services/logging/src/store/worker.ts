/** The thread of the store: opens it, and does one after the other what the service asks for. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import type { EngineOptions } from './engine.ts';
import { EventStore } from './store.ts';
import {
  type Counts,
  type PackedStretch,
  type Reply,
  type Request,
  type SentError,
  unpack,
} from './worker-messages.ts';

function sent(error: unknown): SentError {
  return error instanceof Error
    ? { name: error.name, message: error.message }
    : { name: 'Error', message: String(error) };
}

async function serve(port: MessagePort, options: EngineOptions): Promise<void> {
  const reply = (message: Reply, moved: readonly ArrayBuffer[] = []): void =>
    port.postMessage(message, [...moved]);
  const opened = await EventStore.open(options).catch((error: unknown) => sent(error));
  if (!('store' in opened)) {
    reply({ kind: 'not-opened', error: opened });
    port.close();
    return;
  }
  const { store, state } = opened;
  const counts = (): Counts => ({
    ledger: store.ledger,
    sink: store.sink,
    deadLetters: new Map((['store', 'elasticsearch'] as const).map((to) => [to, store.deadLetters(to)])),
  });

  async function answer({ call, method, args }: Request): Promise<void> {
    const stretch = method === 'take' ? (args[0] as PackedStretch) : undefined;
    const memory = stretch?.bytes.buffer;
    const back = memory === undefined ? [] : [memory];
    try {
      const work = store[method].bind(store) as (...given: readonly unknown[]) => Promise<unknown>;
      const value = await (stretch === undefined ? work(...args) : work(unpack(stretch)));
      reply(
        { kind: 'done', call, value, counts: counts(), ...(memory === undefined ? {} : { memory }) },
        back,
      );
    } catch (error) {
      const failed = { kind: 'failed', call, error: sent(error), counts: counts() } as const;
      reply({ ...failed, ...(memory === undefined ? {} : { memory }) }, back);
    }
    if (method === 'close') port.close();
  }

  port.on('message', (request: Request) => void answer(request));
  reply({ kind: 'opened', state, counts: counts() });
}

if (parentPort !== null) await serve(parentPort, workerData as EngineOptions);
