import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * What goes wrong with one request. `reset-before`: the connection ends and the gateway never hears of the request; `reset-after`: the
 * gateway has done it, the answer is lost; `hang`: nobody ever answers.
 */
export type Fault = 429 | 500 | 502 | 503 | 504 | 'reset-before' | 'reset-after' | 'hang';

export interface Passing {
  /** From 1, in order of arrival. */
  readonly number: number;
  /** The same among the requests that change something; 0 for those that do not. */
  readonly write: number;
  readonly method: string;
  readonly path: string;
  readonly body: string;
}

export interface FaultServer {
  readonly url: string;
  /** Everything that arrived since the last `forget`. */
  readonly passed: readonly Passing[];
  /** Decides for each request; undefined lets it pass. */
  decide: (passing: Passing) => Fault | undefined;
  /** Called when the gateway has answered and before the caller hears of it. */
  onAnswered: (passing: Passing) => void;
  /** Counts from the beginning again, lets everything pass, and stands before this gateway. */
  standBefore(gatewayUrl: string): void;
  close(): Promise<void>;
}

/** Stands between a seed and a gateway and spoils what it is told to. */
export async function startFaultServer(): Promise<FaultServer> {
  let gateway = new URL('http://127.0.0.1:1');
  let passed: Passing[] = [];
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => handle(incoming, outgoing, Buffer.concat(chunks)));
  });
  const handle = (incoming: IncomingMessage, outgoing: ServerResponse, body: Buffer) => {
    const { method = 'GET', url: path = '/' } = incoming;
    const isWrite = method !== 'GET' && !path.startsWith('/schemas/');
    const write = isWrite ? passed.filter((one) => one.write > 0).length + 1 : 0;
    const passing: Passing = { number: passed.length + 1, write, method, path, body: body.toString('utf8') };
    passed.push(passing);
    const fault = self.decide(passing);
    if (fault === 'hang') return;
    if (fault === 'reset-before') return void incoming.socket.destroy();
    if (typeof fault === 'number') {
      const headers = {
        'content-type': 'application/json',
        ...(fault === 429 ? { 'retry-after': '1' } : {}),
      };
      outgoing.writeHead(fault, headers).end('{"message":"An unexpected error occurred"}');
      return;
    }
    const onward = httpRequest(
      { host: gateway.hostname, port: gateway.port, method, path, headers: incoming.headers },
      (answer) => {
        const parts: Buffer[] = [];
        answer.on('data', (part: Buffer) => parts.push(part));
        answer.on('end', () => {
          self.onAnswered(passing);
          if (fault === 'reset-after') incoming.socket.destroy();
          else outgoing.writeHead(answer.statusCode ?? 500, answer.headers).end(Buffer.concat(parts));
        });
      },
    );
    onward.on('error', () => incoming.socket.destroy());
    onward.end(body);
  };
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const self: FaultServer = {
    url: `http://127.0.0.1:${port}`,
    get passed() {
      return passed;
    },
    decide: () => undefined,
    onAnswered: () => {},
    standBefore: (gatewayUrl) => {
      gateway = new URL(gatewayUrl);
      passed = [];
      self.decide = () => undefined;
      self.onAnswered = () => {};
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  return self;
}
