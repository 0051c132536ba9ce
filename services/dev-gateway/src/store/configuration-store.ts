import { randomUUID } from 'node:crypto';
import { AdminError, badRequest, unexpected } from '../errors/admin-error.ts';
import type { EntitySchema } from '../schema/entity.ts';
import { ENTITIES } from '../schema/registry.ts';
import { type Database, type Queryable, valueProblem } from './database.ts';
import { SnapshotKeeper } from './snapshot-keeper.ts';

const CHANNEL = 'dev_gateway_changes';

type Notice = (text: string) => void;

/** The entities whose rows may go when one of this kind goes. */
function dependents(name: string, found = new Set<string>()): Set<string> {
  found.add(name);
  for (const { name: child, fields } of ENTITIES) {
    const isChild = Object.values(fields).some((field) => field.reference === name);
    if (isChild && !found.has(child)) dependents(child, found);
  }
  return found;
}

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

/**
 * The stored configuration: reads and writes go to the database, and every process that follows the same database
 * sees each change in its snapshot.
 */
export class ConfigurationStore {
  readonly snapshots: SnapshotKeeper;
  readonly #database: Database;
  readonly #notice: Notice;
  readonly #origin = randomUUID();
  #unlisten: (() => Promise<void>) | undefined;

  constructor(database: Database, notice: Notice) {
    this.#database = database;
    this.#notice = notice;
    this.snapshots = new SnapshotKeeper(database);
  }

  /** Loads the first snapshot and follows the changes of other processes. Throws when the database does not answer. */
  async start(): Promise<void> {
    this.#unlisten = await this.#database.listen(CHANNEL, {
      onNotification: (payload) => {
        const change = readChange(payload);
        if (change !== undefined && change.origin !== this.#origin) this.#refresh(new Set(change.entities));
      },
      onReconnect: () => this.#refresh(),
    });
    await this.snapshots.refresh();
  }

  async stop(): Promise<void> {
    await this.#unlisten?.();
    this.snapshots.stop();
  }

  isReachable(): Promise<boolean> {
    return this.#database.isReachable();
  }

  /** Reads; a failure of the database becomes the Admin API's error. */
  async read<Result>(work: (connection: Queryable) => Promise<Result>): Promise<Result> {
    try {
      return await work(this.#database);
    } catch (error) {
      throw this.#failure(error);
    }
  }

  /**
   * Runs a change in one transaction, tells the other processes, and answers when this process' snapshot has it, so
   * that a client that configures and then sends traffic finds what it configured.
   */
  async write<Result>(
    schema: EntitySchema,
    isRemoval: boolean,
    work: (connection: Queryable) => Promise<Result>,
  ): Promise<Result> {
    const entities = isRemoval ? dependents(schema.name) : new Set([schema.name]);
    // Certificates bring their SNIs along.
    if (schema.name === 'certificates') entities.add('snis');
    let result: Result;
    try {
      result = await this.#database.transaction(async (connection) => {
        const done = await work(connection);
        const change: Change = { origin: this.#origin, entities: [...entities] };
        await connection.query('select pg_notify($1, $2)', [CHANNEL, JSON.stringify(change)]);
        return done;
      });
    } catch (error) {
      throw this.#failure(error);
    }
    await this.snapshots.refresh(entities).catch((error: unknown) => {
      // The change is stored; the snapshot follows when the database answers again.
      this.#notice(`the configuration could not be read again: ${reasonOf(error)}`);
    });
    return result;
  }

  #refresh(names?: ReadonlySet<string>): void {
    this.snapshots.refresh(names).catch((error: unknown) => {
      this.#notice(`the configuration could not be read again: ${reasonOf(error)}`);
    });
  }

  #failure(error: unknown): AdminError {
    if (error instanceof AdminError) return error;
    const problem = valueProblem(error);
    if (problem !== undefined) return badRequest(`a value cannot be stored: ${problem}`);
    this.#notice(`a request to the database failed: ${reasonOf(error)}`);
    return unexpected();
  }
}

const reasonOf = (error: unknown): string => {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join('; ');
  return error instanceof Error ? error.message || error.name : String(error);
};
