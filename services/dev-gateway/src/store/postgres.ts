import pg from 'pg';
import type { Database, NotificationHandlers, Queryable } from './database.ts';

export interface PostgresOptions {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string | undefined;
  readonly database: string;
  readonly isTls: boolean;
  readonly isTlsVerified: boolean;
  /** How long connecting and one statement may take. */
  readonly timeoutMs: number;
}

/** Who connects. */
export type PostgresLogin = Pick<PostgresOptions, 'user' | 'password'>;

type Notice = (text: string) => void;

const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 5_000;
const REACHABLE_TIMEOUT_MS = 2_000;

const reasonOf = (error: unknown): string =>
  error instanceof Error ? error.message || error.name : String(error);

const queryable = (client: pg.ClientBase | pg.Pool): Queryable => ({
  query: async <Row>(sql: string, values: readonly unknown[] = []) => {
    const result = await client.query(sql, [...values]);
    return { rows: result.rows as Row[], rowCount: result.rowCount ?? 0 };
  },
});

/** PostgreSQL through a pool of connections, and one more connection for each channel that is followed. */
export class PostgresDatabase implements Database {
  #pool: pg.Pool;
  #config: pg.ClientConfig;
  readonly #notice: Notice;
  readonly #followers = new Set<ChannelFollower>();

  constructor(options: PostgresOptions, notice: Notice) {
    this.#notice = notice;
    this.#config = {
      host: options.host,
      port: options.port,
      user: options.user,
      password: options.password,
      database: options.database,
      ssl: options.isTls ? { rejectUnauthorized: options.isTlsVerified } : false,
      connectionTimeoutMillis: options.timeoutMs,
      query_timeout: options.timeoutMs,
      keepAlive: true,
      application_name: 'apictl development gateway',
    };
    this.#pool = this.#makePool(this.#config);
  }

  #makePool(config: pg.ClientConfig): pg.Pool {
    const pool = new pg.Pool({ ...config, max: 8, idleTimeoutMillis: 30_000 });
    // An idle connection that breaks is replaced by the pool; without a listener it would end the process.
    pool.on('error', (error) => this.#notice(`an idle connection to PostgreSQL broke: ${reasonOf(error)}`));
    return pool;
  }

  query<Row>(sql: string, values: readonly unknown[] = []) {
    return queryable(this.#pool).query<Row>(sql, values);
  }

  async transaction<Result>(work: (connection: Queryable) => Promise<Result>): Promise<Result> {
    const client = await this.#pool.connect();
    // A connection that broke amid a transaction must not go back into the pool.
    let broken: Error | undefined;
    const onError = (error: Error): void => {
      broken = error;
    };
    client.on('error', onError);
    try {
      await client.query('begin');
      const result = await work(queryable(client));
      await client.query('commit');
      return result;
    } catch (error) {
      await client.query('rollback').catch((failure: Error) => {
        broken = failure;
      });
      throw error;
    } finally {
      client.off('error', onError);
      client.release(broken);
    }
  }

  async listen(channel: string, handlers: NotificationHandlers): Promise<() => Promise<void>> {
    const follower = new ChannelFollower(this.#config, channel, handlers, this.#notice);
    await follower.start();
    this.#followers.add(follower);
    return async () => {
      this.#followers.delete(follower);
      await follower.stop();
    };
  }

  async reach(): Promise<void> {
    const deadline = AbortSignal.timeout(REACHABLE_TIMEOUT_MS);
    const isLate = new Promise<never>((_resolve, reject) => {
      deadline.addEventListener('abort', () => reject(deadline.reason), { once: true });
    });
    await Promise.race([this.#pool.query('select 1'), isLate]);
  }

  /**
   * Goes on with another login. Connections of before end as soon as their work is done; none is broken.
   * @throws Error when PostgreSQL refuses it; then everything stays as it was
   */
  async logInAs({ user, password }: PostgresLogin): Promise<void> {
    const config = { ...this.#config, user, password };
    const pool = this.#makePool(config);
    try {
      await pool.query('select 1');
    } catch (error) {
      await pool.end();
      throw error;
    }
    const before = this.#pool;
    this.#pool = pool;
    this.#config = config;
    await Promise.all([...this.#followers].map((follower) => follower.logInAs(config)));
    await before.end();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#followers].map((follower) => follower.stop()));
    this.#followers.clear();
    await this.#pool.end();
  }
}

/** One connection that listens; it comes back after a loss, with growing pauses up to a few seconds. */
class ChannelFollower {
  #config: pg.ClientConfig;
  readonly #channel: string;
  readonly #handlers: NotificationHandlers;
  readonly #notice: Notice;
  #client: pg.Client | undefined;
  #retry: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(config: pg.ClientConfig, channel: string, handlers: NotificationHandlers, notice: Notice) {
    this.#config = config;
    this.#channel = channel;
    this.#handlers = handlers;
    this.#notice = notice;
  }

  async start(): Promise<void> {
    // The statement timeout of ordinary queries would end a connection that waits.
    const client = new pg.Client({ ...this.#config, query_timeout: undefined });
    client.on('notification', ({ payload }) => this.#handlers.onNotification(payload ?? ''));
    client.on('error', () => this.#lost(client));
    client.on('end', () => this.#lost(client));
    this.#client = client;
    try {
      await client.connect();
      await client.query(`listen ${pg.escapeIdentifier(this.#channel)}`);
    } catch (error) {
      this.#client = undefined;
      await client.end().catch(() => undefined);
      throw error;
    }
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#retry);
    const client = this.#client;
    this.#client = undefined;
    await client?.end().catch(() => undefined);
  }

  /** Listens on a new connection before the old one ends, so that no notification is lost. */
  async logInAs(config: pg.ClientConfig): Promise<void> {
    this.#config = config;
    const before = this.#client;
    // Lost at the moment: the next try to come back uses the new login.
    if (before === undefined) return;
    try {
      await this.start();
    } catch {
      this.#schedule(FIRST_RETRY_MS);
    }
    await before.end().catch(() => undefined);
  }

  #lost(client: pg.Client): void {
    if (this.#isStopped || this.#client !== client) return;
    this.#client = undefined;
    this.#notice('the connection to PostgreSQL was lost; going on with the last known configuration');
    void client.end().catch(() => undefined);
    this.#schedule(FIRST_RETRY_MS);
  }

  #schedule(delayMs: number): void {
    this.#retry = setTimeout(() => {
      void this.#reconnect(delayMs);
    }, delayMs);
  }

  async #reconnect(delayMs: number): Promise<void> {
    try {
      await this.start();
    } catch {
      if (!this.#isStopped) this.#schedule(Math.min(delayMs * 2, LAST_RETRY_MS));
      return;
    }
    if (this.#isStopped) {
      await this.stop();
      return;
    }
    this.#notice('the connection to PostgreSQL is back');
    this.#handlers.onReconnect();
  }
}
