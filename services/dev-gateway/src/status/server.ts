import fastify, { type FastifyInstance, type FastifyReply } from 'fastify';
import { metricsAnswer, nodeStatus } from '../admin/node-paths.ts';
import type { AdminAnswer } from '../admin/request.ts';
import type { MetricsSource, NodeReadiness } from '../model/health.ts';

export interface StatusOptions {
  readonly readiness: NodeReadiness;
  readonly metrics: MetricsSource;
}

/** `GET /status/ready`: whether traffic should be sent here, and if not, why not. */
export async function readyAnswer(readiness: NodeReadiness): Promise<AdminAnswer> {
  if (!(await readiness.databaseReachable())) {
    return { status: 503, body: { message: 'failed to connect to database' } };
  }
  if (!readiness.proxyReady()) return { status: 503, body: { message: 'no configuration available' } };
  return { status: 200, body: { message: 'ready' } };
}

function send(reply: FastifyReply, { status, headers, body }: AdminAnswer): FastifyReply {
  const isText = typeof body === 'string';
  const type = isText ? {} : { 'content-type': 'application/json; charset=utf-8' };
  return reply
    .code(status)
    .headers({ ...type, ...headers })
    .send(isText ? body : JSON.stringify(body));
}

/** The status listener: for health checks and for Prometheus, without anything that could be changed. */
export function buildStatus({ readiness, metrics }: StatusOptions): FastifyInstance {
  const app = fastify({ logger: false });
  app.get('/status', async (_request, reply) => send(reply, await nodeStatus({ readiness })));
  app.get('/status/ready', async (_request, reply) => send(reply, await readyAnswer(readiness)));
  app.get('/metrics', async (_request, reply) => send(reply, await metricsAnswer(metrics)));
  app.setNotFoundHandler((_request, reply) => send(reply, { status: 404, body: { message: 'Not found' } }));
  app.setErrorHandler((_error, _request, reply) =>
    send(reply, { status: 500, body: { message: 'An unexpected error occurred' } }),
  );
  return app;
}
