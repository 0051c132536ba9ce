import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

export interface Backend {
  readonly port: number;
  readonly address: string;
  readonly server: Server;
  /** Requests that came in, health probes left out. */
  readonly requests: IncomingMessage[];
  stop(): Promise<void>;
}

/** What the echo answers with. */
export interface Echo {
  readonly instance: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** Answers what it was asked, as JSON; `/status/N` with status N. */
export const echo =
  (instance: string): RequestListener =>
  (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const status = Number(/\/status\/(\d+)/.exec(request.url ?? '')?.[1] ?? 200);
      response.writeHead(status, { 'content-type': 'application/json' });
      const body = Buffer.concat(chunks).toString();
      response.end(
        JSON.stringify({
          instance,
          method: request.method,
          path: request.url,
          headers: request.headers,
          body,
        }),
      );
    });
  };

export interface BackendOptions {
  readonly host?: string;
  readonly port?: number;
}

/** An HTTP server on a port of the system's choice. */
export const startBackend = async (
  listener: RequestListener,
  options: BackendOptions = {},
): Promise<Backend> => {
  const requests: IncomingMessage[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    if (request.headers['user-agent'] !== 'probe') requests.push(request);
    listener(request, response);
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  const host = options.host ?? '127.0.0.1';
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    port,
    address: `${host}:${port}`,
    server,
    requests,
    stop: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
};
