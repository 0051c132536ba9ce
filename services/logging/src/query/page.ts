/** The page at the root of the administration listener. */
import type { FastifyInstance } from 'fastify';

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>apictl logging service</title>
<link rel="stylesheet" href="/page.css">
</head>
<body>
<main>
<h1>apictl logging service</h1>
<p>This service keeps the logs of the gateway and of the services behind it. It answers questions over HTTP;
every path below <code>/api/v1</code> needs the administration token: <code>Authorization: Bearer &lt;token&gt;</code>.</p>
<dl>
<dt><code>GET /api/v1/events</code></dt>
<dd>search: request_id, trace_id, q, source, service, route, consumer, kind, status, level, since, until, order, limit, cursor</dd>
<dt><code>GET /api/v1/events/{id}</code></dt><dd>one event</dd>
<dt><code>GET /api/v1/stats</code></dt><dd>requests, error rates and latency percentiles per service and route</dd>
<dt><code>GET /api/v1/alerts</code></dt><dd>the alerts received from Alertmanager</dd>
<dt><code>GET /api/v1/pipeline</code></dt><dd>what was accepted, stored, buffered and set aside; followed files</dd>
</dl>
<p>The whole description is in <code>docs/logging.md</code> of the apictl repository.</p>
</main>
</body>
</html>
`;

const STYLE = `:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; margin: 0; }
main { max-width: 46rem; margin: 0 auto; padding: 1.5rem; }
code { font-family: ui-monospace, monospace; overflow-wrap: anywhere; }
dd { margin: 0 0 .75rem 1.5rem; }
`;

export function registerPage(app: FastifyInstance): void {
  app.get('/', async (_request, reply) => reply.type('text/html; charset=utf-8').send(PAGE));
  app.get('/page.css', async (_request, reply) => reply.type('text/css; charset=utf-8').send(STYLE));
}
