import { Agent, request } from 'node:https';

export interface TlsLoad {
  /** Ends the load once its last requests are answered, and tells what happened to all of them. */
  end(): Promise<{
    readonly answered: number;
    readonly failures: readonly string[];
    readonly connections: number;
  }>;
}

interface Target {
  readonly port: number;
  readonly path: string;
  readonly ca: string;
  /** Kept-alive connections, each with one request at a time. */
  readonly clients: number;
}

/** Requests over kept-alive TLS connections that verify the server, one after the other on each, until it is told to end. */
export function beginTlsLoad({ port, path, ca, clients }: Target): TlsLoad {
  const agents = Array.from({ length: clients }, () => new Agent({ keepAlive: true, maxSockets: 1, ca }));
  const failures: string[] = [];
  const connections = new Set<number | undefined>();
  let answered = 0;
  let isOver = false;
  const ask = (agent: Agent): Promise<void> =>
    new Promise((resolve) => {
      const fail = (why: string): void => {
        failures.push(why);
        resolve();
      };
      const asked = request({ host: 'localhost', port, path, agent, family: 4 }, (answer) => {
        connections.add(answer.socket.localPort);
        answer.resume();
        answer.on('error', (thrown) => fail(thrown.message));
        answer.on('end', () => {
          if (answer.statusCode === 200) answered += 1;
          else failures.push(`answered ${answer.statusCode}`);
          resolve();
        });
      });
      asked.on('error', (thrown) => fail(thrown.message)).end();
    });
  const running = agents.map(async (agent) => {
    while (!isOver) await ask(agent);
  });
  return {
    end: async () => {
      isOver = true;
      await Promise.all(running);
      for (const agent of agents) agent.destroy();
      return { answered, failures, connections: connections.size };
    },
  };
}
