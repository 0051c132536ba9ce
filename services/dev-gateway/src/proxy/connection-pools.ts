import { Pool } from 'undici';
import { joinHostPort } from '../balancer/target-address.ts';
import type { Destination } from './destination.ts';

interface PooledEntry {
  readonly pool: Pool;
  lastUsedMs: number;
}

export interface ConnectionPoolsOptions {
  /** How long an idle connection is kept (`KONG_UPSTREAM_KEEPALIVE_IDLE_TIMEOUT`). */
  readonly idleTimeoutMs: number;
  readonly now: () => number;
}

const SWEEP_INTERVAL_MS = 60_000;
/** A pool that was not used for this long belongs to an address or a service that is gone. */
const FORGET_AFTER_MS = 300_000;

const keyOf = (destination: Destination): string => {
  const { isTls, ip, port, connectTimeoutMs } = destination;
  if (!isTls) return `${ip}|${port}|${connectTimeoutMs}`;
  const { serverName, verifiesTls, ca, clientCertificate } = destination;
  return JSON.stringify([ip, port, connectTimeoutMs, serverName, verifiesTls, ca, clientCertificate]);
};

/** Keep-alive connections to upstream addresses, one pool for each destination. */
export class ConnectionPools {
  readonly #options: ConnectionPoolsOptions;
  readonly #pools = new Map<string, PooledEntry>();
  readonly #sweeper: NodeJS.Timeout;

  constructor(options: ConnectionPoolsOptions) {
    this.#options = options;
    this.#sweeper = setInterval(() => this.#sweep(), SWEEP_INTERVAL_MS);
    this.#sweeper.unref();
  }

  get(destination: Destination): Pool {
    const key = keyOf(destination);
    const nowMs = this.#options.now();
    const known = this.#pools.get(key);
    if (known) {
      known.lastUsedMs = nowMs;
      return known.pool;
    }
    const pool = this.#create(destination);
    this.#pools.set(key, { pool, lastUsedMs: nowMs });
    return pool;
  }

  /** Ends all connections at once. */
  async destroy(): Promise<void> {
    clearInterval(this.#sweeper);
    const pools = [...this.#pools.values()].map(({ pool }) => pool);
    this.#pools.clear();
    await Promise.all(pools.map((pool) => pool.destroy()));
  }

  #create(destination: Destination): Pool {
    const { isTls, ip, port, serverName, connectTimeoutMs, verifiesTls, ca, clientCertificate } = destination;
    return new Pool(`${isTls ? 'https' : 'http'}://${joinHostPort(ip, port)}`, {
      pipelining: 1,
      keepAliveTimeout: this.#options.idleTimeoutMs,
      connect: {
        timeout: connectTimeoutMs,
        keepAlive: true,
        ...(isTls
          ? {
              servername: serverName,
              rejectUnauthorized: verifiesTls,
              ...(ca.length > 0 ? { ca: [...ca] } : {}),
              ...(clientCertificate ?? {}),
            }
          : {}),
      },
    });
  }

  #sweep(): void {
    const before = this.#options.now() - FORGET_AFTER_MS;
    for (const [key, { pool, lastUsedMs }] of this.#pools) {
      if (lastUsedMs >= before) continue;
      this.#pools.delete(key);
      void pool.close();
    }
  }
}
