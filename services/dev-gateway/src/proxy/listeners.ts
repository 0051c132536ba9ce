import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from 'node:http';
import {
  createSecureServer,
  type Http2SecureServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type ServerHttp2Session,
} from 'node:http2';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TlsOptions } from 'node:tls';
import type { CertificateStore } from './certificate-store.ts';
import type { ListenAddress } from './listen-address.ts';

export interface ListenerHandlers {
  readonly onRequest: (
    request: IncomingMessage | Http2ServerRequest,
    response: ServerResponse | Http2ServerResponse,
  ) => void;
  readonly onUpgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  readonly onConnection: (socket: Socket) => void;
  /** Bytes that are not HTTP, or not in the way that the protocol allows. */
  readonly onMalformed: (error: NodeJS.ErrnoException, socket: Duplex) => void;
  readonly onIdle: (socket: Socket) => void;
}

export interface ProxyListener {
  readonly host: string;
  /** The port that the system chose where 0 was asked for. */
  readonly port: number;
  readonly isTls: boolean;
  /** Takes no new connections from here on; those that carry no request are closed. */
  stopAccepting(): void;
  useCertificates(): void;
}

const KEEP_ALIVE_TIMEOUT_MS = 75_000;
const HEAD_TIMEOUT_MS = 60_000;
/** A client that neither sends nor takes anything for this long, while it should, is dropped. */
export const SILENCE_TIMEOUT_MS = 60_000;

const HTTP_OPTIONS: ServerOptions = {
  // Strict: no lenient reading of lengths and line ends, which request smuggling lives on.
  insecureHTTPParser: false,
  requireHostHeader: true,
  keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
  headersTimeout: HEAD_TIMEOUT_MS,
  // Uploads may take longer than any fixed time; silence is what ends them.
  requestTimeout: 0,
  connectionsCheckingInterval: 5_000,
  noDelay: true,
};

const tlsOptions = (certificates: CertificateStore): TlsOptions => ({
  cert: [...certificates.defaultPairs.certs],
  key: [...certificates.defaultPairs.keys],
  minVersion: 'TLSv1.2',
  SNICallback: (serverName, answer) => answer(null, certificates.contextFor(serverName)),
});

type AnyServer = Server | Http2SecureServer;

const createAnyServer = (address: ListenAddress, certificates: CertificateStore): AnyServer => {
  if (!address.isTls) return createServer(HTTP_OPTIONS);
  if (!address.speaksHttp2) return createTlsServer({ ...HTTP_OPTIONS, ...tlsOptions(certificates) });
  const server = createSecureServer({ ...tlsOptions(certificates), allowHTTP1: true, maxSessionMemory: 64 });
  // The HTTP/1.1 part of an HTTP/2 server takes its limits as properties only.
  Object.assign(server, {
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    headersTimeout: HEAD_TIMEOUT_MS,
    requestTimeout: 0,
  });
  return server;
};

/** @throws Error naming the address when it cannot be listened on */
export const listen = async (
  address: ListenAddress,
  certificates: CertificateStore,
  handlers: ListenerHandlers,
): Promise<ProxyListener> => {
  const server = createAnyServer(address, certificates);
  const sessions = new Set<ServerHttp2Session>();
  // The union's two `on` overload sets do not unite; the events used here are common to both.
  const events = server as Server;
  events.on('request', handlers.onRequest);
  events.on('upgrade', handlers.onUpgrade);
  events.on(address.isTls ? 'secureConnection' : 'connection', (socket: Socket) => {
    handlers.onConnection(socket);
    // Without a listener of its own a connection that breaks between requests would end the process.
    socket.on('error', () => socket.destroy());
  });
  events.on('clientError', handlers.onMalformed);
  events.on('tlsClientError', (_error: Error, socket: Socket) => socket.destroy());
  events.on('timeout', (silent: Socket | ServerHttp2Session) => {
    // A session is closed gracefully: requests that wait for the upstream get their answers.
    if ('goaway' in silent) silent.close();
    else handlers.onIdle(silent);
  });
  events.setTimeout(SILENCE_TIMEOUT_MS);
  (server as Http2SecureServer).on('session', (session) => {
    sessions.add(session);
    session.on('error', () => session.destroy());
    session.on('close', () => sessions.delete(session));
  });
  await new Promise<void>((resolve, reject) => {
    const onError = (error: Error): void =>
      reject(
        new Error(`cannot listen on ${address.host}:${address.port}: ${error.message}`, { cause: error }),
      );
    events.once('error', onError);
    events.listen({ host: address.host, port: address.port, backlog: 4096 }, () => {
      events.off('error', onError);
      resolve();
    });
  });
  return {
    host: address.host,
    port: (server.address() as AddressInfo).port,
    isTls: address.isTls,
    stopAccepting: () => {
      server.close();
      for (const session of sessions) session.close();
      if ('closeIdleConnections' in server) server.closeIdleConnections();
    },
    useCertificates: () => {
      if ('setSecureContext' in server) {
        const { cert, key, minVersion } = tlsOptions(certificates);
        server.setSecureContext({ cert, key, minVersion });
      }
    },
  };
};
