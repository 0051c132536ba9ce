import type { Exchange } from './exchange.ts';
import { HeaderList } from './header-list.ts';
import { dropHopByHop } from './hop-by-hop.ts';

export interface UpstreamHeaderInput {
  readonly exchange: Exchange;
  /** `Host` towards the upstream. */
  readonly host: string;
  readonly isTrustedPeer: boolean;
  /** How the gateway names itself in `Via`. */
  readonly viaName: string;
}

/**
 * The headers that the upstream gets. What a client says about its own origin counts only when its peer is trusted;
 * `X-Forwarded-For` alone is always continued.
 */
export const upstreamHeaders = ({
  exchange,
  host,
  isTrustedPeer,
  viaName,
}: UpstreamHeaderInput): HeaderList => {
  const headers = HeaderList.fromFlat(exchange.headers.toFlat());
  dropHopByHop(headers);
  // The gateway has answered the expectation itself.
  headers.remove('expect');
  const given = (name: string): string | undefined =>
    isTrustedPeer ? exchange.headers.get(name) : undefined;
  const setOrRemove = (name: string, value: string | undefined): void => {
    if (value === undefined) headers.remove(name);
    else headers.set(name, value);
  };

  const forwardedFor = exchange.headers.all('x-forwarded-for');
  const prefix = exchange.route?.strip_path ? exchange.matchedPath : undefined;
  headers.set('Host', host);
  headers.set('X-Forwarded-For', [...forwardedFor, exchange.remoteIp].join(', '));
  headers.set('X-Forwarded-Proto', given('x-forwarded-proto') ?? exchange.scheme);
  headers.set('X-Forwarded-Host', given('x-forwarded-host') ?? exchange.host);
  headers.set('X-Forwarded-Port', given('x-forwarded-port') ?? String(exchange.listenerPort));
  headers.set('X-Forwarded-Path', given('x-forwarded-path') ?? rawPath(exchange.requestTarget));
  setOrRemove('X-Forwarded-Prefix', given('x-forwarded-prefix') ?? (prefix === '/' ? undefined : prefix));
  headers.set('X-Real-IP', exchange.clientIp);
  headers.set('X-Kong-Request-Id', exchange.id);
  const via = [...exchange.headers.all('via'), `${exchange.httpVersion} ${viaName}`].join(', ');
  headers.set('Via', via);
  return headers;
};

const rawPath = (requestTarget: string): string => {
  const mark = requestTarget.indexOf('?');
  return mark < 0 ? requestTarget : requestTarget.slice(0, mark);
};
