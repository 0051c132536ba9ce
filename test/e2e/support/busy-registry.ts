import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface BusyRegistry {
  /** `127.0.0.1:31234`. */
  readonly address: string;
  /** Paths of the manifests that were refused, in their order. */
  readonly refused: readonly string[];
  stop(): Promise<void>;
}

/** Stands before a registry and refuses the first GET of the manifest of each of these names with 429. */
export async function busyRegistry(behind: string, names: readonly string[]): Promise<BusyRegistry> {
  const left = new Set(names);
  const refused: string[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? '/';
    const name = [...left].find((one) => path.startsWith(`/v2/${one}/manifests/`));
    if (name !== undefined) {
      // An engine that is refused at HEAD asks with GET, before it says so.
      if (request.method === 'GET') {
        left.delete(name);
        refused.push(path);
      }
      const words = { errors: [{ code: 'TOOMANYREQUESTS', message: 'too many requests, slow down' }] };
      response.writeHead(429, { 'content-type': 'application/json' }).end(JSON.stringify(words));
      return;
    }
    const accept = request.headers.accept ?? '*/*';
    void fetch(`http://${behind}${path}`, { method: request.method ?? 'GET', headers: { accept } })
      .then(async (answer) => {
        // What fetch has decoded has another length than it came with.
        const { 'content-encoding': _encoding, ...headers } = Object.fromEntries(answer.headers);
        response.writeHead(answer.status, headers).end(Buffer.from(await answer.arrayBuffer()));
      })
      .catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    refused,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
