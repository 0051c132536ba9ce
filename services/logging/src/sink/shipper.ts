/** Brings the store's events to Elasticsearch in order, for as long as it takes; the store is its queue. */
import { setTimeout as delay } from 'node:timers/promises';
import type { DeadLetter } from '../store/dead-letters.ts';
import type { Store } from '../store/port.ts';
import { SHIPPED } from '../store/sink-ledger.ts';
import { type ShippedDocument, toShipped } from './document.ts';
import type { Outcome } from './elasticsearch.ts';

/** Where documents go; tests put their own in its place. */
export interface Target {
  readonly send: (documents: readonly ShippedDocument[], signal: AbortSignal) => Promise<Outcome>;
}

export interface ShipperEvents {
  /** Nothing goes on at the moment; `waiting` documents are tried again. */
  readonly onFailure: (error: Error, waiting: number) => void;
  readonly onRefused: (reason: string) => void;
}

export interface ShipperPace {
  readonly firstRetryMs: number;
  readonly lastRetryMs: number;
  readonly lookEveryMs: number;
}

const PACE: ShipperPace = { firstRetryMs: 500, lastRetryMs: 15_000, lookEveryMs: 500 };
const MAX_DOCUMENTS = 1000;
/** Elasticsearch refuses requests of 100 MB; long before that they are only slower. */
const MAX_BYTES = 8 * 1024 * 1024;
const QUERY_TIMEOUT_MS = 30_000;

export class Shipper {
  readonly #store: Store;
  readonly #target: Target;
  readonly #events: ShipperEvents;
  readonly #pace: ShipperPace;
  #lastError: Error | undefined;

  constructor(store: Store, target: Target, events: ShipperEvents, pace: ShipperPace = PACE) {
    this.#store = store;
    this.#target = target;
    this.#events = events;
    this.#pace = pace;
  }

  /** Why the last attempt failed; undefined while all is well. */
  get lastError(): Error | undefined {
    return this.#lastError;
  }

  /** Events of the store that Elasticsearch is still to get. */
  async pending(): Promise<number> {
    const sql = `SELECT count(*) AS pending FROM events WHERE seq > ${this.#store.sink.throughSequence} AND ${SHIPPED}`;
    const [row] = await this.#store.query(sql, [], QUERY_TIMEOUT_MS);
    return Number(row?.pending);
  }

  /** Runs until the signal fires. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        if (await this.#step(signal)) continue;
      } catch (error) {
        if (signal.aborted) return;
        this.#fail(error, 0);
      }
      await pause(this.#pace.lookEveryMs, signal);
    }
  }

  /** Sends dead letters again. @returns how many were taken, and why the others were not */
  async replay(letters: readonly DeadLetter[]): Promise<{ taken: number; reasons: readonly string[] }> {
    const documents = letters.map(({ sequence, payload }) => ({
      sequence,
      id: String((JSON.parse(payload) as Record<string, unknown>)['event.id']),
      json: payload,
    }));
    const outcome = await this.#target.send(documents, AbortSignal.timeout(QUERY_TIMEOUT_MS));
    const left = new Set([...outcome.refused.map(({ document }) => document), ...outcome.postponed]);
    const taken = documents.filter((document) => !left.has(document));
    await this.#store.settleDeadLetters(taken);
    const reasons = outcome.refused.map(({ reason }) => reason);
    return {
      taken: taken.length,
      reasons: outcome.postponedBecause === undefined ? reasons : [...reasons, outcome.postponedBecause],
    };
  }

  /** One stretch of the store; false when there is nothing to send. */
  async #step(signal: AbortSignal): Promise<boolean> {
    const { sink, ledger } = this.#store;
    if (ledger.storedSequence <= sink.throughSequence) return false;
    const rows = await this.#store.query(
      `SELECT * FROM events WHERE seq > ${sink.throughSequence} AND seq <= ${ledger.storedSequence} AND ${SHIPPED}
        ORDER BY seq LIMIT ${MAX_DOCUMENTS}`,
      [],
      QUERY_TIMEOUT_MS,
    );
    const { documents, isCut } = cut(rows.map(toShipped));
    // Without a further page everything up to the last stored number is settled, the gateway's lines between included.
    const isLastPage = !isCut && rows.length < MAX_DOCUMENTS;
    const throughSequence = isLastPage ? ledger.storedSequence : (documents.at(-1)?.sequence ?? 0);
    const settled = await this.#insist(documents, signal);
    if (settled === undefined) return false;
    const { delivered, duplicates, letters } = settled;
    await this.#store.settleSink({ throughSequence, delivered, duplicates }, letters);
    for (const { reason } of letters) this.#events.onRefused(reason);
    return true;
  }

  /** Sends until every document is taken or refused for good; undefined when the service stops first. */
  async #insist(documents: readonly ShippedDocument[], signal: AbortSignal): Promise<Settled | undefined> {
    let waiting = documents;
    let [delivered, duplicates] = [0, 0];
    const letters: DeadLetter[] = [];
    let retryMs = this.#pace.firstRetryMs;
    while (waiting.length > 0) {
      try {
        const outcome = await this.#target.send(waiting, signal);
        delivered += outcome.delivered;
        duplicates += outcome.duplicates;
        letters.push(...outcome.refused.map(({ document, reason }) => letterOf(document, reason)));
        if (outcome.postponed.length < waiting.length) retryMs = this.#pace.firstRetryMs;
        waiting = outcome.postponed;
        if (waiting.length === 0) break;
        this.#fail(new Error(outcome.postponedBecause ?? 'Elasticsearch is busy'), waiting.length);
      } catch (error) {
        if (signal.aborted) return undefined;
        this.#fail(error, waiting.length);
      }
      await pause(retryMs, signal);
      if (signal.aborted) return undefined;
      retryMs = Math.min(retryMs * 2, this.#pace.lastRetryMs);
    }
    this.#lastError = undefined;
    return { delivered, duplicates, letters };
  }

  #fail(error: unknown, waiting: number): void {
    this.#lastError = error instanceof Error ? error : new Error(String(error));
    this.#events.onFailure(this.#lastError, waiting);
  }
}

interface Settled {
  readonly delivered: number;
  readonly duplicates: number;
  readonly letters: readonly DeadLetter[];
}

function letterOf({ sequence, json }: ShippedDocument, reason: string): DeadLetter {
  return { sequence, destination: 'elasticsearch', reason, atUs: Date.now() * 1000, payload: json };
}

/** The first documents that fit into one request, at least one. */
function cut(all: readonly ShippedDocument[]): { documents: readonly ShippedDocument[]; isCut: boolean } {
  let bytes = 0;
  for (const [index, { json }] of all.entries()) {
    bytes += json.length;
    if (index > 0 && bytes > MAX_BYTES) return { documents: all.slice(0, index), isCut: true };
  }
  return { documents: all, isCut: false };
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => undefined);
}
