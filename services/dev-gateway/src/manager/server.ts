import fastify, { type FastifyInstance } from 'fastify';
import type { UpstreamHealth } from '../model/health.ts';
import type { SnapshotSource } from '../model/snapshot.ts';
import { pluginKinds } from '../plugins/kinds.ts';
import { renderPage } from './page.ts';

export interface ManagerOptions {
  readonly snapshots: SnapshotSource;
  readonly health: UpstreamHealth;
}

/** Nothing may run on this page or be loaded by it, and no other page may frame it. */
const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; form-action 'none'; base-uri 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
} as const;

/** The page that stands where Kong Manager would be: it shows and changes nothing. */
export function buildManager({ snapshots, health }: ManagerOptions): FastifyInstance {
  const app = fastify({ logger: false });
  const servedPlugins = new Set(pluginKinds().map(({ name }) => name));
  app.get('/', (_request, reply) =>
    reply.headers(HEADERS).send(renderPage(snapshots.current(), health, servedPlugins)),
  );
  app.setNotFoundHandler((_request, reply) => reply.redirect('/', 302));
  return app;
}
