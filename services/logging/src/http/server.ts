/** What both listeners share: timeouts against slow clients, error documents, security headers, request counts. */
import type { SecureContextOptions } from 'node:tls';
import Fastify, { type FastifyError, type FastifyInstance, type FastifyReply } from 'fastify';
import type { Log } from '../log.ts';
import type { Metrics } from './metrics.ts';
import { bodyTooLarge, HttpProblem } from './problem.ts';

/** A client has this long for its headers, and for headers and body together. */
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 30_000;
const IDLE_TIMEOUT_MS = 65_000;
const MAX_CONNECTIONS = 1024;

/** The page loads nothing but its own files, sends only to where it came from, and stands in no frame. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  // No text becomes markup or code, whatever a script of the page tries.
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

export interface ServerOptions {
  readonly listener: 'ingest' | 'admin';
  readonly maxBodyBytes: number;
  readonly metrics: Metrics;
  readonly log: Log;
  /** Plain HTTP where absent. */
  readonly tls?: SecureContextOptions | undefined;
}

function toProblem(error: FastifyError | Error): HttpProblem {
  if (error instanceof HttpProblem) return error;
  const status = 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : 500;
  if (status === 413) return bodyTooLarge();
  if (status >= 400 && status < 500) return new HttpProblem(status, 'BAD_REQUEST', error.message);
  return new HttpProblem(500, 'INTERNAL', 'the service failed to handle this request; its log says why');
}

function send(reply: FastifyReply, problem: HttpProblem): void {
  if (problem.retryAfterSeconds !== undefined) reply.header('retry-after', String(problem.retryAfterSeconds));
  // The rest of a refused body is not worth reading.
  if (problem.status === 413) reply.header('connection', 'close');
  reply.code(problem.status).type('application/json; charset=utf-8').send(JSON.stringify(problem));
}

export function createServer(options: ServerOptions): FastifyInstance {
  const { metrics, log, listener, tls } = options;
  const limits = { headersTimeout: HEADERS_TIMEOUT_MS, connectionsCheckingInterval: 1000 };
  const app: FastifyInstance = Fastify({
    logger: false,
    bodyLimit: options.maxBodyBytes,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: IDLE_TIMEOUT_MS,
    forceCloseConnections: 'idle',
    // What arrives on an open connection during the stop is answered by its own handler, which says when to come again.
    return503OnClosing: false,
    // Both kinds of server have the same shape where routes look.
    ...((tls === undefined ? { http: limits } : { https: { ...limits, ...tls } }) as { http: typeof limits }),
    routerOptions: { maxParamLength: 128 },
  });
  app.server.maxConnections = MAX_CONNECTIONS;
  app.addHook('onSend', async (_request, reply) => {
    reply.headers({
      'x-content-type-options': 'nosniff',
      'content-security-policy': CONTENT_SECURITY_POLICY,
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
    });
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store');
  });
  app.addHook('onResponse', async (request, reply) => {
    metrics.request(listener, request.routeOptions.url ?? 'unknown', reply.statusCode);
  });
  app.setErrorHandler((error: FastifyError | Error, request, reply) => {
    const problem = toProblem(error);
    if (problem.status === 500) {
      metrics.error('internal');
      log.write('error', 'a request failed', {
        path: request.routeOptions.url ?? 'unknown',
        error: error.stack,
      });
    }
    send(reply, problem);
  });
  app.setNotFoundHandler((_request, reply) => {
    send(reply, new HttpProblem(404, 'NOT_FOUND', 'there is nothing at this path'));
  });
  return app;
}
