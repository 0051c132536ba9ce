import type { TLSSocket } from 'node:tls';
import { normalizePath } from '../router/normalize-path.ts';
import { type AddressBook, plainIp } from './client-address.ts';
import { Exchange, type TlsFacts } from './exchange.ts';
import { HeaderList } from './header-list.ts';
import { dropNamedByConnection } from './hop-by-hop.ts';
import type { ClientRequest } from './request-body.ts';
import { newRequestId } from './request-id.ts';

const ABSOLUTE_FORM = /^https?:\/\/([^/?#]*)(.*)$/i;

/** A request target in absolute form carries the host, which then counts before the `Host` header. */
const splitTarget = (
  target: string,
): { readonly authority: string | undefined; readonly pathAndQuery: string } => {
  const absolute = ABSOLUTE_FORM.exec(target);
  if (!absolute) return { authority: undefined, pathAndQuery: target };
  const rest = absolute[2] ?? '';
  return { authority: absolute[1], pathAndQuery: rest.startsWith('/') ? rest : `/${rest}` };
};

const hostOf = (authority: string): string => {
  const lower = authority.toLowerCase();
  if (lower.startsWith('[')) return lower.slice(0, lower.indexOf(']') + 1);
  const colon = lower.indexOf(':');
  return colon < 0 ? lower : lower.slice(0, colon);
};

const tlsFacts = (socket: TLSSocket): TlsFacts => ({
  version: socket.getProtocol() ?? '',
  cipher: socket.getCipher()?.name ?? '',
  sni:
    typeof socket.servername === 'string' && socket.servername !== ''
      ? socket.servername.toLowerCase()
      : undefined,
});

const tlsFactsBySocket = new WeakMap<TLSSocket, TlsFacts>();

const rememberedTlsFacts = (socket: TLSSocket): TlsFacts => {
  const known = tlsFactsBySocket.get(socket) ?? tlsFacts(socket);
  tlsFactsBySocket.set(socket, known);
  return known;
};

/** HTTP/2 pseudo headers are the request line; `:authority` is its `Host`. */
const requestHeaders = (request: ClientRequest): HeaderList => {
  if (request.httpVersionMajor < 2) return HeaderList.fromFlat(request.rawHeaders);
  const flat: string[] = [];
  let authority: string | undefined;
  for (let index = 0; index < request.rawHeaders.length; index += 2) {
    const name = request.rawHeaders[index] ?? '';
    const value = request.rawHeaders[index + 1] ?? '';
    if (name === ':authority') authority = value;
    else if (!name.startsWith(':')) flat.push(name, value);
  }
  const headers = HeaderList.fromFlat(flat);
  // Browsers split cookies over several fields in HTTP/2; HTTP/1.1 upstreams expect one.
  const cookies = headers.all('cookie');
  if (cookies.length > 1) headers.set('cookie', cookies.join('; '));
  if (authority !== undefined) headers.set('host', authority);
  return headers;
};

/** Starts the exchange of a request that just came in. */
export const openExchange = (request: ClientRequest, addresses: AddressBook): Exchange => {
  const startedTick = performance.now();
  const headers = requestHeaders(request);
  dropNamedByConnection(headers);
  const { authority, pathAndQuery } = splitTarget(request.url ?? '/');
  const mark = pathAndQuery.indexOf('?');
  const rawPath = mark < 0 ? pathAndQuery : pathAndQuery.slice(0, mark);
  const hostHeader = authority ?? headers.get('host') ?? '';
  const { socket } = request;
  const isTls = 'encrypted' in socket;
  const remoteIp = plainIp(socket.remoteAddress ?? '');
  return new Exchange({
    id: newRequestId(),
    startedAtMs: Date.now(),
    startedTick,
    method: request.method ?? 'GET',
    httpVersion: request.httpVersion,
    scheme: isTls ? 'https' : 'http',
    requestTarget: pathAndQuery,
    path: normalizePath(rawPath),
    query: mark < 0 ? undefined : pathAndQuery.slice(mark + 1),
    host: hostOf(hostHeader),
    hostHeader,
    listenerPort: socket.localPort ?? 0,
    localIp: plainIp(socket.localAddress ?? ''),
    remoteIp,
    remotePort: socket.remotePort ?? 0,
    clientIp: addresses.clientIp(remoteIp, headers),
    tls: isTls ? rememberedTlsFacts(socket as TLSSocket) : undefined,
    headers,
  });
};
