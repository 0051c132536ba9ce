import { setTimeout as delay } from 'node:timers/promises';
import { Pool } from 'undici';

const CONNECTIONS = 4;
/** Between two requests of a connection: together they stay below the 6,000 a minute that the packaged route lets a client send. */
const PAUSE_MS = 60;

/** What came back so far. */
export interface Load {
  readonly sent: () => number;
  /** What was answered with anything but 200, or not at all. */
  readonly failures: () => readonly string[];
  /** Requests that each instance answered since this was asked last. */
  readonly shares: () => Readonly<Record<string, number>>;
  stop(): Promise<void>;
}

/** Requests through the gateway, a few at a time, until it is stopped. */
export function startLoad(url: string): Load {
  const pool = new Pool(url, { connections: CONNECTIONS });
  const ending = new AbortController();
  const failures: string[] = [];
  let shares: Record<string, number> = {};
  let sent = 0;
  const ask = async (): Promise<void> => {
    const { statusCode, body } = await pool.request({ method: 'GET', path: '/api/v1/whoami' });
    const text = await body.text();
    if (statusCode !== 200) throw new Error(`${statusCode} ${text.slice(0, 200)}`);
    const { instance } = JSON.parse(text) as { instance: string };
    shares[instance] = (shares[instance] ?? 0) + 1;
  };
  const client = async (): Promise<void> => {
    while (!ending.signal.aborted) {
      sent += 1;
      await ask().catch((thrown: Error) => failures.push(`${new Date().toISOString()} ${thrown.message}`));
      await delay(PAUSE_MS);
    }
  };
  const clients = Array.from({ length: CONNECTIONS }, client);
  return {
    sent: () => sent,
    failures: () => failures,
    shares: () => {
      const until = shares;
      shares = {};
      return until;
    },
    stop: async () => {
      ending.abort();
      await Promise.all(clients);
      await pool.close();
    },
  };
}
