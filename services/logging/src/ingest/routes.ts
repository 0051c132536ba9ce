/** The listener for events: /v1/events, /v1/kong, /v1/logs, /v1/alerts. */
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { bearerOf, tokenMatches } from '../access/token.ts';
import type { Secret } from '../config/secret.ts';
import type { Intake } from '../event/model.ts';
import type { Metrics } from '../http/metrics.ts';
import { HttpProblem } from '../http/problem.ts';
import type { Masker } from '../mask/mask.ts';
import { PieceMemory } from '../piece-memory.ts';
import { type BodyFormat, bodyFormat, textOfBody, unknownType, unpackBody } from './body.ts';
import { type Deliver, refusal } from './deliver.ts';
import { InFlight } from './in-flight.ts';
import { intakesFromNotification, intakesFromRecords } from './intakes.ts';
import { decodeLogsRequest, recordsFromOtlp } from './otlp.ts';
import { FULL_SUCCESS } from './otlp-schema.ts';
import { receiveBody } from './receive.ts';
import { parseDocument, recordsFromDocument, recordsFromLines } from './records.ts';
import { Turns } from './turns.ts';

export interface IngestParts {
  readonly deliver: Deliver;
  /** Senders have to give it where it is set. */
  readonly token: Secret | undefined;
  readonly masker: Masker;
  readonly metrics: Metrics;
  readonly maxBodyBytes: number;
  readonly maxInflatedBodyBytes: number;
  readonly maxLineBytes: number;
  readonly nowMs: () => number;
}

/** Bodies that may be in memory at the same time, in units of the largest one. */
const CONCURRENT_BODIES = 3;

/** Less than a millisecond of reading, and small batches enough to share an fsync. */
const TURN_BYTES = 64 * 1024;

function declaredBytes({ headers }: FastifyRequest): number | undefined {
  const declared = headers['content-length'];
  return declared === undefined ? undefined : Number(declared);
}

interface Door {
  readonly path: string;
  readonly formats: readonly BodyFormat[];
  /** @throws HttpProblem */
  readonly read: (body: Buffer, format: BodyFormat, observedUs: number) => Intake[];
  readonly answer: (reply: FastifyReply, format: BodyFormat, accepted: number) => FastifyReply;
}

function answerCount(reply: FastifyReply, _format: BodyFormat, accepted: number): FastifyReply {
  return reply.code(202).send({ accepted });
}

function answerOtlp(reply: FastifyReply, format: BodyFormat): FastifyReply {
  return format === 'protobuf'
    ? reply.type('application/x-protobuf').send(FULL_SUCCESS)
    : reply.type('application/json').send('{}');
}

/** Health and metrics stay open; everything that brings events needs the token. */
function requireToken(app: FastifyInstance, token: Secret): void {
  app.addHook('onRequest', async (request, reply) => {
    if (request.method !== 'POST') return;
    if (tokenMatches(bearerOf(request.headers.authorization) ?? '', token)) return;
    reply.header('www-authenticate', 'Bearer realm="logging"');
    throw new HttpProblem(401, 'UNAUTHORIZED', 'events are taken only with the ingest token', {
      hint: 'Send it as "Authorization: Bearer <token>".',
    });
  });
}

export function registerIngest(app: FastifyInstance, parts: IngestParts): void {
  const inFlight = new InFlight(CONCURRENT_BODIES * parts.maxInflatedBodyBytes);
  const turns = new Turns(TURN_BYTES);
  const releases = new WeakMap<FastifyRequest, () => void>();
  if (parts.token !== undefined) requireToken(app, parts.token);
  app.removeAllContentTypeParsers();
  const bodies = new PieceMemory();
  app.addContentTypeParser('*', (request: FastifyRequest, stream: IncomingMessage) =>
    receiveBody(stream, declaredBytes(request), parts.maxBodyBytes, bodies),
  );

  app.addHook('onRequest', async (request) => {
    if (request.method !== 'POST') return;
    const declared = declaredBytes(request) ?? parts.maxBodyBytes;
    const isPacked = request.headers['content-encoding'] !== undefined;
    // Refused by its size in a moment; no room is needed for it.
    if (declared > parts.maxBodyBytes) return;
    releases.set(request, inFlight.reserve(isPacked ? parts.maxInflatedBodyBytes : declared));
  });
  // Not `onResponse`: an answer whose connection is gone before its turn never ends.
  app.addHook('onSend', async (request) => releases.get(request)?.());
  app.addHook('onRequestAbort', async (request) => releases.get(request)?.());
  app.addHook('onError', async (_request, _reply, error) => {
    const status =
      error instanceof HttpProblem ? error.status : (error as { statusCode?: number }).statusCode;
    // 429 and 503 are counted where they arise, in events.
    if (status !== undefined && status >= 400 && status < 500 && status !== 429)
      parts.metrics.error('rejected');
  });

  function accept({ path, formats, read, answer }: Door): void {
    const take = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
      const { body } = request;
      const format = bodyFormat(request.headers['content-type']);
      if (!formats.includes(format)) throw unknownType(request.headers['content-type'] ?? 'none');
      if (!Buffer.isBuffer(body) || body.length === 0) {
        throw new HttpProblem(400, 'EMPTY_BODY', 'the body is empty', { line: 1 });
      }
      const bytes = await unpackBody(body, request.headers['content-encoding'], parts.maxInflatedBodyBytes);
      await turns.next(bytes.length);
      const { events, durable } = handOver(read(bytes, format, parts.nowMs() * 1000));
      bodies.giveBack(body);
      try {
        await durable;
      } catch (error) {
        throw refusal(error);
      }
      return answer(reply, format, events);
    };
    app.post(path, async (request, reply) => {
      // A body that has come is held until it is done with, though its sender may be gone.
      const release = releases.get(request);
      releases.delete(request);
      try {
        return await take(request, reply);
      } finally {
        release?.();
      }
    });
  }

  /** While the disk is waited for, nothing holds the events: the collector would have to carry them about. */
  const handOver = (intakes: readonly Intake[]) => ({
    events: intakes.length,
    durable: parts.deliver(intakes),
  });

  const readRecords =
    (channel: 'http' | 'kong'): Door['read'] =>
    (body, format, observedUs) => {
      const records =
        format === 'json'
          ? recordsFromDocument(textOfBody(body), parts.maxLineBytes)
          : recordsFromLines(body, parts.maxLineBytes);
      const intakes = intakesFromRecords(records, channel, observedUs, parts.masker);
      if (intakes.length === 0)
        throw new HttpProblem(400, 'EMPTY_BATCH', 'the batch holds no event', { line: 1 });
      return intakes;
    };
  const formats = ['lines', 'json'] as const;
  accept({ path: '/v1/events', formats, read: readRecords('http'), answer: answerCount });
  accept({ path: '/v1/kong', formats, read: readRecords('kong'), answer: answerCount });
  accept({
    path: '/v1/alerts',
    formats,
    read: (body, _format, observedUs) =>
      intakesFromNotification(parseDocument(textOfBody(body)), observedUs, parts.masker),
    answer: answerCount,
  });
  accept({
    path: '/v1/logs',
    formats: ['protobuf', 'json'],
    read: (body, format, observedUs) => {
      const request = format === 'protobuf' ? decodeLogsRequest(body) : parseDocument(textOfBody(body));
      return intakesFromRecords(recordsFromOtlp(request), 'otlp', observedUs, parts.masker);
    },
    answer: answerOtlp,
  });
}
