import type { PluginHandler } from '../plugins/phases.ts';
import { NO_HANDLERS } from '../plugins/plugin-set.ts';
import { upstreamPath } from '../router/upstream-path.ts';
import type { Exchange } from './exchange.ts';
import type { Gateway } from './gateway.ts';
import { HeaderList } from './header-list.ts';
import { errorPage, messageReply, plainReply, type Reply, statusMessage } from './reply.ts';
import type { RespondInput } from './respond.ts';
import { sendReply } from './respond.ts';
import type { ResponseWriter } from './response-writer.ts';

/** The status that a record shows when the client left before there was a response. */
const CLIENT_CLOSED_REQUEST = 499;

const REDIRECT_STATUSES: ReadonlySet<number> = new Set([301, 302, 307, 308]);

const refusal = (
  exchange: Exchange,
  status: number,
  message: string,
  headers?: Record<string, string>,
): Reply =>
  messageReply({
    status,
    message,
    requestId: exchange.id,
    accept: exchange.headers.get('accept'),
    ...(headers ? { headers } : {}),
  });

/** A route that takes HTTPS only sends HTTP requests there: by redirect, or by 426. */
const useHttps = (exchange: Exchange, status: number): Reply => {
  if (!REDIRECT_STATUSES.has(status)) {
    return refusal(exchange, status, 'Please use HTTPS protocol', { Upgrade: 'TLS/1.2, HTTP/1.1' });
  }
  return plainReply({ status, headers: { Location: `https://${exchange.host}${exchange.requestTarget}` } });
};

const findRoute = (gateway: Gateway, exchange: Exchange): Reply | undefined => {
  const found = gateway.router().match({
    method: exchange.method,
    scheme: exchange.scheme,
    host: exchange.host,
    port: exchange.listenerPort,
    path: exchange.path,
    sni: exchange.tls?.sni,
    sourceIp: exchange.remoteIp,
    sourcePort: exchange.remotePort,
    destinationIp: exchange.localIp,
    headerValues: (name) => exchange.headers.all(name),
  });
  if (!found) return refusal(exchange, 404, 'no Route matched with those values');
  exchange.route = found.route;
  exchange.service = found.service;
  exchange.matchedPath = found.matchedPath;
  exchange.captures = found.captures;
  if (found.mustUseHttps) return useHttps(exchange, found.route.https_redirect_status_code);
  if (!found.service) return refusal(exchange, 503, 'no Service found with those values');
  exchange.upstreamPath = upstreamPath({
    route: found.route,
    servicePath: found.service.path,
    requestPath: exchange.path,
    matchedPath: found.matchedPath,
  });
  return undefined;
};

const upstreamUri = ({ upstreamPath: path, query }: Exchange): string =>
  query === undefined ? path : `${path}?${query}`;

const supports = (exchange: Exchange): boolean =>
  exchange.service?.protocol === 'http' || exchange.service?.protocol === 'https';

/** Everything before the request leaves for its service. Undefined when the gateway has answered it itself. */
export const prepare = async (
  gateway: Gateway,
  exchange: Exchange,
  writer: ResponseWriter,
): Promise<RespondInput | undefined> => {
  const early = findRoute(gateway, exchange);
  if (early) {
    // The access phase is for requests that go on to a service; the later phases see every response.
    const handlers = gateway.plugins.handlersFor(exchange);
    finishWithLog(gateway, exchange, writer, handlers);
    sendReply({ gateway, exchange, writer, handlers }, early);
    return undefined;
  }
  exchange.upstreamUri = upstreamUri(exchange);
  const { reply, handlers } = await gateway.plugins.access(exchange);
  finishWithLog(gateway, exchange, writer, handlers);
  const input = { gateway, exchange, writer, handlers };
  if (reply) {
    sendReply(input, reply);
    return undefined;
  }
  exchange.upstreamUri = upstreamUri(exchange);
  if (!supports(exchange)) {
    const { service } = exchange;
    gateway.log.error(`services of protocol "${service?.protocol}" are not proxied`, {
      service: service?.id,
    });
    sendReply(
      input,
      errorPage({
        status: 502,
        message: statusMessage(502),
        requestId: exchange.id,
        accept: exchange.headers.get('accept'),
      }),
    );
    return undefined;
  }
  return input;
};

const finishWithLog = (
  gateway: Gateway,
  exchange: Exchange,
  writer: ResponseWriter,
  handlers: readonly PluginHandler[],
): void => {
  let isLogged = false;
  const log = (): void => {
    if (isLogged) return;
    isLogged = true;
    finish(gateway, exchange, handlers);
  };
  // The client may have gone while plugins ran; the event is past then.
  if (writer.isClosed) log();
  else writer.onClose(log);
};

const finish = (gateway: Gateway, exchange: Exchange, handlers: readonly PluginHandler[]): void => {
  const { latencies } = exchange;
  latencies.totalMs = performance.now() - exchange.startedTick;
  if (latencies.gatewayMs < 0) latencies.gatewayMs = latencies.totalMs;
  if (latencies.upstreamMs >= 0) {
    latencies.receiveMs = Math.max(latencies.totalMs - latencies.gatewayMs - latencies.upstreamMs, 0);
  }
  exchange.response ??= {
    status: CLIENT_CLOSED_REQUEST,
    headers: HeaderList.fromFlat([]),
    source: 'gateway',
    sizeBytes: 0,
  };
  for (const handler of handlers) {
    try {
      handler.log?.(exchange);
    } catch (error) {
      gateway.log.error(
        `a plugin's log phase failed: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }
};

/** Answers 500 to a request whose handling failed in a way that nobody foresaw. */
export const answerUnexpected = (
  gateway: Gateway,
  exchange: Exchange,
  writer: ResponseWriter,
  error: unknown,
): void => {
  gateway.log.error(
    `request failed unexpectedly: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    {
      requestId: exchange.id,
    },
  );
  if (writer.hasHead) writer.abort();
  else
    sendReply(
      { gateway, exchange, writer, handlers: NO_HANDLERS },
      refusal(exchange, 500, 'An unexpected error occurred'),
    );
};
