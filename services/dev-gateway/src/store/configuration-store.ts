import { AdminError, badRequest, unexpected } from '../errors/admin-error.ts';
import type { EntitySchema } from '../schema/entity.ts';
import { ENTITIES } from '../schema/registry.ts';
import { valueProblem } from './database.ts';
import { SnapshotKeeper } from './snapshot-keeper.ts';
import type { Storage, Tables } from './tables.ts';

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

/**
 * The stored configuration: reads and writes go to the storage, and every process that follows the same storage
 * sees each change in its snapshot.
 */
export class ConfigurationStore {
  readonly snapshots: SnapshotKeeper;
  readonly #storage: Storage;
  readonly #notice: Notice;
  #unlisten: (() => Promise<void>) | undefined;

  constructor(storage: Storage, notice: Notice) {
    this.#storage = storage;
    this.#notice = notice;
    this.snapshots = new SnapshotKeeper(storage);
  }

  /** Loads the first snapshot and follows the changes of other processes. Throws when the database does not answer. */
  async start(): Promise<void> {
    this.#unlisten = await this.#storage.follow({
      onChange: (entities) => this.#refresh(new Set(entities)),
      onReconnect: () => this.#refresh(),
    });
    await this.snapshots.refresh();
  }

  async stop(): Promise<void> {
    await this.#unlisten?.();
    this.snapshots.stop();
  }

  isReachable(): Promise<boolean> {
    return this.#storage.isReachable();
  }

  /** Reads; a failure of the database becomes the Admin API's error. */
  async read<Result>(work: (tables: Tables) => Promise<Result>): Promise<Result> {
    try {
      return await this.#storage.read(work);
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
    work: (tables: Tables) => Promise<Result>,
  ): Promise<Result> {
    const entities = isRemoval ? dependents(schema.name) : new Set([schema.name]);
    // Certificates bring their SNIs along.
    if (schema.name === 'certificates') entities.add('snis');
    let result: Result;
    try {
      result = await this.#storage.write([...entities], work);
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
