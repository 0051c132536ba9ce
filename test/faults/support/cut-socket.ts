import { rm } from 'node:fs/promises';
import { createConnection, createServer, type Socket } from 'node:net';

/** A way to the engine that breaks. */
export interface CutSocket {
  /** For `DOCKER_HOST`. */
  readonly url: string;
  /** Requests that came so far. */
  requests(): number;
  /** Breaks at this request, counted from now, and is away so long. */
  cutAt(request: number, awayMs: number): void;
  close(): Promise<void>;
}

const REQUEST = /^(GET|HEAD|POST|PUT|DELETE) \//;

/**
 * A socket in front of the engine's that hands everything on until the request that it is to break at: then every connection
 * ends, the request is never made, and nobody listens there for a while. What an engine does that is restarted.
 */
export async function cutSocket(path: string, engine = '/var/run/docker.sock'): Promise<CutSocket> {
  const open = new Set<Socket>();
  let count = 0;
  let cut: { request: number; awayMs: number } | undefined;
  let back: NodeJS.Timeout | undefined;
  const server = createServer((client) => {
    const upstream = createConnection(engine);
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on('close', () => open.delete(socket));
      socket.on('error', () => socket.destroy());
    }
    client.on('close', () => upstream.destroy());
    upstream.on('end', () => client.end());
    upstream.on('data', (chunk) => client.write(chunk));
    client.on('data', (chunk) => {
      if (REQUEST.test(chunk.toString('latin1'))) count += 1;
      if (cut !== undefined && count >= cut.request) breakDown(cut.awayMs);
      else upstream.write(chunk);
    });
  });
  const listen = () => new Promise<void>((resolve) => server.listen(path, resolve));
  const breakDown = (awayMs: number): void => {
    cut = undefined;
    server.close();
    for (const socket of open) socket.destroy();
    back = setTimeout(() => void listen(), awayMs);
  };
  await listen();
  return {
    url: `unix://${path}`,
    requests: () => count,
    cutAt: (request, awayMs) => {
      count = 0;
      cut = { request, awayMs };
    },
    close: async () => {
      clearTimeout(back);
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      await rm(path, { force: true });
    },
  };
}
