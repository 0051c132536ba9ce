import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface EchoServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Tells what it was asked; `.../status/503` answers with that status. */
export async function startEchoServer(instance: string): Promise<EchoServer> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method, url = '', headers } = request;
      const status = Number(/\/status\/(\d{3})$/.exec(url.split('?')[0] ?? '')?.[1] ?? 200);
      const body = Buffer.concat(chunks).toString();
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ instance, method, path: url, headers, body }));
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      const closed = new Promise((resolve) => {
        server.close(resolve);
      });
      server.closeAllConnections();
      await closed;
    },
  };
}
