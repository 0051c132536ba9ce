/** The listener for events: /v1/events, /v1/kong, /v1/alerts. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Intake } from '../event/model.ts';
import type { Metrics } from '../http/metrics.ts';
import { HttpProblem } from '../http/problem.ts';
import type { Masker } from '../mask/mask.ts';
import { bodyFormat, decodeBody } from './body.ts';
import { type Deliver, refusal } from './deliver.ts';
import { InFlight } from './in-flight.ts';
import { intakesFromNotification, intakesFromRecords } from './intakes.ts';
import { parseDocument, recordsFromDocument, recordsFromLines } from './records.ts';

export interface IngestParts {
  readonly deliver: Deliver;
  readonly masker: Masker;
  readonly metrics: Metrics;
  readonly maxBodyBytes: number;
  readonly maxInflatedBodyBytes: number;
  readonly maxLineBytes: number;
  readonly nowMs: () => number;
}

/** Bodies that may be in memory at the same time, in units of the largest one. */
const CONCURRENT_BODIES = 3;

type Read = (text: string, format: 'json' | 'lines', observedUs: number) => Intake[];

export function registerIngest(app: FastifyInstance, parts: IngestParts): void {
  const inFlight = new InFlight(CONCURRENT_BODIES * parts.maxInflatedBodyBytes);
  const releases = new WeakMap<FastifyRequest, () => void>();
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));

  app.addHook('onRequest', async (request) => {
    if (request.method !== 'POST') return;
    const declared = Number(request.headers['content-length'] ?? parts.maxBodyBytes);
    const isPacked = request.headers['content-encoding'] !== undefined;
    // Refused by its size in a moment; no room is needed for it.
    if (declared > parts.maxBodyBytes) return;
    releases.set(request, inFlight.reserve(isPacked ? parts.maxInflatedBodyBytes : declared));
  });
  app.addHook('onResponse', async (request) => releases.get(request)?.());
  app.addHook('onRequestAbort', async (request) => releases.get(request)?.());
  app.addHook('onError', async (_request, _reply, error) => {
    const status =
      error instanceof HttpProblem ? error.status : (error as { statusCode?: number }).statusCode;
    // 429 and 503 are counted where they arise, in events.
    if (status !== undefined && status >= 400 && status < 500 && status !== 429)
      parts.metrics.error('rejected');
  });

  function accept(path: string, read: Read): void {
    app.post(path, async (request, reply) => {
      const { body } = request;
      const format = bodyFormat(request.headers['content-type']);
      if (!Buffer.isBuffer(body) || body.length === 0) {
        throw new HttpProblem(400, 'EMPTY_BODY', 'the body is empty', { line: 1 });
      }
      const text = await decodeBody(body, request.headers['content-encoding'], parts.maxInflatedBodyBytes);
      const intakes = read(text, format, parts.nowMs() * 1000);
      try {
        await parts.deliver(intakes);
      } catch (error) {
        throw refusal(error);
      }
      return reply.code(202).send({ accepted: intakes.length });
    });
  }

  const readRecords =
    (channel: 'http' | 'kong'): Read =>
    (text, format, observedUs) => {
      const records =
        format === 'json'
          ? recordsFromDocument(text, parts.maxLineBytes)
          : recordsFromLines(text, parts.maxLineBytes);
      if (records.length === 0)
        throw new HttpProblem(400, 'EMPTY_BATCH', 'the batch holds no event', { line: 1 });
      return intakesFromRecords(records, channel, observedUs, parts.masker);
    };
  accept('/v1/events', readRecords('http'));
  accept('/v1/kong', readRecords('kong'));
  accept('/v1/alerts', (text, _format, observedUs) =>
    intakesFromNotification(parseDocument(text), observedUs, parts.masker),
  );
}
