/**
 * The store in a thread of its own: decoding and inserting never keep a sender waiting for its acknowledgement.
 */
import { Worker } from 'node:worker_threads';
import type { Destination } from './dead-letters.ts';
import type { EngineOptions } from './engine.ts';
import {
  QueryTimeoutError,
  StoreCrashedError,
  StoreLockedError,
  StoreReplacedError,
  StoreTooNewError,
} from './errors.ts';
import type { OpenStore, Store, StoreState, StoreStretch } from './port.ts';
import {
  type Counts,
  type Method,
  pack,
  type Reply,
  type Request,
  type SentError,
} from './worker-messages.ts';

/** Errors that the service tells apart keep their class. */
const CLASSES = [QueryTimeoutError, StoreLockedError, StoreReplacedError, StoreTooNewError];

function received({ name, message }: SentError): Error {
  const known = CLASSES.find((candidate) => candidate.name === name);
  const error = new Error(message);
  if (known !== undefined) Object.setPrototypeOf(error, known.prototype);
  error.name = name;
  return error;
}

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** Its bundle lies beside the one of the service. */
const WORKER = new URL('./store-worker.mjs', import.meta.url);

/** Batches live for a moment: a small nursery keeps the thread's memory small and costs it little time. */
const LIMITS = { maxYoungGenerationSizeMb: 12 };

export const openStoreInWorker: OpenStore = (options) => StoreClient.open(options);

class StoreClient implements Store {
  readonly #worker: Worker;
  readonly #pending = new Map<number, Pending>();
  #counts: Counts;
  #calls = 0;
  #isClosed = false;
  #crash: StoreCrashedError | undefined;
  #spareMemory: ArrayBuffer | undefined;

  private constructor(worker: Worker, counts: Counts) {
    this.#worker = worker;
    this.#counts = counts;
    worker.on('message', (reply: Reply) => this.#settle(reply));
    worker.on('error', (error) => this.#crashed(error.message));
    worker.on('exit', (code) => this.#crashed(`its thread ended with code ${code}`));
  }

  static async open(options: EngineOptions): Promise<{ readonly store: Store; readonly state: StoreState }> {
    const worker = new Worker(WORKER, { workerData: options, resourceLimits: LIMITS });
    const first = await new Promise<Reply>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    }).finally(() => worker.removeAllListeners('error'));
    if (first.kind === 'not-opened') throw received(first.error);
    if (first.kind !== 'opened') throw new Error('the thread of the store answered before it had opened it');
    return { store: new StoreClient(worker, first.counts), state: first.state };
  }

  get ledger(): Counts['ledger'] {
    return this.#counts.ledger;
  }

  get sink(): Counts['sink'] {
    return this.#counts.sink;
  }

  deadLetters(destination: Destination): number {
    return this.#counts.deadLetters.get(destination) ?? 0;
  }

  take(stretch: StoreStretch): Promise<readonly string[]> {
    const packed = pack(stretch, this.#spareMemory);
    this.#spareMemory = undefined;
    const memory = [packed.bytes.buffer, packed.sequences.buffer, packed.lengths.buffer];
    return this.#call('take', [packed], memory) as Promise<readonly string[]>;
  }

  settleSink = this.#remote('settleSink');
  takeBack = this.#remote('takeBack');
  settleDeadLetters = this.#remote('settleDeadLetters');
  expire = this.#remote('expire');
  indexRequests = this.#remote('indexRequests');
  forgetPositions = this.#remote('forgetPositions');
  checkpoint = this.#remote('checkpoint');
  query = this.#remote('query');
  usedBytes = this.#remote('usedBytes');
  reopen = this.#remote('reopen');

  async close(): Promise<void> {
    if (this.#crash !== undefined) return;
    await this.#call('close', [], []);
    this.#isClosed = true;
    await this.#worker.terminate();
  }

  #remote<M extends Method>(method: M): Store[M] {
    return ((...args: unknown[]) => this.#call(method, args, [])) as Store[M];
  }

  #call(method: Method, args: readonly unknown[], memory: readonly ArrayBuffer[]): Promise<unknown> {
    if (this.#crash !== undefined) return Promise.reject(this.#crash);
    this.#calls += 1;
    const call = this.#calls;
    return new Promise((resolve, reject) => {
      this.#pending.set(call, { resolve, reject });
      this.#worker.postMessage({ call, method, args } satisfies Request, [...memory]);
    });
  }

  #settle(reply: Reply): void {
    if (reply.kind === 'opened' || reply.kind === 'not-opened') return;
    this.#counts = reply.counts;
    if (reply.memory !== undefined) this.#spareMemory = reply.memory;
    const pending = this.#pending.get(reply.call);
    this.#pending.delete(reply.call);
    if (reply.kind === 'done') pending?.resolve(reply.value);
    else pending?.reject(received(reply.error));
  }

  #crashed(why: string): void {
    if (this.#isClosed) return;
    this.#crash ??= new StoreCrashedError(why);
    for (const { reject } of this.#pending.values()) reject(this.#crash);
    this.#pending.clear();
  }
}
