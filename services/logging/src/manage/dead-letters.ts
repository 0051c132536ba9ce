/** Dead letters over HTTP: what was refused and why, and another try. */
import { z } from 'zod';
import type { Api, Endpoint } from '../api/endpoint.ts';
import { entryOf } from '../event/make.ts';
import { formatTimestampUs } from '../event/timestamp.ts';
import { decodeIntake } from '../event/wire.ts';
import { HttpProblem } from '../http/problem.ts';
import type { Ask } from '../query/ask.ts';
import { count } from '../query/parameters.ts';
import type { Shipper } from '../sink/shipper.ts';
import { type DeadLetter, toDeadLetter } from '../store/dead-letters.ts';
import type { Store } from '../store/port.ts';

const destination = z.enum(['store', 'elasticsearch']);

const letterDocument = z.strictObject({
  sequence: z.int(),
  destination,
  reason: z.string(),
  refused_at: z.string(),
  payload: z.string(),
});

const listQuery = z.strictObject({
  destination: destination.optional(),
  after: count(0, 999_999_999, 0).describe('The last sequence of the page before.'),
  limit: count(1, 500, 100),
});
export const deadLettersAnswer = z.strictObject({
  dead_letters: z.array(letterDocument),
  totals: z.record(destination, z.int()),
});
const LIST: Endpoint<typeof listQuery> = {
  method: 'GET',
  path: '/api/v1/dead-letters',
  summary: 'What the store or Elasticsearch refused for good',
  query: listQuery,
  answer: deadLettersAnswer,
};

const replayBody = z.strictObject({
  destination,
  sequences: z.array(z.int().min(0)).min(1).max(500).optional().describe('Without it the oldest 500.'),
});
export const replayAnswer = z.strictObject({
  tried: z.int(),
  taken: z.int(),
  reasons: z.array(z.string()).describe('Why the others were not.'),
});
const REPLAY: Endpoint<undefined, typeof replayBody> = {
  method: 'POST',
  path: '/api/v1/dead-letters/replay',
  summary: 'Offer dead letters to their destination once more',
  body: replayBody,
  answer: replayAnswer,
};

const MAX_REASONS = 10;

export function registerDeadLetters(api: Api, store: Store, ask: Ask, shipper: Shipper | undefined): void {
  api.add(LIST, async ({ query }) => {
    const values = query.destination === undefined ? [] : [query.destination];
    const only = query.destination === undefined ? '' : 'AND destination = $1';
    const rows = await ask({
      sql: `SELECT * FROM dead_letters WHERE seq > ${query.after} ${only} ORDER BY seq LIMIT ${query.limit}`,
      values,
    });
    return {
      dead_letters: rows.map(toDeadLetter).map(({ sequence, reason, payload, ...letter }) => ({
        sequence,
        destination: letter.destination,
        reason,
        refused_at: formatTimestampUs(letter.atUs),
        payload,
      })),
      totals: { store: store.deadLetters('store'), elasticsearch: store.deadLetters('elasticsearch') },
    };
  });

  api.add(REPLAY, async ({ body }) => {
    const chosen = body.sequences === undefined ? '' : `AND seq IN (${body.sequences.join(', ')})`;
    const rows = await ask({
      sql: `SELECT * FROM dead_letters WHERE destination = $1 ${chosen} ORDER BY seq LIMIT 500`,
      values: [body.destination],
    });
    const letters = rows.map(toDeadLetter);
    const { taken, reasons } =
      body.destination === 'store'
        ? await replayToStore(store, letters)
        : await replayToSink(shipper, letters);
    return { tried: letters.length, taken, reasons: [...new Set(reasons)].slice(0, MAX_REASONS) };
  });
}

interface Replayed {
  readonly taken: number;
  readonly reasons: readonly string[];
}

/** One by one: what is refused again must not keep the others out. */
async function replayToStore(store: Store, letters: readonly DeadLetter[]): Promise<Replayed> {
  let taken = 0;
  const reasons: string[] = [];
  for (const { sequence, payload } of letters) {
    try {
      taken += await store.takeBack([{ sequence, entry: entryOf(decodeIntake(Buffer.from(payload))) }]);
    } catch (error) {
      reasons.push(error instanceof Error ? error.message : String(error));
    }
  }
  return { taken, reasons };
}

async function replayToSink(shipper: Shipper | undefined, letters: readonly DeadLetter[]): Promise<Replayed> {
  if (shipper === undefined) throw new HttpProblem(409, 'NO_ELASTICSEARCH', 'no Elasticsearch is configured');
  if (letters.length === 0) return { taken: 0, reasons: [] };
  try {
    return await shipper.replay(letters);
  } catch (error) {
    throw new HttpProblem(503, 'ELASTICSEARCH', error instanceof Error ? error.message : String(error), {
      retryAfterSeconds: 10,
    });
  }
}
