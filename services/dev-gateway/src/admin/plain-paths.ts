/** Paths of Kong's Admin API that answer the same always, because what they are about is not there in this gateway. */
import type { AdminAnswer, AdminHandler, AdminPath, AdminRequest } from './request.ts';

type Methods = readonly (keyof AdminPath['methods'])[];

const always = (paths: readonly string[], methods: Methods, answer: AdminHandler): AdminPath[] =>
  paths.map((path) => ({
    path,
    methods: Object.fromEntries(methods.map((method) => [method, answer])),
  }));

const refusal =
  (status: number, message: string): AdminHandler =>
  () => ({ status, body: { message } });

const ITEM: Methods = ['GET', 'PUT', 'PATCH', 'DELETE'];
const COLLECTION: Methods = ['GET', 'POST'];

const noWasm = refusal(400, 'this endpoint is only available when wasm is enabled');
const onlyWithoutDatabase = refusal(
  400,
  'this endpoint is only available when Kong is configured to not use a database',
);
const onlyInControlPlanes = refusal(
  400,
  'this endpoint is only available when Kong is configured to run as Control Plane for the cluster',
);
const noAcme = refusal(404, 'Not found');

/** The only level there is: what happens is logged, and no request is. */
const LOG_LEVEL = 'notice';
const LOG_LEVELS = ['debug', 'info', 'notice', 'warn', 'error', 'crit', 'alert', 'emerg'];

function setLogLevel({ params }: AdminRequest): AdminAnswer {
  const level = params.log_level ?? '';
  if (!LOG_LEVELS.includes(level)) return { status: 400, body: { message: `unknown log level: ${level}` } };
  if (level === LOG_LEVEL) return { status: 200, body: { message: `log level is already ${level}` } };
  return { status: 501, body: { message: `the log level of this gateway is always ${LOG_LEVEL}` } };
}

export const plainPaths = (): AdminPath[] => [
  ...always(
    ['/filter-chains', '/routes/{routes}/filter-chains', '/services/{services}/filter-chains'],
    COLLECTION,
    noWasm,
  ),
  ...always(
    [
      '/filter-chains/{filter_chains}',
      '/filter-chains/{filter_chains}/route',
      '/filter-chains/{filter_chains}/service',
      '/routes/{routes}/filter-chains/{filter_chains}',
      '/services/{services}/filter-chains/{filter_chains}',
    ],
    ITEM,
    noWasm,
  ),
  ...always(
    ['/routes/{routes}/filters/all', '/routes/{routes}/filters/enabled', '/routes/{routes}/filters/disabled'],
    ['GET'],
    noWasm,
  ),
  ...always(['/schemas/filters/{name}'], ['GET'], ({ params }) => ({
    status: 404,
    body: { message: `Filter '${params.name}' not found` },
  })),
  ...always(['/config'], COLLECTION, onlyWithoutDatabase),
  ...always(['/clustering/data-planes', '/clustering/status'], ['GET'], onlyInControlPlanes),
  ...always(['/status/dns'], ['GET'], refusal(501, 'not implemented with the legacy DNS client')),
  ...always(['/acme'], ['POST', 'PATCH'], noAcme),
  ...always(['/acme/certificates', '/acme/certificates/{certificates}'], ['GET'], noAcme),
  ...always(['/timers'], ['GET'], () => ({
    status: 200,
    body: { worker: { id: 0, count: 1 }, stats: { flamegraph: {}, sys: {}, timers: {} } },
  })),
  // Configuration is never cached beyond the snapshot, so there is nothing to be found or dropped.
  ...always(['/cache'], ['DELETE'], () => ({ status: 204 })),
  {
    path: '/cache/{key}',
    methods: { GET: refusal(404, 'Not found'), DELETE: () => ({ status: 204 }) },
  },
  ...always(['/debug/node/log-level'], ['GET'], () => ({
    status: 200,
    body: { message: `log level: ${LOG_LEVEL}` },
  })),
  ...always(
    ['/debug/node/log-level/{log_level}', '/debug/cluster/log-level/{log_level}'],
    ['PUT'],
    setLogLevel,
  ),
];
