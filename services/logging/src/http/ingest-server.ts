/** The door on 8081: batches in, health and metrics out. */
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import Fastify, { type FastifyInstance, type FastifyReply } from 'fastify';
import { BufferClosedError, BufferDiskError, BufferFullError } from '../buffer/errors.ts';
import type { Config } from '../config/load.ts';
import { NotAlertmanagerError } from '../event/alert.ts';
import { parseJson } from '../event/json.ts';
import type { Intake } from '../event/model.ts';
import { intakesOfNotification, intakesOfRecords } from '../ingest/make-intakes.ts';
import { BadBatchError, readBatch } from '../ingest/read-batch.ts';
import { TooDeepError } from '../mask/mask.ts';
import type { Metrics } from '../metrics.ts';
import type { Pipeline } from '../pipeline.ts';

const inflate = promisify(gunzip);
const RETRY_AFTER_SECONDS = 2;

/** A body that is larger than allowed once it is unpacked. */
class TooLargeError extends Error {}

export function buildIngestServer(config: Config, pipeline: Pipeline, metrics: Metrics): FastifyInstance {
  const server = Fastify({ bodyLimit: config.maxBodyBytes, forceCloseConnections: 'idle' });
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  server.addHook('onResponse', async (_request, reply) => {
    metrics.requests.inc({ code: reply.statusCode });
  });
  server.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) =>
    refuse(reply, error, metrics),
  );

  const takes = (path: string, read: (text: string, nowUs: number) => Intake[]): void => {
    server.post(path, async (request, reply) => {
      const text = await bodyText(
        request.body,
        request.headers['content-encoding'],
        config.maxInflatedBodyBytes,
      );
      const intakes = read(text, Date.now() * 1000);
      await pipeline.accept(intakes);
      return reply.code(202).send({ accepted: intakes.length });
    });
  };
  takes('/v1/events', (text, nowUs) => intakesOfRecords(readBatch(text), 'http', nowUs, pipeline.masker));
  takes('/v1/kong', (text, nowUs) => intakesOfRecords(readBatch(text), 'kong', nowUs, pipeline.masker));
  takes('/v1/alerts', (text, nowUs) => intakesOfNotification(jsonOf(text), nowUs, pipeline.masker));

  server.get('/healthz', async () => ({ status: 'alive' }));
  server.get('/readyz', async (_request, reply) => {
    const { storeError, buffered } = pipeline.state;
    if (storeError === null) return { status: 'ready', buffered };
    return reply
      .code(503)
      .header('retry-after', RETRY_AFTER_SECONDS)
      .send({ status: 'not ready', reason: storeError, buffered });
  });
  server.get('/metrics', async (_request, reply) => {
    reply.header('content-type', metrics.registry.contentType);
    return metrics.registry.metrics();
  });
  return server;
}

async function bodyText(body: unknown, encoding: string | undefined, limitBytes: number): Promise<string> {
  const bytes = body instanceof Buffer ? body : Buffer.alloc(0);
  if (encoding === undefined || encoding === 'identity') return bytes.toString('utf8');
  if (encoding !== 'gzip')
    throw new BadBatchError(`content-encoding ${JSON.stringify(encoding)} is not gzip`);
  try {
    return (await inflate(bytes, { maxOutputLength: limitBytes })).toString('utf8');
  } catch (error) {
    if ((error as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE') throw new TooLargeError();
    throw new BadBatchError('the body is not valid gzip');
  }
}

function jsonOf(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    throw new BadBatchError('the body is not valid JSON');
  }
}

function refuse(reply: FastifyReply, error: Error & { statusCode?: number }, metrics: Metrics): FastifyReply {
  metrics.error('refused');
  const send = (code: number, message: string) => reply.code(code).send({ error: { message } });
  if (
    error instanceof BadBatchError ||
    error instanceof NotAlertmanagerError ||
    error instanceof TooDeepError
  ) {
    return send(400, error.message);
  }
  if (error instanceof TooLargeError || error.statusCode === 413)
    return send(413, 'the body is larger than allowed');
  if (error instanceof BufferFullError) {
    reply.header('retry-after', RETRY_AFTER_SECONDS);
    return send(429, 'the buffer is full; nothing was taken');
  }
  if (error instanceof BufferDiskError || error instanceof BufferClosedError) {
    reply.header('retry-after', RETRY_AFTER_SECONDS);
    return send(503, 'the events could not be written to disk; nothing was taken');
  }
  return send(error.statusCode ?? 500, error.statusCode === undefined ? 'internal error' : error.message);
}
