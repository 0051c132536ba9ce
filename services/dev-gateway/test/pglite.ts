/** PostgreSQL compiled to WebAssembly: the same SQL is tested where no PostgreSQL is installed. */
import { PGlite } from '@electric-sql/pglite';
import type { Database, NotificationHandlers, Queryable, QueryResult } from '../src/store/database.ts';

interface RawResult {
  readonly rows: unknown[];
  readonly affectedRows?: number;
}

const resultOf = <Row>({ rows, affectedRows }: RawResult): QueryResult<Row> => ({
  rows: rows as Row[],
  rowCount: rows.length > 0 ? rows.length : (affectedRows ?? 0),
});

/** The database port on one embedded engine; it has a single connection, so that transactions take turns. */
export class PgliteDatabase implements Database {
  readonly #engine: PGlite;

  constructor(engine: PGlite) {
    this.#engine = engine;
  }

  static async start(): Promise<PgliteDatabase> {
    const engine = new PGlite();
    await engine.waitReady;
    return new PgliteDatabase(engine);
  }

  async query<Row>(sql: string, values: readonly unknown[] = []): Promise<QueryResult<Row>> {
    return resultOf(await this.#engine.query(sql, [...values]));
  }

  transaction<Result>(work: (connection: Queryable) => Promise<Result>): Promise<Result> {
    return this.#engine.transaction((transaction) =>
      work({
        query: async <Row>(sql: string, values: readonly unknown[] = []) =>
          resultOf<Row>(await transaction.query(sql, [...values])),
      }),
    ) as Promise<Result>;
  }

  listen(channel: string, handlers: NotificationHandlers): Promise<() => Promise<void>> {
    return this.#engine.listen(channel, (payload) => handlers.onNotification(payload));
  }

  async reach(): Promise<void> {
    if (this.#engine.closed) throw new Error('the database is closed');
  }

  close(): Promise<void> {
    return this.#engine.close();
  }
}
