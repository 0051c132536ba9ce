import type { PluginHandler } from '../plugins/phases.ts';
import type { Exchange } from './exchange.ts';
import type { Gateway } from './gateway.ts';
import type { HeaderList } from './header-list.ts';
import { dropHopByHop, dropNamedByConnection } from './hop-by-hop.ts';
import type { Reply } from './reply.ts';
import type { ResponseWriter } from './response-writer.ts';

const elapsedMs = (exchange: Exchange): number => performance.now() - exchange.startedTick;

export interface RespondInput {
  readonly gateway: Gateway;
  readonly exchange: Exchange;
  readonly writer: ResponseWriter;
  /** The plugins whose header filters run. */
  readonly handlers: readonly PluginHandler[];
}

const runHeaderFilters = (
  { exchange, handlers, gateway }: RespondInput,
  status: number,
  headers: HeaderList,
): void => {
  for (const handler of handlers) {
    try {
      handler.headerFilter?.(exchange, { status, headers });
    } catch (error) {
      gateway.log.error(
        `a plugin's header filter failed: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }
};

/** Sends a response that the gateway made. `wasProxied` tells an error page after a failed try from a refusal before it. */
export const sendReply = (input: RespondInput, reply: Reply, wasProxied = false): void => {
  const { exchange, gateway, writer } = input;
  if (!writer.isOpen) return;
  runHeaderFilters(input, reply.status, reply.headers);
  if (exchange.latencies.gatewayMs < 0) exchange.latencies.gatewayMs = elapsedMs(exchange);
  if (reply.isOfService) setVia(gateway, reply.headers);
  if (wasProxied || reply.isOfService) setProxyLatencies(exchange, reply.headers);
  else reply.headers.set('X-Kong-Response-Latency', String(Math.floor(exchange.latencies.gatewayMs)));
  if (!reply.isOfService) reply.headers.set('Server', gateway.name);
  reply.headers.set('X-Kong-Request-Id', exchange.id);
  writer.sendReply(reply, reply.headers);
};

const setVia = (gateway: Gateway, headers: HeaderList): void =>
  headers.set('Via', [...headers.all('via'), `1.1 ${gateway.name}`].join(', '));

const setProxyLatencies = (exchange: Exchange, headers: HeaderList): void => {
  headers.set('X-Kong-Upstream-Latency', String(Math.floor(Math.max(exchange.latencies.upstreamMs, 0))));
  headers.set('X-Kong-Proxy-Latency', String(Math.floor(Math.max(exchange.latencies.gatewayMs, 0))));
};

/** Passes the head of an upstream's response on. */
export const sendUpstreamHead = (input: RespondInput, status: number, headers: HeaderList): void => {
  const { exchange, gateway, writer } = input;
  dropNamedByConnection(headers);
  dropHopByHop(headers);
  runHeaderFilters(input, status, headers);
  setProxyLatencies(exchange, headers);
  setVia(gateway, headers);
  headers.set('X-Kong-Request-Id', exchange.id);
  writer.writeHead(status, headers, 'service');
};
