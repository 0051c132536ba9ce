/** The door on 8003: search and state, behind the admin token. */
import { createHash, timingSafeEqual } from 'node:crypto';
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Config } from '../config/load.ts';
import { idToInteger } from '../event/identity.ts';
import type { Metrics } from '../metrics.ts';
import type { Pipeline } from '../pipeline.ts';
import { eventQuerySchema, eventStatement, statsStatement } from '../query/event-query.ts';
import { cursorOf, eventOf } from '../query/event-row.ts';
import { QueryTimeoutError } from '../store/errors.ts';

const QUERY_TIMEOUT_MS = 15_000;
const PAGE =
  '<!doctype html><html lang="en"><meta charset="utf-8"><title>apictl logging</title><h1>apictl logging</h1>' +
  '<p>The log service of this stack. Its API is below <code>/api/v1</code> and wants the admin token as bearer:' +
  ' <code>events</code>, <code>stats</code>, <code>alerts</code>, <code>pipeline</code>.</p>';

const statsQuerySchema = eventQuerySchema.pick({ since: true, until: true });

export function buildAdminServer(config: Config, pipeline: Pipeline, metrics: Metrics): FastifyInstance {
  const server = Fastify({ forceCloseConnections: true });
  const isAdmin = tokenCheck(config.adminToken.reveal());
  server.addHook('onResponse', async (_request, reply) => {
    metrics.requests.inc({ code: reply.statusCode });
  });
  server.addHook('onRequest', async (request, reply) => {
    if (!request.url.startsWith('/api/') || isAdmin(request)) return;
    await reply
      .code(401)
      .header('www-authenticate', 'Bearer')
      .send({ error: { message: 'the admin token is missing or wrong' } });
  });
  server.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) => {
    if (error instanceof z.ZodError) {
      const problems = error.issues.map((issue) => `${issue.path.join('.') || 'query'}: ${issue.message}`);
      return reply.code(400).send({ error: { message: problems.join('; ') } });
    }
    metrics.error('query');
    if (error instanceof QueryTimeoutError) {
      return reply
        .code(503)
        .send({ error: { message: 'the search took too long; narrow it with since or a field' } });
    }
    return reply.code(error.statusCode ?? 500).send({ error: { message: 'the search failed' } });
  });

  server.get('/', async (_request, reply) => reply.type('text/html').send(PAGE));
  server.get('/api/v1/events', async (request) => {
    const query = eventQuerySchema.parse(request.query);
    const { sql, values } = eventStatement(query);
    const rows = await pipeline.store.query(sql, values, QUERY_TIMEOUT_MS);
    const page = rows.slice(0, query.limit);
    const last = page.at(-1);
    return {
      events: page.map(eventOf),
      next: rows.length > query.limit && last !== undefined ? cursorOf(last) : null,
    };
  });
  server.get('/api/v1/alerts', async (request) => {
    const query = eventQuerySchema.parse({ ...(request.query as object), kind: 'alert' });
    const { sql, values } = eventStatement(query);
    const rows = await pipeline.store.query(sql, values, QUERY_TIMEOUT_MS);
    return { alerts: rows.slice(0, query.limit).map(eventOf) };
  });
  server.get<{ Params: { id: string } }>('/api/v1/events/:id', async (request, reply) => {
    const id = z
      .string()
      .regex(/^[0-9a-f]{16}$/, 'must be 16 hexadecimal digits')
      .parse(request.params.id);
    const rows = await pipeline.store.query(
      'SELECT * FROM events WHERE id = ? LIMIT 1',
      [idToInteger(id)],
      QUERY_TIMEOUT_MS,
    );
    const [row] = rows;
    if (row === undefined) return reply.code(404).send({ error: { message: `there is no event ${id}` } });
    return eventOf(row);
  });
  server.get('/api/v1/stats', async (request) => {
    const { sql, values } = statsStatement(statsQuerySchema.parse(request.query));
    const rows = await pipeline.store.query(sql, values, QUERY_TIMEOUT_MS);
    return {
      routes: rows.map((row) => ({
        service: row.service,
        route: row.route,
        requests: Number(row.requests),
        errors: Number(row.errors),
        error_ratio: Number(row.errors) / Number(row.requests),
        duration_ms: { p50: row.p50, p95: row.p95, p99: row.p99 },
      })),
    };
  });
  server.get('/api/v1/pipeline', async () => pipeline.state);
  return server;
}

/** Hashes of equal length, so that neither the length nor the first wrong letter shows in the time it takes. */
function tokenCheck(token: string): (request: FastifyRequest) => boolean {
  const hash = (text: string): Buffer => createHash('sha256').update(text).digest();
  const wanted = hash(token);
  return (request) => {
    const given = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '';
    return timingSafeEqual(hash(given), wanted);
  };
}
