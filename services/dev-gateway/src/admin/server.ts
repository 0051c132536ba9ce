import { randomBytes } from 'node:crypto';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { AdminError, methodNotAllowed, notFound, unexpected } from '../errors/admin-error.ts';
import { SERVER_NAME } from '../identity.ts';
import type { UpstreamHealth } from '../model/health.ts';
import type { ConfigurationStore } from '../store/configuration-store.ts';
import { aclPaths } from './acl-groups.ts';
import { NO_BODY, parseBody, UnsupportedMediaTypeError } from './body.ts';
import { entityPaths } from './entity-paths.ts';
import { refuseTooMany } from './form.ts';
import { type NodeView, nodePaths } from './node-paths.ts';
import { corsHeaders, isForeignWrite, originOf } from './origin.ts';
import { PathTable } from './path-table.ts';
import { plainPaths } from './plain-paths.ts';
import { proxyCachePaths } from './proxy-cache-paths.ts';
import type { AdminAnswer, AdminPath } from './request.ts';
import { schemaPaths } from './schema-paths.ts';
import { tagPaths } from './tag-paths.ts';
import { upstreamPaths } from './upstream-paths.ts';

const BODY_LIMIT_BYTES = 10 * 1024 * 1024;
/** The methods whose body is looked at. */
const BODIES: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH']);
/** What Kong's web server refuses before Kong looks at it, and how it calls that. */
const PAGES: Readonly<Record<number, string>> = {
  413: '413 Request Entity Too Large',
  415: '415 Unsupported Media Type',
};

function pageOf(status: number): AdminAnswer | undefined {
  const title = PAGES[status];
  if (title === undefined) return undefined;
  return {
    status,
    headers: { 'content-type': 'text/html; charset=UTF-8' },
    body:
      `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n` +
      `<center><h1>${title}</h1></center>\r\n</body>\r\n</html>\r\n`,
  };
}

export interface AdminOptions {
  readonly store: ConfigurationStore;
  readonly health: UpstreamHealth;
  readonly node: NodeView;
  /** The page that may use this API from a browser. */
  readonly guiUrl: string | undefined;
  readonly notice: (text: string) => void;
}

function allPaths({ store, health, node }: AdminOptions): PathTable {
  const special = [
    ...nodePaths(node),
    ...plainPaths(),
    ...proxyCachePaths(node.cache, node.snapshots),
    ...aclPaths(store),
    ...schemaPaths(),
    ...tagPaths(store),
    ...upstreamPaths(store, health, node.nodeId),
  ];
  const isTaken = new Set(special.map(({ path }) => path));
  const paths: AdminPath[] = [...special, ...entityPaths(store).filter(({ path }) => !isTaken.has(path))];
  const endpoints: AdminPath = {
    path: '/endpoints',
    methods: { GET: () => ({ status: 200, body: { data: table.names() } }) },
  };
  const table = new PathTable([...paths, endpoints]);
  return table;
}

const allowed = (path: AdminPath): string =>
  [...Object.keys(path.methods), ...('GET' in path.methods ? ['HEAD'] : []), 'OPTIONS'].sort().join(', ');

async function answer(table: PathTable, request: FastifyRequest): Promise<AdminAnswer> {
  const [path = '', query = ''] = request.url.split(/\?(.*)/s);
  const match = table.match(path);
  if (match === undefined || Object.keys(match.path.methods).length === 0) throw notFound();
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  if (method === 'OPTIONS') {
    const methods = allowed(match.path);
    const headers = {
      allow: methods,
      'access-control-allow-methods': methods,
      'access-control-allow-headers': 'Content-Type',
    };
    return { status: 204, headers };
  }
  const handler = match.path.methods[method as keyof AdminPath['methods']];
  if (handler === undefined) throw methodNotAllowed();
  const bytes = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  const parsed = BODIES.has(method) ? parseBody(request.headers['content-type'], bytes) : NO_BODY;
  const parameters = new URLSearchParams(query);
  refuseTooMany(parameters);
  return handler({ method, path, params: match.params, query: parameters, ...parsed });
}

function failed(error: unknown, notice: (text: string) => void): AdminAnswer {
  if (error instanceof AdminError) return { status: error.status, body: error.body };
  const page = error instanceof UnsupportedMediaTypeError ? pageOf(415) : undefined;
  if (page !== undefined) return page;
  notice(
    `an Admin API request failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
  );
  const { status, body } = unexpected();
  return { status, body };
}

function send(reply: FastifyReply, { status, headers, body }: AdminAnswer): FastifyReply {
  reply.code(status).headers({ ...headers });
  if (body === undefined) return reply.send();
  if (typeof body === 'string') return reply.send(body);
  return reply.header('content-type', 'application/json; charset=utf-8').send(JSON.stringify(body));
}

/** The Admin API as an application that any number of listeners can serve; `ready()` it before the first request. */
export function buildAdmin(options: AdminOptions): FastifyInstance {
  const table = allPaths(options);
  const allowedOrigin = options.guiUrl === undefined ? undefined : originOf(options.guiUrl);
  const app = fastify({ bodyLimit: BODY_LIMIT_BYTES, logger: false, exposeHeadRoutes: false });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.addHook('onSend', async (request, reply, payload) => {
    reply.header('server', SERVER_NAME);
    reply.header('x-kong-admin-latency', Math.round(reply.elapsedTime));
    reply.header('x-kong-admin-request-id', randomBytes(16).toString('hex'));
    const { origin, 'access-control-request-headers': requested } = request.headers;
    reply.headers(corsHeaders(origin, allowedOrigin, request.method === 'OPTIONS', requested));
    return payload;
  });
  app.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) => {
    const isClients = error.statusCode !== undefined && error.statusCode < 500;
    const status = isClients ? (error.statusCode ?? 400) : 500;
    return send(
      reply,
      isClients
        ? (pageOf(status) ?? { status, body: { message: error.message } })
        : failed(error, options.notice),
    );
  });
  const handle = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const { origin, host } = request.headers;
    if (isForeignWrite(request.method, origin, allowedOrigin, host)) {
      return send(reply, { status: 403, body: { message: `pages of ${origin} may not use this Admin API` } });
    }
    const result = await answer(table, request).catch((error: unknown) => failed(error, options.notice));
    return send(reply, result);
  };
  app.all('/*', handle);
  // Methods that the server has no route for: they are not allowed where the path is known.
  app.setNotFoundHandler(handle);
  return app;
}
