/** Live tails: what is stored from now on, as server-sent events. */
import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { HttpProblem } from '../http/problem.ts';
import type { Store } from '../store/port.ts';
import type { Ask } from './ask.ts';
import { toEvent } from './documents.ts';
import type { Filters } from './parameters.ts';
import { tailStatement } from './statement.ts';

const MAX_TAILS = 20;
/** More than this between two looks is nothing that anybody reads along; it says so and goes on at the end. */
const MAX_EVENTS = 500;
const LOOK_EVERY_MS = 250;
/** Proxies and browsers close what is silent. */
const COMMENT_EVERY_MS = 15_000;

export class Tails {
  readonly #store: Store;
  readonly #ask: Ask;
  readonly #stopping: AbortSignal;
  #open = 0;

  constructor(store: Store, ask: Ask, stopping: AbortSignal) {
    this.#store = store;
    this.#ask = ask;
    this.#stopping = stopping;
  }

  /** Takes over the answer until the client goes or the service stops. @throws HttpProblem 400, 429 */
  async serve(filters: Filters, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const from = startOf(request.headers['last-event-id'], this.#store.ledger.storedSequence);
    if (this.#open >= MAX_TAILS) {
      throw new HttpProblem(429, 'TOO_MANY_TAILS', `${MAX_TAILS} live tails are open already`, {
        retryAfterSeconds: 10,
      });
    }
    const gone = new AbortController();
    // An answer that waits behind another one on its connection never hears that this is gone; its request does.
    for (const side of [request.raw, reply.raw]) side.on('close', () => gone.abort());
    reply.hijack();
    reply.raw.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    reply.raw.write(': following\n\n');
    this.#open += 1;
    try {
      await this.#follow(filters, from, reply, AbortSignal.any([gone.signal, this.#stopping]));
    } catch {
      // The store failed or the query took too long: the browser connects again and goes on after the last id.
    } finally {
      this.#open -= 1;
      reply.raw.end();
    }
    return reply;
  }

  async #follow(filters: Filters, from: number, reply: FastifyReply, signal: AbortSignal): Promise<void> {
    let sequence = from;
    let writtenMs = Date.now();
    while (!signal.aborted) {
      const stored = this.#store.ledger.storedSequence;
      if (stored > sequence) {
        const rows = await this.#ask(tailStatement(filters, sequence, MAX_EVENTS + 1));
        const events = rows.slice(0, MAX_EVENTS).map(toEvent);
        let text = events
          .map((event) => `id: ${event.sequence}\nevent: event\ndata: ${JSON.stringify(event)}\n\n`)
          .join('');
        if (rows.length > MAX_EVENTS) text += `id: ${stored}\nevent: skipped\ndata: {}\n\n`;
        sequence = Math.max(stored, events.at(-1)?.sequence ?? 0);
        if (text !== '') {
          writtenMs = Date.now();
          await write(reply, text, signal);
        }
      } else if (Date.now() - writtenMs > COMMENT_EVERY_MS) {
        writtenMs = Date.now();
        await write(reply, ': still here\n\n', signal);
      }
      await delay(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}

function startOf(lastEventId: string | string[] | undefined, stored: number): number {
  if (lastEventId === undefined || lastEventId === '') return stored;
  const id =
    typeof lastEventId === 'string' && /^\d{1,15}$/.test(lastEventId) ? Number(lastEventId) : Number.NaN;
  if (Number.isNaN(id)) throw new HttpProblem(400, 'BAD_ID', 'Last-Event-ID is no id of an event');
  return Math.min(id, stored);
}

/** Waits while the client does not read, so that nothing piles up for it; one that is gone takes nothing and never will. */
async function write(reply: FastifyReply, text: string, signal: AbortSignal): Promise<void> {
  if (reply.raw.write(text) || signal.aborted) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      reply.raw.off('drain', done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    reply.raw.on('drain', done);
    signal.addEventListener('abort', done);
  });
}
