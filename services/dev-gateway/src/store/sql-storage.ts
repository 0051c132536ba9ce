import { randomUUID } from 'node:crypto';
import type { Database } from './database.ts';
import { sqlTables } from './sql-tables.ts';
import type { ChangeHandlers, Storage, Tables } from './tables.ts';

const CHANNEL = 'dev_gateway_changes';

interface Change {
  readonly origin: string;
  readonly entities: readonly string[];
}

function readChange(payload: string): Change | undefined {
  try {
    const { origin, entities } = JSON.parse(payload) as Partial<Change>;
    return typeof origin === 'string' && Array.isArray(entities) ? { origin, entities } : undefined;
  } catch {
    return undefined;
  }
}

/** The entities in PostgreSQL; uniqueness and references are rules of the database. */
export class SqlStorage implements Storage {
  readonly description: Readonly<Record<string, unknown>>;
  readonly #database: Database;
  readonly #origin = randomUUID();

  /** `description` is what may be shown of the database: nothing that is secret. */
  constructor(database: Database, description: Readonly<Record<string, unknown>> = {}) {
    this.#database = database;
    this.description = { database: 'postgres', ...description };
  }

  read<Result>(work: (tables: Tables) => Promise<Result>): Promise<Result> {
    return work(sqlTables(this.#database));
  }

  readTogether<Result>(work: (tables: Tables) => Promise<Result>): Promise<Result> {
    return this.#database.transaction(async (connection) => {
      await connection.query('set transaction isolation level repeatable read read only');
      return work(sqlTables(connection));
    });
  }

  write<Result>(entities: readonly string[], work: (tables: Tables) => Promise<Result>): Promise<Result> {
    return this.#database.transaction(async (connection) => {
      const done = await work(sqlTables(connection));
      const change: Change = { origin: this.#origin, entities };
      await connection.query('select pg_notify($1, $2)', [CHANNEL, JSON.stringify(change)]);
      return done;
    });
  }

  follow(handlers: ChangeHandlers): Promise<() => Promise<void>> {
    return this.#database.listen(CHANNEL, {
      onNotification: (payload) => {
        const change = readChange(payload);
        if (change !== undefined && change.origin !== this.#origin) handlers.onChange(change.entities);
      },
      onReconnect: () => handlers.onReconnect(),
    });
  }

  isReachable(): Promise<boolean> {
    return this.#database.reach().then(
      () => true,
      () => false,
    );
  }
}
