import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createSecureServer, type Http2SecureServer } from 'node:http2';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { SecureContextOptions } from 'node:tls';
import type { FastifyInstance } from 'fastify';
import type { ListenerSettings } from './config.ts';
import type { KeyPairs } from './proxy/certificate-store.ts';
import { loadDefaultPairs } from './proxy/default-certificate.ts';
import type { ListenAddress } from './proxy/listen-address.ts';

/** How long requests that are under way may go on after the stop was asked for. */
const DRAIN_MS = 5_000;

export interface Listener {
  readonly host: string;
  /** The port that was given by the system where 0 was asked for. */
  readonly port: number;
  /** Shows this certificate to those who connect from now on; connections that are there go on. */
  useCertificate(tls: KeyPairs): void;
  stop(): Promise<void>;
}

type AnyServer = Server | Http2SecureServer;

const tlsOptions = ({ certs, keys }: KeyPairs): SecureContextOptions => ({
  cert: [...certs],
  key: [...keys],
  minVersion: 'TLSv1.2',
});

function makeServer(address: ListenAddress, tls: KeyPairs | undefined, handler: RequestListener): AnyServer {
  if (!address.isTls || tls === undefined) return createServer(handler);
  const options = tlsOptions(tls);
  if (!address.speaksHttp2) return createTlsServer(options, handler);
  // The two protocols' requests have the same shape where the application looks.
  return createSecureServer({ ...options, allowHTTP1: true }, (request, response) =>
    handler(
      request as unknown as IncomingMessage,
      response as unknown as ServerResponse & { req: IncomingMessage },
    ),
  );
}

function stopServer(server: AnyServer, sockets: ReadonlySet<Socket>): Promise<void> {
  return new Promise((resolve) => {
    const end = setTimeout(() => {
      for (const socket of sockets) socket.destroy();
    }, DRAIN_MS);
    server.close(() => {
      clearTimeout(end);
      resolve();
    });
    if ('closeIdleConnections' in server) server.closeIdleConnections();
  });
}

async function listenOn(
  address: ListenAddress,
  tls: KeyPairs | undefined,
  handler: RequestListener,
): Promise<Listener> {
  const server = makeServer(address, tls, handler);
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(address.port, address.host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const { port } = server.address() as AddressInfo;
  return {
    host: address.host,
    port,
    useCertificate: (renewed) => {
      if ('setSecureContext' in server) server.setSecureContext(tlsOptions(renewed));
    },
    stop: () => stopServer(server, sockets),
  };
}

/**
 * Serves an application on several addresses. When one of them cannot be had, those that were taken are given back.
 *
 * @throws Error naming the address
 */
export async function serve(app: FastifyInstance, settings: ListenerSettings): Promise<Listener[]> {
  const { addresses, certificate } = settings;
  await app.ready();
  const pairs = addresses.some(({ isTls }) => isTls) ? await loadDefaultPairs(certificate) : undefined;
  const listeners: Listener[] = [];
  for (const address of addresses) {
    try {
      listeners.push(await listenOn(address, pairs, (request, response) => app.routing(request, response)));
    } catch (error) {
      await Promise.all(listeners.map((listener) => listener.stop()));
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(`cannot listen on ${address.host}:${address.port}: ${reason}`, { cause: error });
    }
  }
  return listeners;
}
